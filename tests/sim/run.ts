/**
 * One simulated life of a pair: faults for a while, then peace, then judgement. The seed alone
 * decides everything; the same seed gives the same trace hash.
 */
import type { ClusterConfig, GroupConfig } from "../../core/types.ts";
import { text } from "../../core/wire/fields.ts";
import { Chance } from "./chance.ts";
import { Checkers, patience, silentMs } from "./checkers.ts";
import { Clock } from "./clock.ts";
import { drawFaults, type Fault } from "./faults.ts";
import { GOOD_MOOD } from "./agent_mood.ts";
import { Host } from "./host.ts";
import type { Witness } from "./witness.ts";
import { MEDIA, Network } from "./network.ts";
import { carrier, confirm, edit, retry, unreach } from "./repairs.ts";

export interface RunOptions {
  readonly seed: number;
  /** Faults to play instead of those that the seed draws. */
  readonly faults?: readonly Fault[];
  /** Called with each line of the event log. */
  readonly say?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly violations: readonly string[];
  readonly steps: number;
  readonly simulatedMs: number;
  /** Of every event and effect; equal for equal seeds. */
  readonly traceHash: number;
}

/** Often enough to count as beats. */
const FORGED_EVERY_MS = 100;
const NAMES = ["ha1", "ha2"] as const;
/** One start or stop of the simulated agents may take so long. */
const DEADLINE_MS = 5_000;
/** How long two owners may last when nothing is in the way: the stop of a group … */
const GOOD_AGENTS_MS = 5_000;
/** … and when each of its members may hang and fail several times. */
const BAD_AGENTS_MS = 120_000;

function timesOf(keepaliveMs: number, deadtimeMs: number) {
  return { keepaliveMs, warntimeMs: deadtimeMs / 2, deadtimeMs, initdeadMs: deadtimeMs * 2 };
}

function drawConfig(chance: Chance): Omit<ClusterConfig, "self"> {
  const keepaliveMs = chance.pick([100, 500, 1000]);
  // Now and then many beats fit into deadtime, so that histories and windows overflow before it.
  const beats = chance.happens(0.1) ? chance.whole(100, 400) : chance.whole(3, 10);
  const deadtimeMs = keepaliveMs * beats;
  const groups: GroupConfig[] = [];
  const count = chance.whole(1, 4);
  for (let index = 0; index < count; index += 1) {
    const resources = Array.from({ length: chance.whole(1, 3) }, (_, at) => {
      const word = `r${index}${"abc"[at]}`;
      return { text: word, agent: word, args: [] };
    });
    groups.push({ index, key: `r${index}a`, node: chance.pick(NAMES), resources });
  }
  return {
    nodes: NAMES,
    pingNodes: [],
    ...timesOf(keepaliveMs, deadtimeMs),
    hopFudge: 1,
    maxRexmitDelayMs: 250,
    autoFailback: chance.pick(["on", "off", "legacy"]),
    groups,
    startDeadlineMs: DEADLINE_MS,
    stopDeadlineMs: DEADLINE_MS,
    statusDeadlineMs: DEADLINE_MS,
  };
}

/** Plays one seed to its end. */
export function run(options: RunOptions): RunResult {
  return new Run(options).play();
}

class Run {
  readonly #clock = new Clock();
  readonly #chance: Chance;
  readonly #config: Omit<ClusterConfig, "self">;
  readonly #faults: readonly Fault[];
  readonly #hosts: readonly Host[];
  readonly #network: Network;
  readonly #checkers: Checkers;
  readonly #lengthMs: number;
  /** The longest that was ever in force. */
  readonly #deadtimeMs: number;
  #steps = 0;
  #hash = 2166136261;
  /** When the hosts last could not see each other. */
  #blindMs = -Infinity;
  #lastHappeningMs = 0;

