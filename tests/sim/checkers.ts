/**
 * The judges. They watch what hosts do and what really runs, know nothing of the engine's reasons,
 * and write down each broken promise of design section 5. They look after every step.
 */
import type { Effect } from "../../core/engine/effects.ts";
import type { Event } from "../../core/engine/events.ts";
import { obstacle } from "../../core/engine/obstacles.ts";
import type { Operation, Outcome } from "../../core/types.ts";
import type { Host } from "./host.ts";
import { placeOf } from "./place.ts";

/** Bounds that the engine promises for what it keeps (outbox.ts, window.ts). */
const HISTORY_LIMIT = 500;
const GAP_LIMIT = 500;
const TIMER_LIMIT = 40;

interface Belief {
  /** What each member of a group is, as far as outcomes told: true, false, or null (unknown). */
  members: (boolean | null)[];
  running: Operation | null;
  /** The member whose start failed, until it and all that ran before it are stopped. */
  failed: number | null;
  /** A start, or a stop, failed since it was last whole, or wholly stopped. */
  ill: { start: boolean; stop: boolean };
}

export class Checkers {
  readonly violations: string[] = [];
  /** When each group began to run on more than one host. */
  #dualSince = new Map<number, number>();
  #beliefs = new Map<string, Belief>();
  #lives = new Map<string, unknown>();
  /** Hosts that came by a group in a rightful way, and when they last started something of it. */
  #rightful = new Map<string, number>();
  /** Orders that the present life of each host has not answered yet. */
  #orders = new Map<string, { readonly life: unknown; readonly open: Set<number> }>();

  /**
   * @param excused whether the two hosts lost sight of each other lately, so that two owners are
   * nobody's fault
   * @param patienceMs how long two owners may last once nothing is in the way
   */
  constructor(
    private readonly hosts: () => readonly Host[],
    private readonly nowMs: () => number,
    private readonly excused: () => boolean,
    private readonly patienceMs: number,
  ) {}

