/**
 * One simulated host: an engine with its timers, a disk that survives, resources that really run
 * or not, and the ways in which a host suffers: power loss, a killed daemon, a freeze. The truth of
 * the resources is kept here, apart from what the engine believes.
 */
import type { Effect } from "../../core/engine/effects.ts";
import type { Command, Event, Instant, NewestStatus } from "../../core/engine/events.ts";
import { step } from "../../core/engine/machine.ts";
import { withHomesOf } from "../../core/engine/reload.ts";
import { initialState, type State } from "../../core/engine/state.ts";
import { type Timer, timerKey } from "../../core/engine/timer.ts";
import { hexNumber, text } from "../../core/wire/fields.ts";
import type { ClusterConfig, GroupConfig, Message, Operation, Outcome } from "../../core/types.ts";
import type { Chance } from "./chance.ts";
import type { Clock, Planned } from "./clock.ts";
import { ForeignBeats, HELD_INITDEADS } from "./foreign_beats.ts";
import { fingerprint, isNoted, takenIn } from "./fingerprint.ts";
import { placeOf } from "./place.ts";
import { MEDIA, type MediumName } from "./network.ts";
import type { Witness } from "./witness.ts";
import { ShutMedia } from "./shut_media.ts";
import { type AgentMood, GOOD_MOOD, performed } from "./agent_mood.ts";
import { KnownLeft } from "./known_left.ts";

export class Host {
  engine: State | null = null;
  powered = false;
  frozen = false;
  /** True state of the resources of each group. */
  truth: boolean[][];
  mood: AgentMood = { ...GOOD_MOOD };
  /** Resources whose script is not on this host. */
  readonly missing = new Set<string>();
  /** Resources whose words mean nothing to their agent. */
  readonly refused = new Set<string>();
  /** Resources whose stop fails. */
  readonly stuck = new Set<string>();
  /** Resources whose start fails. */
  readonly broken = new Set<string>();
  /** What a look after a start answers; the truth without it. */
  answerAside: ((operation: Operation) => Outcome) | null = null;
  generation: number;
  held: readonly GroupConfig[] = [];
  removed: readonly GroupConfig[] = [];
  /** What the disk keeps of the others' beats. */
  notes: readonly NewestStatus[] = [];
  wallOffsetS = 0;
  /** The service manager starts the daemon again so long after it has left. */
  restartAfterMs = 0;
  /** False: started with the option that manages no resources. */
  manages = true;
  /** When this life of the daemon began. */
  lifeBeganMs = 0;
  /** When it last heard a new beat of the other host; null when never in this life. */
  beatHeardMs: number | null = null;
  /** The dead time that this beat carries. */
  heardDeadtimeMs = 0;
  /** When it was last frozen. */
  frozenMs = -Infinity;
  /** When it last could open no medium. */
  deafMs = -Infinity;
  /** How many faults gave it another key; equal keys fit. */
  otherKeys = 0;
  /** What it has heard that the other host left running, over its own lives. */
  readonly knownLeft = new KnownLeft();
  #foreignBeats = new ForeignBeats(0, 0);
  #newestBeat = "";
  #newestStatus = "";
  #heard = new WeakSet<Message>();
  #recalled: readonly NewestStatus[] = [];
  readonly #shut = new ShutMedia();
  /** Somebody ordered a takeover in this life. */
  #told = false;
  /** A medium was lost under this life, which may have found out before that it is alone. */
  provenAlone = false;
  #life = 0;
  #timers = new Map<string, Planned>();
  #deferred: (() => void)[] = [];
  #commands = 1;
  /** Scripts started before the last change of this number are dead. */
  #orphans = 0;

  constructor(
    readonly config: ClusterConfig,
    private readonly clock: Clock,
    private readonly chance: Chance,
    private readonly witness: Witness,
    private readonly uuid: Uint8Array,
    private readonly bootOffsetMs: number,
  ) {
    this.truth = config.groups.map((group) => group.resources.map(() => false));
    this.generation = chance.whole(1, 0x7fffffff);
  }

  get name(): string {
    return this.config.self;
  }

  get at(): Instant {
    return {
      monoMs: this.clock.nowMs + this.bootOffsetMs,
      wallS: Math.floor(1_700_000_000 + this.wallOffsetS + this.clock.nowMs / 1000),
    };
  }

  /** The daemon lives and is not frozen. */
  get awake(): boolean {
    return this.engine !== null && !this.frozen;
  }

  powerOn(): void {
    this.powered = true;
    this.startDaemon();
  }

  /** Everything stops at once, and what ran is gone. */
  powerOff(): void {
    this.killDaemon();
    this.powered = false;
    this.frozen = false;
    this.#orphans += 1;
    for (const group of this.truth) group.fill(false);
  }

