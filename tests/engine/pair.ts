/**
 * Two engines on a good network in virtual time, for tests that tell one story each. The parts are
 * those of the simulator; here nothing happens by chance.
 */
import type { Command, Share } from "../../core/engine/events.ts";
import { snapshot } from "../../core/engine/snapshot.ts";
import type { EngineView } from "../../core/engine/view.ts";
import { text } from "../../core/wire/fields.ts";
import type { AutoFailback, ClusterConfig, GroupConfig, Message } from "../../core/types.ts";
import { Chance } from "../sim/chance.ts";
import { Clock } from "../sim/clock.ts";
import { Host } from "../sim/host.ts";
import { MEDIA, Network } from "../sim/network.ts";

export interface PairOptions {
  readonly autoFailback?: AutoFailback;
  /** One line of haresources each; `ha1 ip httpd`. */
  readonly groups?: readonly string[];
}

export const KEEPALIVE_MS = 1_000;
export const DEADTIME_MS = 5_000;
export const INITDEAD_MS = 30_000;

export class Pair {
  readonly clock = new Clock();
  readonly network: Network;
  readonly ha1: Host;
  readonly ha2: Host;
  /** What happened, one short line each: `ha1 start httpd`, `ha1 sends resource local 1`. */
  readonly story: string[] = [];
  /** Which resources were told to announce themselves again: `ha1 ip1`. */
  readonly announced: string[] = [];
  readonly sent: { readonly from: string; readonly message: Message }[] = [];
  /** Lines of the log, with level. */
  readonly log: string[] = [];
  #told = 0;

  constructor(options: PairOptions = {}) {
    const hosts = () => [this.ha1, this.ha2];
    this.network = new Network(this.clock, new Chance(1, "network"), false, hosts);
    this.network.weather = { loss: 0, repeat: 0, minMs: 1, maxMs: 1 };
    this.ha1 = this.#host("ha1", options);
    this.ha2 = this.#host("ha2", options);
  }

  #host(self: string, options: PairOptions): Host {
    const witness = {
      sends: (host: Host, message: Message) => {
        this.sent.push({ from: host.name, message });
        const type = text(message, "t") ?? "";
        if (type !== "status" && !type.startsWith("NS_")) {
          const words = ["rsc_hold", "isstable", "info"].map((name) => text(message, name));
          this.#tell([host.name, "sends", type, ...words.filter((word) => word !== undefined)]);
        }
        this.network.send(host, message);
      },
      starts: (host: Host, operation: { verb: string; resource: { text: string } }) => {
        if (operation.verb === "announce") {
          this.announced.push(`${host.name} ${operation.resource.text}`);
        } else if (operation.verb !== "status") {
          this.#tell([host.name, operation.verb, operation.resource.text]);
        }
      },
      ends: () => {},
      stepped: () => {},
      fooled: () => {},
      says: (host: Host, line: string) => this.log.push(`${host.name} ${line}`),
    };
    const uuid = new Uint8Array(16).fill(self.charCodeAt(2));
    const chance = new Chance(1, self);
    const host = new Host(configOf(self, options), this.clock, chance, witness, uuid, 1_000);
    host.mood = { ...host.mood, minMs: 10, maxMs: 10 };
    return host;
  }

  #tell(words: readonly string[]): void {
    this.story.push(words.join(" "));
  }

  /** Lets time pass and returns what happened since the last time. */
  pass(forMs: number): string[] {
    this.clock.run(this.clock.nowMs + forMs, () => false);
    const from = this.#told;
    this.#told = this.story.length;
    return this.story.slice(from);
  }

  /** Both boot and come to rest. */
  boot(): this {
    this.ha1.powerOn();
    this.ha2.powerOn();
    this.pass(5_000);
    return this;
  }

  order(host: Host, kind: "standby" | "takeover", share: Share): string[] {
    const command: Command = { kind, share };
    host.order(command);
    return this.pass(3_000);
  }

  /** Cuts or mends both media in both directions. */
  wires(mended: boolean): void {
    for (const medium of MEDIA) {
      for (const [from, to] of [["ha1", "ha2"], ["ha2", "ha1"]] as const) {
        if (mended) this.network.mend(from, to, medium);
        else this.network.cut(from, to, medium);
      }
    }
  }

  view(host: Host): EngineView {
    if (host.engine === null) throw new Error(`${host.name} has no daemon`);
    return snapshot(host.engine, host.at.monoMs);
  }

  /** Which groups run whole on a host, by key. */
  runs(host: Host): string[] {
    return host.config.groups.filter((group) => host.truth[group.index]?.every(Boolean))
      .map((group) => group.key);
  }
}

/** The configuration of one host of the pair. */
export function configOf(self: string, options: PairOptions = {}): ClusterConfig {
  const lines = options.groups ?? ["ha1 ip1 httpd1", "ha2 ip2 httpd2"];
  return {
    self,
    nodes: ["ha1", "ha2"],
    pingNodes: [],
    keepaliveMs: KEEPALIVE_MS,
    warntimeMs: DEADTIME_MS / 2,
    deadtimeMs: DEADTIME_MS,
    initdeadMs: INITDEAD_MS,
    hopFudge: 1,
    maxRexmitDelayMs: 250,
    autoFailback: options.autoFailback ?? "on",
    groups: lines.map(groupOf),
    startDeadlineMs: 90_000,
    stopDeadlineMs: 90_000,
    statusDeadlineMs: 20_000,
  };
}

/** One line of haresources. */
export function groupOf(line: string, index: number): GroupConfig {
  const [node = "", ...words] = line.split(" ");
  const resources = words.map((word) => ({ text: word, agent: word, args: [] }));
  return { index, key: words[0] ?? "", node, resources };
}
