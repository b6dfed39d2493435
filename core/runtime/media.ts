/**
 * All media of this node as one: signs and encodes what leaves, verifies and decodes what comes,
 * counts what is dropped and complains about it at a bounded rate. It knows nothing of nodes.
 */
import type { Medium, MediumStats } from "../../transports/contract.ts";
import type { MediumReport, UnverifiedReport } from "../engine/events.ts";
import type { AuthKeys, LogLevel, Message } from "../types.ts";
import { encodeClassic } from "../wire/classic.ts";
import { text } from "../wire/fields.ts";
import { decodeFrame } from "../wire/decode.ts";
import { encodeNetstring } from "../wire/netstring.ts";
import { LoadAverage } from "./load_average.ts";
import type { DropCause, DroppedPackets, MediumView } from "./protocol.ts";
import { RateLimit, WINDOW_MS } from "./rate_limit.ts";
import { UnverifiedPackets } from "./unverified_packets.ts";

export interface MediaOptions {
  /** Our name as a sender: what we broadcast comes back to us, and is not counted as received. */
  readonly self: string;
  readonly media: readonly Medium[];
  readonly keys: AuthKeys;
  /** `msgfmt` of ha.cf: `classic` adds the inner signature that 3.0.6 adds (wire-protocol §5). */
  readonly messageFormat: "classic" | "netstring";
  /** `log_badpack`: whether dropped packets are logged; they are counted anyway. */
  readonly logBadPackets: boolean;
  log(level: LogLevel, text: string): void;
  /** A verified message, with the name of the link on which it came and the number of its key. */
  received(link: string, message: Message, keyNumber: number): void;
  reported(report: MediumReport): void;
  /** The other nodes, and what is called when a packet in their names does not verify. */
  readonly others: readonly string[];
  unverified(report: UnverifiedReport): void;
}

interface State {
  readonly medium: Medium;
  usable: boolean;
  reason: string;
  /** Null before its first word. */
  open: boolean | null;
  /** Of what the medium received, what this node had sent. */
  ownFrames: number;
  ownBytes: number;
}

/** How long a medium may take to say whether it could be opened; a serial line takes 250 ms. */
const OPENING_MS = 1_000;

export class Media {
  readonly #options: MediaOptions;
  readonly #states: readonly State[];
  readonly #dropped = new Map<DropCause, number>();
  readonly #complaints = new RateLimit();
  readonly #load = new LoadAverage();
  readonly #unverified: UnverifiedPackets;
  #keys: AuthKeys;
  #summary: number | undefined;
  #slow: number | undefined;
  readonly #tried = Promise.withResolvers<void>();

  constructor(options: MediaOptions) {
    this.#options = options;
    this.#keys = options.keys;
    this.#unverified = new UnverifiedPackets(
      options.others,
      (report) => options.unverified(report),
    );
    this.#states = options.media.map((medium) => ({
      ...{ medium, usable: false, reason: "not open", open: null },
      ...{ ownFrames: 0, ownBytes: 0 },
    }));
  }

  open(): void {
    for (const state of this.#states) {
      state.medium.open({
        received: (frame) => this.#received(state, frame),
        usable: (usable, reason, open) => this.#report(state, usable, reason, open),
      });
    }
    if (!this.#allTried()) this.#slow = setTimeout(() => this.#reportSlow(), OPENING_MS);
  }

  /** Resolves when each medium was opened or said why not. */
  get tried(): Promise<void> {
    return this.#tried.promise;
  }

  close(): void {
    clearTimeout(this.#slow);
    this.#tried.resolve();
    clearTimeout(this.#summary);
    this.#summary = undefined;
    for (const { medium } of this.#states) medium.close();
  }

  /** From the next packet on, in both directions. */
  set keys(keys: AuthKeys) {
    this.#keys = keys;
  }

  /**
   * Signs and sends on every medium: netstring on the network, as 3.0.6 does, and classic on
   * serial lines, where nothing else is understood (wire-protocol §5).
   */
  send(message: Message): void {
    const complete = this.#withLoad(message);
    let netstring: Uint8Array | undefined;
    let classic: Uint8Array | undefined;
    try {
      for (const { medium } of this.#states) {
        medium.send(
          medium.kind === "serial"
            ? classic ??= encodeClassic(complete, this.#keys, { trailingNul: false })
            : netstring ??= encodeNetstring(complete, this.#keys, {
              innerAuth: this.#options.messageFormat === "classic",
            }),
        );
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#drop("unsendable", error.message);
    }
  }

  get views(): readonly MediumView[] {
    return this.#states.map(({ medium, usable, reason, open, ownFrames, ownBytes }) => ({
      kind: medium.kind,
      name: medium.name,
      title: medium.title,
      usable,
      open: open === true,
      reason,
      stats: withoutOwn(medium.stats(), ownFrames, ownBytes),
    }));
  }

  /** Packets dropped before the engine, by cause. */
  get dropped(): DroppedPackets {
    return Object.fromEntries(this.#dropped);
  }

  /** `ld` stands before `ttl`, and nowhere in `NS_*` messages (wire-protocol §8). */
  #withLoad(message: Message): Message {
    const type = message.find((field) => field.name === "t");
    if (type?.type === 0 && type.value.startsWith("NS_")) return message;
    const ttl = message.findIndex((field) => field.name === "ttl");
    const load = { type: 0, name: "ld", value: this.#load.text } as const;
    return message.toSpliced(ttl < 0 ? message.length : ttl, 0, load);
  }

  #received(state: State, frame: Uint8Array): void {
    const { medium } = state;
    const decoded = decodeFrame(frame, this.#keys);
    if (decoded.kind === "message") {
      if (text(decoded.message, "src") === this.#options.self) {
        state.ownFrames++;
        state.ownBytes += frame.length;
      }
      this.#options.received(medium.name, decoded.message, decoded.keyNumber);
      return;
    }
    this.#drop(decoded.cause, `on ${medium.title}: ${decoded.detail}`);
    this.#unverified.note(medium.name, frame, decoded.cause, performance.now());
  }

  #report(state: State, usable: boolean, reason: string, open: boolean): void {
    const { name: medium, title } = state.medium;
    Object.assign(state, { usable, reason, open });
    this.#options.reported({ medium, title, usable, open, reason });
    this.#allTried();
  }

  #allTried(): boolean {
    if (this.#states.some(({ open }) => open === null)) return false;
    clearTimeout(this.#slow);
    this.#tried.resolve();
    return true;
  }

  /** Whoever takes long, for a name service for example, cannot be heard meanwhile. */
  #reportSlow(): void {
    for (const state of this.#states) {
      if (state.open === null) this.#report(state, false, "is still being opened", false);
    }
  }

  #drop(cause: DropCause, detail: string): void {
    this.#dropped.set(cause, (this.#dropped.get(cause) ?? 0) + 1);
    if (!this.#options.logBadPackets) return;
    if (this.#complaints.admit(cause, performance.now())) {
      this.#options.log("warn", `Packet dropped (${cause}) ${detail}`);
    } else {
      this.#summary ??= setTimeout(() => this.#summarize(), WINDOW_MS);
    }
  }

  #summarize(): void {
    this.#summary = undefined;
    for (const { cause, suppressed } of this.#complaints.expire(performance.now())) {
      this.#options.log("warn", `${suppressed} more packet(s) dropped (${cause}) in that minute`);
    }
  }
}

function withoutOwn(stats: MediumStats, frames: number, bytes: number): MediumStats {
  return {
    ...stats,
    receivedFrames: stats.receivedFrames - frames,
    receivedBytes: stats.receivedBytes - bytes,
  };
}