  startDaemon(): void {
    if (!this.powered || this.engine !== null) return;
    // The new daemon ends the scripts that the old one left, before it looks at anything.
    this.#orphans += 1;
    this.lifeBeganMs = this.clock.nowMs;
    this.beatHeardMs = null;
    this.#newestBeat = "";
    this.#newestStatus = "";
    this.#heard = new WeakSet();
    this.#recalled = this.notes;
    this.#told = false;
    this.provenAlone = false;
    const { initdeadMs, deadtimeMs } = this.config;
    this.#foreignBeats = new ForeignBeats(this.clock.nowMs + initdeadMs, deadtimeMs);
    this.generation += 1;
    this.engine = initialState({ ...this.config }, this.manages);
    const { generation, uuid, held, removed, notes: newest } = this;
    this.dispatch({ kind: "start", at: this.at, generation, uuid, held, removed, newest });
    for (const medium of MEDIA) this.#report(medium);
  }

  /** Media that the daemon cannot open any more (1), or again (-1). */
  shut(media: readonly MediumName[], count: 1 | -1): void {
    this.#foreignBeats.end();
    if (this.isDeaf) this.deafMs = this.clock.nowMs;
    for (const medium of media) {
      this.#shut.add(medium, count);
      this.whenAwake(() => this.#report(medium));
    }
  }

  /** Not one medium is open. */
  get isDeaf(): boolean {
    return this.#shut.all;
  }

  /** It is deaf by its own fault, or may be: then it must not start anything. */
  get shouldWait(): boolean {
    if (this.provenAlone) return false;
    return this.isDeaf || !(this.#shut.none || this.beatHeardMs !== null || this.#told);
  }

  /** Beats in the other's name with another key have come ever since its life began. */
  get isHeldByKey(): boolean {
    const { initdeadMs } = this.config;
    const atMs = this.clock.nowMs - this.lifeBeganMs;
    if (this.beatHeardMs !== null || this.#told || atMs >= HELD_INITDEADS * initdeadMs) {
      return false;
    }
    const open = MEDIA.filter((medium) => !this.#shut.has(medium));
    return open.length > 0 && this.#foreignBeats.goOn(open, this.clock.nowMs);
  }

  /** A packet that does not verify; the daemon reports a few in a second. */
  hearForged(medium: MediumName, source: string, isBeat: boolean): void {
    if (this.#shut.has(medium)) return;
    this.whenAwake(() => {
      const { nowMs } = this.clock;
      if (!this.#foreignBeats.admit(medium, nowMs, isBeat)) return;
      const before = fingerprint(this.engine);
      const thawedMs = this.engine?.thawedMs;
      this.dispatch({ kind: "unverified", at: this.at, medium, source, isBeat, cause: "forged" });
      if (this.beatHeardMs === null || this.engine?.thawedMs !== thawedMs) return;
      if (fingerprint(this.engine) !== before) this.witness.fooled(this, null);
    });
  }

  #report(medium: MediumName): void {
    this.dispatch({ kind: "medium", at: this.at, ...this.#shut.report(medium) });
  }

  /** The daemon is gone; the resources go on running. */
  killDaemon(): void {
    this.#life += 1;
    this.engine = null;
    for (const planned of this.#timers.values()) planned.cancelled = true;
    this.#timers.clear();
    this.#deferred = [];
  }

  freeze(forMs: number): void {
    if (!this.powered || this.frozen) return;
    this.frozen = true;
    this.#foreignBeats.end();
    this.frozenMs = Infinity;
    this.clock.after(forMs, () => this.thaw());
  }

  thaw(): void {
    if (!this.frozen) return;
    this.frozen = false;
    this.frozenMs = this.clock.nowMs;
    const waiting = this.#deferred;
    this.#deferred = [];
    for (const act of waiting) act();
  }

  hear(medium: MediumName, message: Message): void {
    if (this.#shut.has(medium)) return;
    this.whenAwake(() => {
      this.#noteBeat(message);
      const before = takenIn(this.engine, message);
      this.dispatch({ kind: "message", at: this.at, medium, message });
      // A word that came before the first beat of its life was not taken in; it may come again.
      if (takenIn(this.engine, message) !== before) this.#heard.add(message);
      this.knownLeft.note(this, message);
    });
  }

  /** Hears something again that an enemy recorded. */
  hearAgain(medium: MediumName, message: Message): void {
    if (this.#shut.has(medium)) return;
    // What was lost on its first way is no repetition but a late delivery.
    if (!this.#heard.has(message) && !isNoted(this.engine, this.#recalled, message)) {
      return this.hear(medium, message);
    }
    this.whenAwake(() => {
      const before = fingerprint(this.engine);
      const thawedMs = this.engine?.thawedMs;
      this.dispatch({ kind: "message", at: this.at, medium, message });
      // A pause of this host is noticed at the next event, whatever that is; what follows from it
      // is not the recording's doing.
      if (this.engine?.thawedMs !== thawedMs) return;
      if (fingerprint(this.engine) !== before) this.witness.fooled(this, message);
    });
  }

  /** Only a status opens a life or brings one back; of a known one every message is a sign. */
  #knowsAlive(message: Message): boolean {
    const sender = this.engine?.nodes.get(text(message, "src") ?? "");
    return sender !== undefined && sender.heardMs !== null && sender.status !== "dead" &&
      sender.generation === hexNumber(message, "hg");
  }

  #noteBeat(message: Message): void {
    const type = text(message, "t") ?? "";
    if (type.startsWith("NS_") || text(message, "src") === this.name) return;
    if (type !== "status" && !this.#knowsAlive(message)) return;
    const order = ["hg", "seq"].map((name) => (text(message, name) ?? "").padStart(14, "0")).join();
    // A beat that a newer word of another kind has overtaken still says for how long to wait.
    if (type === "status" && order > this.#newestStatus) {
      this.#newestStatus = order;
      this.heardDeadtimeMs = hexNumber(message, "dt") ?? this.heardDeadtimeMs;
    }
    if (order <= this.#newestBeat) return;
    this.#newestBeat = order;
    this.beatHeardMs = this.clock.nowMs;
  }

  order(command: Command): void {
    this.#told ||= command.kind === "takeover";
    const id = this.#commands++;
    this.whenAwake(() => this.dispatch({ kind: "command", at: this.at, id, command }));
  }

  /** Lets a running daemon read its files, with other times if there are any. */
  reload(times: Partial<ClusterConfig> = {}): void {
    Object.assign(this.config, times);
    this.#foreignBeats.end();
    this.whenAwake(() => {
      const groups = withHomesOf(this.engine?.config.groups ?? [], this.config.groups);
      this.dispatch({ kind: "reload", at: this.at, config: { ...this.config, groups } });
    });
  }

  whenAwake(act: () => void): void {
    if (this.engine === null) return;
    const life = this.#life;
    const guarded = () => {
      if (this.#life === life && this.engine !== null) act();
    };
    if (this.frozen) this.#deferred.push(guarded);
    else guarded();
  }

  dispatch(event: Event): void {
    if (this.engine === null) return;
    const effects = step(this.engine, event);
    for (const effect of effects) this.#perform(effect);
    this.witness.stepped(this, event, effects);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "send":
        return this.witness.sends(this, effect.message);
      case "arm":
        return this.#arm(effect.timer, effect.atMs - this.bootOffsetMs);
      case "disarm": {
        const key = timerKey(effect.timer);
        const planned = this.#timers.get(key);
        if (planned !== undefined) planned.cancelled = true;
        this.#timers.delete(key);
        return;
      }
      case "run":
        return this.#run(effect.operation);
      case "log":
        return this.witness.says(this, `${effect.level}: ${effect.text}`);
      case "reply":
        return this.witness.says(this, `reply: ${effect.accepted} ${effect.text}`);
      case "persist-groups":
        this.held = effect.held;
        this.removed = effect.removed;
        return;
      case "persist-generation":
        this.generation = effect.generation;
        return;
      case "persist-freshness":
        this.notes = effect.newest;
        return;
      case "exit":
        this.killDaemon();
        this.clock.after(this.restartAfterMs, () => this.startDaemon());
        return;
      default: {
        const never: never = effect;
        throw new Error(`effect ${JSON.stringify(never)} is not known`);
      }
    }
  }

  #arm(timer: Timer, atMs: number): void {
    const key = timerKey(timer);
    const before = this.#timers.get(key);
    if (before !== undefined) before.cancelled = true;
    const planned = this.clock.at(atMs, () => {
      if (this.#timers.get(key) === planned) this.#timers.delete(key);
      this.whenAwake(() => this.dispatch({ kind: "timer", at: this.at, timer }));
    });
    this.#timers.set(key, planned);
  }

  #run(operation: Operation): void {
    this.witness.starts(this, operation);
    if (operation.verb === "announce") return this.#finish(operation, 1, { kind: "ok" }, null);
    const said = operation.aside ? this.answerAside?.(operation) : undefined;
    if (said !== undefined) return this.#finish(operation, 1, said, null);
    const { delayMs, outcome, after } = performed(this, operation, this.chance);
    this.#finish(operation, delayMs, outcome, after);
  }

  /** Ends an operation later; `after` is the new truth, `outcome` null means: look at the truth. */
  #finish(operation: Operation, delayMs: number, outcome: Outcome | null, after: boolean | null) {
    const life = this.#life;
    const orphans = this.#orphans;
    this.clock.after(delayMs, () => {
      const end = () => {
        if (this.#life !== life || this.engine === null) {
          // Its daemon is dead; the script goes on until the next daemon ends it.
          if (this.#orphans === orphans && after !== null) this.#setRunning(operation, after);
          return;
        }
        const told = outcome ?? { kind: this.#isRunning(operation) ? "running" : "stopped" };
        if (after !== null) this.#setRunning(operation, after);
        this.witness.ends(this, operation, told);
        this.dispatch({ kind: "operation", at: this.at, id: operation.id, outcome: told });
      };
      if (this.frozen) this.#deferred.push(end);
      else end();
    });
  }

  #isRunning({ resource }: Operation): boolean {
    const { group, member } = placeOf(this.config, resource);
    return this.truth[group]?.[member] === true;
  }

  #setRunning({ resource }: Operation, running: boolean): void {
    const { group, member } = placeOf(this.config, resource);
    const members = this.truth[group];
    if (members !== undefined) members[member] = running;
  }
}
