/**
 * Both hosts send small signed questions over every configured medium and answer each other's on
 * the medium on which they came: so it shows what arrives, how long the way there and back takes,
 * and what is lost. It runs instead of a daemon, never beside one on the same host.
 *
 * To a daemon on the other host, ours or the original, these are reliability messages for somebody
 * else: it verifies and drops them (wire-protocol §10.2, rule 2).
 */
import { setTimeout as delay } from "node:timers/promises";
import { createMedium } from "../../transports/create_medium.ts";
import type { HeartbeatConfig } from "../config/heartbeat_config.ts";
import { Reactor } from "../os/reactor.ts";
import type { Field, MediumConfig, Message } from "../types.ts";
import { decimalNumber, text } from "../wire/fields.ts";
import { Media } from "./media.ts";

/** What one medium did, from the moment at which the other host was heard on any of them. */
export interface TrialResult {
  readonly title: string;
  /** Of the port or interface on this host. */
  readonly usable: boolean;
  readonly reason: string;
  readonly asked: number;
  readonly answered: number;
  /** Times there and back, sorted, in milliseconds. */
  readonly roundTripsMs: readonly number[];
  /** What came from the other host: questions of such a trial there, beats of a daemon. */
  readonly heardQuestions: boolean;
  readonly heardDaemon: boolean;
  /** Packets in the other host's name that did not verify. */
  readonly heardOtherKey: boolean;
}

export interface TrialTimes {
  /** How long to wait until the other host is heard. */
  readonly waitMs: number;
  /** How long to ask after that. */
  readonly lengthMs: number;
}

const TYPE = "NS_mediatest";
/** No node: who takes part looks for this word, daemons look for their own names. */
const DESTINATION = "*mediatest*";
const MIN_INTERVAL_MS = 250;
/** A question and an answer with their repair lines, and air, at ten bits a byte. */
const EXCHANGE_BITS = 700 * 10;
/** The last questions of both sides may be answered for so long. */
const LAST_ANSWERS_MS = 2_000;

/**
 * Tries all media of the configuration at once; both hosts end at about the same time, because both
 * count from their first contact.
 * @returns one result a medium, in the order of ha.cf
 */
export async function tryMedia(
  config: HeartbeatConfig,
  times: TrialTimes,
): Promise<readonly TrialResult[]> {
  const reactor = new Reactor((error) => {
    throw error;
  });
  const contact = Promise.withResolvers<boolean>();
  const trials = config.media.map((medium) =>
    new MediumTrial(medium, config, reactor, () => contact.resolve(true))
  );
  const waiting = setTimeout(() => contact.resolve(false), times.waitMs);
  const heard = await contact.promise;
  clearTimeout(waiting);
  for (const trial of trials) trial.count();
  if (heard) await delay(times.lengthMs);
  for (const trial of trials) trial.stopAsking();
  if (heard) await delay(LAST_ANSWERS_MS);
  const results = trials.map((trial) => trial.end());
  await reactor.stop();
  return results;
}

/** One medium; it asks and answers from its construction on. */
class MediumTrial {
  readonly #media: Media;
  readonly #config: HeartbeatConfig;
  readonly #contact: () => void;
  readonly #run = crypto.randomUUID().slice(0, 8);
  readonly #timer: number;
  #next = 1;
  #first = Infinity;
  /** Instants of the questions that count and have no answer yet. */
  readonly #open = new Map<number, number>();
  readonly #roundTripsMs: number[] = [];
  #heardQuestions = false;
  #heardDaemon = false;
  #heardOtherKey = false;

  constructor(
    medium: MediumConfig,
    config: HeartbeatConfig,
    reactor: Reactor,
    contact: () => void,
  ) {
    this.#config = config;
    this.#contact = contact;
    this.#media = new Media({
      self: config.cluster.self,
      media: [createMedium(medium, reactor)],
      keys: config.keys,
      messageFormat: config.messageFormat,
      logBadPackets: false,
      log: () => {},
      received: (_link, message) => this.#received(message),
      reported: () => {},
      others: config.cluster.nodes.filter((name) => name !== config.cluster.self),
      unverified: () => (this.#heardOtherKey = true),
    });
    this.#media.open();
    const lineMs = medium.kind === "serial" ? 1000 * EXCHANGE_BITS / medium.baud : 0;
    this.#timer = setInterval(() => this.#ask(), Math.max(MIN_INTERVAL_MS, lineMs));
  }

  /** Questions count from here on. */
  count(): void {
    this.#first = this.#next;
  }

  stopAsking(): void {
    clearInterval(this.#timer);
  }

  end(): TrialResult {
    const [view] = this.#media.views;
    this.#media.close();
    const answered = this.#roundTripsMs.length;
    return {
      ...{ title: view?.title ?? "", usable: view?.usable ?? false, reason: view?.reason ?? "" },
      ...{ asked: answered + this.#open.size, answered },
      roundTripsMs: this.#roundTripsMs.toSorted((a, b) => a - b),
      ...{ heardQuestions: this.#heardQuestions, heardDaemon: this.#heardDaemon },
      heardOtherKey: this.#heardOtherKey,
    };
  }

  #ask(): void {
    const question = this.#next++;
    if (question >= this.#first) this.#open.set(question, performance.now());
    this.#send("question", question, this.#run);
  }

  #received(message: Message): void {
    const { self, nodes } = this.#config.cluster;
    const source = text(message, "src") ?? "";
    if (source === self || !nodes.includes(source)) return;
    if (text(message, "t") !== TYPE || text(message, "dest") !== DESTINATION) {
      this.#heardDaemon ||= text(message, "t") === "status";
      return;
    }
    this.#contact();
    const run = text(message, "run") ?? "";
    const question = decimalNumber(message, "question");
    const answer = decimalNumber(message, "answer");
    if (question !== undefined) {
      this.#heardQuestions = true;
      this.#send("answer", question, run);
    } else if (answer !== undefined && run === this.#run) this.#answered(answer);
  }

  #answered(question: number): void {
    const askedMs = this.#open.get(question);
    if (askedMs === undefined) return;
    this.#open.delete(question);
    this.#roundTripsMs.push(performance.now() - askedMs);
  }

  #send(word: "question" | "answer", number: number, run: string): void {
    this.#media.send([
      ...[field("t", TYPE), field("dest", DESTINATION), field("src", this.#config.cluster.self)],
      field("ts", Math.floor(Date.now() / 1000).toString(16)),
      ...[field("run", run), field(word, String(number))],
    ]);
  }
}

function field(name: string, value: string): Field {
  return { type: 0, name, value };
}