  #broken(text: string): void {
    this.violations.push(`${(this.nowMs() / 1000).toFixed(3)} ${text}`);
  }

  #belief(host: Host, group: number): Belief {
    if (this.#lives.get(host.name) !== host.engine) {
      this.#lives.set(host.name, host.engine);
      for (const key of this.#beliefs.keys()) {
        if (key.startsWith(`${host.name}/`)) this.#beliefs.delete(key);
      }
    }
    const key = `${host.name}/${group}`;
    let belief = this.#beliefs.get(key);
    if (belief === undefined) {
      const count = host.config.groups[group]?.resources.length ?? 0;
      belief = {
        members: new Array<boolean | null>(count).fill(null),
        running: null,
        failed: null,
        ill: { start: false, stop: false },
      };
      this.#beliefs.set(key, belief);
    }
    return belief;
  }

  operationStarts(host: Host, operation: Operation): void {
    if (operation.verb === "announce" || operation.aside) return;
    const { group, member: at } = placeOf(host.config, operation.resource);
    const belief = this.#belief(host, group);
    const words = `${host.name} ${operation.verb} ${operation.resource.text}`;
    if (belief.running !== null) this.#broken(`${words}: another operation of the group runs`);
    belief.running = operation;
    if (operation.verb !== "status") this.#inTurn(host, group, operation.verb, words);
    if (operation.verb === "start") {
      if (belief.members.slice(0, at).some((member) => member !== true)) {
        this.#broken(`${words}: what stands before it does not run`);
      }
      if (belief.failed !== null) {
        this.#broken(`${words}: the failed start before was not rolled back`);
      }
      if (host.shouldWait) this.#broken(`${words}: it is deaf by its own fault`);
      if (host.isHeldByKey) this.#broken(`${words}: beats come with another key`);
      if (host.knownLeft.has(operation.resource.text)) {
        this.#broken(`${words}: the other host left it running, and nobody said that it is off`);
      }
      this.#startedElsewhere(host, group, words);
    } else if (operation.verb === "stop") {
      if (belief.members.slice(at + 1).some((member) => member === true)) {
        this.#broken(`${words}: what stands behind it still runs`);
      }
    }
  }

  /** Lines of one home start in file order and stop in reverse, unless one of them went wrong. */
  #inTurn(host: Host, group: number, verb: "start" | "stop", words: string): void {
    const lines = host.engine?.config.groups ?? [];
    const home = lines[group]?.node;
    for (const { index, node } of lines) {
      const comesFirst = verb === "start" ? index < group : index > group;
      if (node !== home || !comesFirst) continue;
      const { running, ill } = this.#belief(host, index);
      if (running?.verb !== verb || ill[verb] || this.#belief(host, index).failed !== null) {
        continue;
      }
      this.#broken(`${words}: ${running.resource.text}, whose turn comes first, is not through`);
    }
  }

  /** What runs elsewhere may be started after a whole deadtime of silence, and in no other case. */
  #startedElsewhere(host: Host, group: number, words: string): void {
    const key = `${host.name}/${group}`;
    const elsewhere = this.hosts().find((other) =>
      other !== host && other.truth[group]?.includes(true)
    );
    const since = this.#rightful.get(key);
    // Two owners already, or one in the middle of its tries: this start does not make them two.
    const owner = host.truth[group]?.includes(true) === true ||
      (since !== undefined && this.nowMs() - since < this.patienceMs);
    // The other one took over a moment ago, and not a beat of it has come through since.
    const begun = this.#rightful.get(`${elsewhere?.name}/${group}`) ?? -Infinity;
    const ignorant = (host.beatHeardMs ?? -Infinity) < begun;
    const silent = silentMs(host, this.nowMs()) >= patience(host);
    if (elsewhere !== undefined && !owner && !ignorant && !silent) {
      this.#broken(
        `${words}: the group runs on ${elsewhere.name}, which was heard ` +
          `${silentMs(host, this.nowMs()).toFixed(0)} ms ago`,
      );
    }
    this.#rightful.set(key, this.nowMs());
  }

  /** A dead peer is noticed in time. */
  #noticed(host: Host): void {
    const { engine } = host;
    if (engine?.phase !== "stable" || !host.awake || host.beatHeardMs === null) return;
    const graceMs = patience(host) + 100;
    // Silence proves nothing to a node that has let itself be opened no medium.
    if (host.isDeaf || this.nowMs() - host.deafMs < graceMs) return;
    if (this.nowMs() - host.frozenMs < graceMs || silentMs(host, this.nowMs()) < graceMs) return;
    const peer = engine.peerName === null ? undefined : engine.nodes.get(engine.peerName);
    if (peer !== undefined && peer.status !== "dead") {
      this.#broken(`${host.name} does not notice that ${peer.name} is silent`);
    }
  }

  fooled(host: Host, what: string): void {
    this.#broken(`${host.name} was changed by a recorded or forged ${what}`);
  }

  operationEnds(host: Host, operation: Operation, outcome: Outcome): void {
    if (operation.verb === "announce" || operation.aside) return;
    const { group, member: at } = placeOf(host.config, operation.resource);
    const belief = this.#belief(host, group);
    belief.running = null;
    if (outcome.kind === "ok") belief.members[at] = operation.verb === "start";
    else if (outcome.kind === "running") belief.members[at] = true;
    else if (outcome.kind === "stopped") belief.members[at] = false;
    else belief.members[at] = null;
    if (operation.verb === "start" && outcome.kind !== "ok") belief.failed = at;
    const { failed, members, ill } = belief;
    if (operation.verb !== "status" && outcome.kind !== "ok") ill[operation.verb] = true;
    if (members.every((member) => member === true)) ill.start = false;
    if (members.every((member) => member === false)) ill.stop = false;
    if (failed !== null && members[failed] === false && !members.includes(true)) {
      belief.failed = null;
    }
  }

  stepped(host: Host, event: Event, effects: readonly Effect[]): void {
    this.#bounds(host);
    this.#pauses(host, effects);
    this.#noticed(host);
    this.#answers(host, event, effects);
    if (event.kind === "operation" || event.kind === "message" || event.kind === "timer") {
      this.#owners();
    }
  }

  /** A host believes that it was paused only when it was. */
  #pauses(host: Host, effects: readonly Effect[]): void {
    if (this.nowMs() - host.frozenMs < 2 * host.config.keepaliveMs) return;
    const paused = effects.some((one) =>
      one.kind === "log" && /^This host was paused/.test(one.text)
    );
    if (paused) this.#broken(`${host.name} takes itself for paused and was not`);
  }

  /** Each order has one answer, and the last ones come before the end of a life. */
  #answers(host: Host, event: Event, effects: readonly Effect[]): void {
    // The exit of this very step has taken the engine away.
    const life = host.engine ?? this.#orders.get(host.name)?.life;
    let orders = this.#orders.get(host.name);
    if (orders?.life !== life) orders = undefined;
    orders ??= { life, open: new Set() };
    this.#orders.set(host.name, orders);
    if (event.kind === "command") orders.open.add(event.id);
    for (const effect of effects) {
      if (effect.kind === "reply" && !orders.open.delete(effect.id)) {
        this.#broken(`${host.name} answers order ${effect.id}, which does not wait`);
      }
      if (effect.kind === "exit" && orders.open.size > 0) {
        this.#broken(`${host.name} ends without an answer to ${orders.open.size} orders`);
      }
    }
  }

  #bounds(host: Host): void {
    const { engine } = host;
    if (engine === null) return;
    if (engine.history.size > HISTORY_LIMIT) this.#broken(`${host.name}: history is not bounded`);
    if (engine.timers.size > TIMER_LIMIT) {
      this.#broken(`${host.name}: ${engine.timers.size} timers: ${[...engine.timers.keys()]}`);
    }
    for (const node of engine.nodes.values()) {
      if (node.window.gaps.size > GAP_LIMIT) this.#broken(`${host.name}: gaps are not bounded`);
    }
  }

  /** Two owners for longer than patience, without excuse. */
  #owners(): void {
    const hosts = this.hosts();
    const groups = hosts[0]?.config.groups.length ?? 0;
    for (let group = 0; group < groups; group += 1) {
      const owners = hosts.filter((host) => host.truth[group]?.includes(true));
      if (owners.length < 2 || this.excused()) {
        this.#dualSince.delete(group);
        continue;
      }
      const since = this.#dualSince.get(group);
      if (since === undefined) this.#dualSince.set(group, this.nowMs());
      else if (this.nowMs() - since > this.patienceMs) {
        this.#dualSince.set(group, Infinity);
        this.#broken(
          `group ${group} has run on two hosts for ${this.patienceMs} ms without excuse`,
        );
      }
    }
  }

  /** After the faults: each group runs whole on one host. */
  eachRunsOnce(): void {
    const hosts = this.hosts();
    for (const group of hosts[0]?.config.groups ?? []) {
      const whole = hosts.filter((host) => host.truth[group.index]?.every(Boolean));
      const some = hosts.filter((host) => host.truth[group.index]?.includes(true));
      if (whole.length !== 1 || some.length !== 1) {
        this.#broken(
          `after the faults group ${group.index} (home ${group.node}) runs whole on ` +
            `[${whole.map((host) => host.name)}] and in part on [${some.map((host) => host.name)}]`,
        );
      }
    }
  }

  /** After the faults both engines say the same, and nothing is left over. */
  converged(): void {
    this.eachRunsOnce();
    for (const { name, engine } of this.hosts()) {
      const orders = this.#orders.get(name);
      if (orders?.life === engine && orders?.open.size !== 0) {
        this.#broken(`after the faults ${name} has not answered ${orders?.open.size} orders`);
      }
      if (engine?.phase !== "stable") {
        this.#broken(`after the faults ${name} is in phase ${engine?.phase}`);
        continue;
      }
      const obstructed = obstacle(engine);
      if (obstructed !== null) this.#broken(`after the faults no order to ${name}: ${obstructed}`);
      const { mayFailBack, claim, config } = engine;
      if (mayFailBack && claim.foreign && config.autoFailback !== "off") {
        this.#broken(`after the faults ${name} keeps what should have gone home`);
      }
    }
  }
}

/** How long `host` has heard no new beat of the other. */
export function silentMs(host: Host, nowMs: number): number {
  return nowMs - (host.beatHeardMs ?? host.lifeBeganMs);
}

/** Silence after which it may take over. */
export function patience(host: Host): number {
  const { initdeadMs } = host.config;
  // A hair less: the engine counts in its own clock's fractions.
  return (host.beatHeardMs === null ? initdeadMs : host.heardDeadtimeMs) - 0.001;
}