  constructor(private readonly options: RunOptions) {
    const { seed } = options;
    this.#chance = new Chance(seed, "run");
    this.#config = drawConfig(new Chance(seed, "config"));
    const { deadtimeMs, keepaliveMs } = this.#config;
    this.#lengthMs = deadtimeMs * this.#chance.whole(5, deadtimeMs > 20 * keepaliveMs ? 8 : 30);
    this.#faults = options.faults ?? drawFaults(seed, this.#lengthMs, this.#config.deadtimeMs);
    this.#deadtimeMs = Math.max(
      deadtimeMs,
      ...this.#faults.map((fault) => fault.kind === "retime" ? fault.deadtimeMs : 0),
    );
    this.#network = new Network(
      this.#clock,
      new Chance(seed, "network"),
      this.#chance.happens(0.1),
      () => this.#hosts,
    );
    this.#hosts = NAMES.map((self) => this.#newHost(self));
    this.#checkers = new Checkers(
      () => this.#hosts,
      () => this.#clock.nowMs,
      () => this.#excused(),
      this.#faults.some(({ kind }) => kind === "agents" || kind === "jam")
        ? BAD_AGENTS_MS
        : GOOD_AGENTS_MS,
    );
  }

  #newHost(self: string): Host {
    const chance = new Chance(this.options.seed, `host ${self}`);
    const uuid = new Uint8Array(16).fill(self.charCodeAt(2));
    const bootOffsetMs = Math.round(chance.between(0, 1e7));
    const config = { ...this.#config, self };
    return new Host(config, this.#clock, chance, this.#witness(), uuid, bootOffsetMs);
  }

  #witness(): Witness {
    return {
      sends: (host, message) => {
        const type = text(message, "t");
        if (type !== "status" && type?.startsWith("NS_") !== true) {
          const words = ["rsc_hold", "isstable", "info"].map((name) => text(message, name));
          this.#say(host, `sends ${type} ${words.filter((word) => word !== undefined).join(" ")}`);
          this.#lastHappeningMs = this.#clock.nowMs;
        }
        this.#network.send(host, message);
      },
      starts: (host, operation) => {
        this.#say(host, `${operation.verb} ${operation.resource.text}`);
        this.#lastHappeningMs = this.#clock.nowMs;
        this.#checkers.operationStarts(host, operation);
      },
      ends: (host, operation, outcome) => {
        this.#say(host, `${operation.verb} ${operation.resource.text} → ${outcome.kind}`);
        this.#checkers.operationEnds(host, operation, outcome);
      },
      stepped: (host, event, effects) => {
        this.#steps += 1;
        this.#mix(`${host.name}${event.kind}${event.at.monoMs}${effects.length}`);
        this.#checkers.stepped(host, event, effects);
      },
      fooled: (host, message) =>
        this.#checkers.fooled(host, message === null ? "forged beat" : text(message, "t") ?? "?"),
      says: (host, line) => this.#say(host, line),
    };
  }

  #mix(words: string): void {
    for (let at = 0; at < words.length; at += 1) {
      this.#hash = Math.imul(this.#hash ^ words.charCodeAt(at), 16777619) >>> 0;
    }
  }

  #say(host: Host, line: string): void {
    this.options.say?.(`${(this.#clock.nowMs / 1000).toFixed(3).padStart(9)} ${host.name} ${line}`);
  }

  play(): RunResult {
    const { seed } = this.options;
    const started = this.#chance.between(0, this.#config.initdeadMs * 1.5);
    this.#hosts.forEach((host, at) => {
      // Usually both boot together, sometimes one long after the other.
      const delayMs = at === 0 ? 0 : this.#chance.happens(0.7) ? started / 50 : started;
      this.#clock.after(delayMs, () => host.powerOn());
    });
    for (const fault of this.#faults) this.#clock.at(fault.atMs, () => this.#strike(fault));
    try {
      this.#clock.run(this.#lengthMs, () => this.#isBroken());
      if (!this.#isBroken()) this.#peace();
    } catch (error) {
      this.#checkers.violations.push(`the engine threw: ${error}`);
    }
    return {
      seed,
      faults: this.#faults,
      violations: this.#checkers.violations,
      steps: this.#steps,
      simulatedMs: this.#clock.nowMs,
      traceHash: this.#hash,
    };
  }

  #isBroken(): boolean {
    return this.#checkers.violations.length > 0;
  }

  /** Heals everything, waits as long as is promised, judges, and listens for silence. */
  #peace(): void {
    const broken = () => this.#isBroken();
    // Faults that still last end by themselves within this.
    const tailMs = Math.max(
      0,
      ...this.#faults.map((f) => "forMs" in f ? f.atMs + f.forMs - this.#clock.nowMs : 0),
    );
    this.#clock.run(this.#clock.nowMs + tailMs + 1, broken);
    for (const host of this.#hosts) {
      host.mood = { ...GOOD_MOOD };
      unreach(host, []);
      host.powerOn();
      host.startDaemon();
    }
    // Joining, the longest wait before a new try, and the work itself.
    const boundMs = 3 * this.#deadtimeMs + 60_000 + 60_000;
    this.#clock.run(this.#clock.nowMs + boundMs, broken);
    if (this.#faults.some(({ kind }) => kind === "edit")) this.#mendFiles(boundMs);
    if (broken()) return;
    this.#checkers.converged();
    const fromMs = this.#clock.nowMs;
    this.#clock.run(fromMs + 60_000, broken);
    if (this.#lastHappeningMs > fromMs) {
      this.#checkers.violations.push(
        `no silence after the faults: something happened at ${this.#lastHappeningMs / 1000}`,
      );
    }
  }

  /** Different files keep no group from running once; then both read the same, one after the other. */
  #mendFiles(boundMs: number): void {
    this.#checkers.eachRunsOnce();
    for (const host of this.#hosts) edit(host, this.#config.groups.map(({ node }) => node));
    for (const host of this.#hosts) {
      host.restartAfterMs = 100;
      host.order({ kind: "stop" });
      this.#clock.run(this.#clock.nowMs + boundMs, () => this.#isBroken());
    }
  }

  /** Two owners are nobody's fault for a while after the hosts could not see each other. */
  #excused(): boolean {
    const { nowMs } = this.#clock;
    const blind = this.#hosts.some((host) =>
      // Its resources run on without a daemon, or it stands still …
      (host.powered && !host.awake) ||
      // … or can neither hear nor speak by its own fault, and keeps what it held …
      host.isDeaf ||
      // … or it has heard nothing for so long that it had to take over.
      (host.awake && silentMs(host, nowMs) >= patience(host) - 1)
    );
    if (blind) this.#blindMs = nowMs;
    // The first words afterwards, and an operation under way.
    return nowMs - this.#blindMs < this.#deadtimeMs + 3_000 + DEADLINE_MS;
  }

  #strike(fault: Fault): void {
    const host = this.#hosts[fault.host];
    const other = this.#hosts[1 - fault.host];
    if (host === undefined || other === undefined) return;
    this.#say(host, `*** ${JSON.stringify(fault)}`);
    const later = (act: () => void) =>
      "forMs" in fault ? this.#clock.after(fault.forMs, act) : undefined;
    switch (fault.kind) {
      case "power":
        host.powerOff();
        later(() => host.powerOn());
        return;
      case "kill":
        host.killDaemon();
        later(() => host.startDaemon());
        return;
      case "freeze":
        return host.freeze(fault.forMs);
      case "stop":
        host.restartAfterMs = fault.forMs;
        return host.order({ kind: "stop" });
      case "cut":
      case "deafen":
        return this.#cut(fault, host, other);
      case "lose":
        host.provenAlone = true;
        host.shut(fault.media, 1);
        this.#cut({ ...fault, kind: "cut" }, host, other);
        later(() => host.shut(fault.media, -1));
        return;
      case "shut":
        host.killDaemon();
        host.shut(fault.media, 1);
        host.startDaemon();
        this.#cut({ ...fault, kind: "cut" }, host, other);
        later(() => host.shut(fault.media, -1));
        return;
      case "weather":
        this.#network.weather = {
          loss: fault.loss,
          repeat: fault.loss / 2,
          minMs: 0,
          maxMs: fault.maxMs,
        };
        later(() => (this.#network.weather = { loss: 0, repeat: 0, minMs: 0.1, maxMs: 2 }));
        return;
      case "agents":
        host.mood = {
          failStart: fault.bad,
          failStop: fault.bad / 2,
          failStatus: fault.bad / 4,
          hang: fault.bad / 8,
          minMs: 0,
          maxMs: fault.slowMs,
        };
        later(() => (host.mood = { ...GOOD_MOOD }));
        return;
      case "standby":
      case "takeover":
        return host.order({ kind: fault.kind, share: fault.share });
      case "key":
        host.otherKeys += 1;
        later(() => (host.otherKeys -= 1));
        return;
      case "forge": {
        const endMs = this.#clock.nowMs + fault.forMs;
        const once = () => {
          if (this.#clock.nowMs >= endMs) return;
          for (const medium of MEDIA) host.hearForged(medium, other.name, true);
          this.#clock.after(FORGED_EVERY_MS, once);
        };
        return once();
      }
      case "jam": {
        const all = host.config.groups.flatMap(({ resources }) =>
          resources.map(({ text }) => text)
        );
        for (const text of all) host.stuck.add(text);
        later(() => host.stuck.clear());
        return;
      }
      case "unreach":
        unreach(host, fault.groups);
        later(() => unreach(host, []));
        return;
      case "carrier":
        return carrier(host);
      case "retry":
        return retry(host, fault.group);
      case "confirm":
        return confirm(host, other.name);
      case "replay":
        for (let n = 0; n < fault.times; n += 1) this.#network.replay();
        return;
      case "clock":
        host.wallOffsetS += fault.byS;
        return;
      case "reload":
        return host.reload();
      case "retime": {
        const times = timesOf(fault.keepaliveMs, fault.deadtimeMs);
        host.reload(times);
        later(() => other.reload(times));
        return;
      }
      case "edit":
        return edit(host, fault.homes);
      default: {
        const never: never = fault;
        throw new Error(`fault ${JSON.stringify(never)} is not known`);
      }
    }
  }

  #cut(fault: Fault & { kind: "cut" | "deafen" }, host: Host, other: Host): void {
    for (const medium of fault.media) {
      this.#network.cut(other.name, host.name, medium);
      if (fault.kind === "cut") this.#network.cut(host.name, other.name, medium);
      this.#clock.after(fault.forMs, () => {
        this.#network.mend(other.name, host.name, medium);
        if (fault.kind === "cut") this.#network.mend(host.name, other.name, medium);
      });
    }
  }
}
