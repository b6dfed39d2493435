/**
 * The loop between the engine and the world: one event at a time goes in, and its effects are
 * performed in order before the next. Nothing here decides anything, and nothing waits for a
 * script or a peer.
 *
 * Two notes have to be on their way to safety before others see what follows from them. The one of
 * held groups keeps what its own step sends, runs and answers, for 50 ms at most: it only helps
 * after a crash. A generation keeps all that is sent, by later steps too: a peer that has heard a
 * life which no disk knows takes the next one, which gets the same number, for repetitions of it.
 * A disk that hangs or is full must not silence this node for ever, so that has a bound as well
 * (`persist-generation`), and is said. Operations never wait for a generation: what the peer has
 * taken over must be stopped.
 */
import type { Effect } from "../engine/effects.ts";
import type {
  Command,
  Event,
  Instant,
  MediumReport,
  NewestStatus,
  UnreachableGroup,
  UnverifiedReport,
} from "../engine/events.ts";
import { type Timer, timerKey } from "../engine/timer.ts";
import type {
  ClusterConfig,
  GroupConfig,
  LogLevel,
  Message,
  Operation,
  Outcome,
} from "../types.ts";
import { Timers } from "./timers.ts";
import { withinMs } from "./within_ms.ts";

export interface DriverParts {
  /** The engine, with its state inside. */
  step(event: Event): readonly Effect[];
  send(message: Message): void;
  /** Never rejects. */
  perform(operation: Operation): Promise<Outcome>;
  log(level: LogLevel, text: string): void;
  /** Never rejects. */
  storeGroups(held: readonly GroupConfig[], removed: readonly GroupConfig[]): Promise<void>;
  /** Rejects with the reason when the disk does not take it. */
  storeGeneration(generation: number): Promise<void>;
  storeFreshness(newest: readonly NewestStatus[]): Promise<void>;
  /** The engine has ended this life. */
  exit(clean: boolean): void;
  /** A defect of the program came up; the driver is halted already. */
  failed(error: unknown): void;
}

export interface Reply {
  readonly accepted: boolean;
  readonly text: string;
}

/** With what a life begins: who we are, and what earlier lives left. */
export type Beginning = Omit<Extract<Event, { kind: "start" }>, "kind" | "at">;

type Renewal = Extract<Effect, { kind: "persist-generation" }>;
/** What others can see, and what therefore waits for the note of held groups. */
type Outward = Extract<Effect, { kind: "send" | "run" | "reply" | "exit" }>;

/** How long a note of held groups may keep an operation waiting; writing it takes 0.2 ms. */
export const NOTE_WAIT_MS = 50;

export class Driver {
  readonly #parts: DriverParts;
  readonly #work: (() => void)[] = [];
  readonly #replies = new Map<number, (reply: Reply) => void>();
  readonly #timers = new Timers({
    due: (timer) => this.#feed({ kind: "timer", at: now(), timer }),
    late: (timer, byMs) => this.#parts.log("warn", lateText(timer, byMs)),
  });
  /** One generation is stored after the other; rejects when the newest could not be. */
  #generation: Promise<void> = Promise.resolve();
  /** What must not be seen before that is stored; null when nothing is kept back. */
  #unsent: Message[] | null = null;
  /** To be stored; the newest alone is of use. */
  #freshness: readonly NewestStatus[] | null = null;
  #storingFreshness = false;
  /** Said once, not with every note. */
  #freshnessRefused = false;
  #nextCommand = 1;
  #working = false;
  #halted = false;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  /**
   * Begins the life of the engine.
   * @param open opens the media; what they report follows the start, whose packets they carry
   */
  start(beginning: Beginning, open: () => void): void {
    this.#enqueue(() => {
      open();
      const event = { kind: "start", at: now(), ...beginning } as const;
      this.#effects(this.#parts.step(event));
    });
  }

  message(medium: string, message: Message): void {
    this.#feed({ kind: "message", at: now(), medium, message });
  }

  medium(report: MediumReport): void {
    this.#feed({ kind: "medium", at: now(), ...report });
  }

  reach(unreachable: readonly UnreachableGroup[]): void {
    this.#feed({ kind: "reach", at: now(), unreachable });
  }

  unverified(report: UnverifiedReport): void {
    this.#feed({ kind: "unverified", at: now(), ...report });
  }

  carrier(name: string): void {
    this.#feed({ kind: "carrier", at: now(), interface: name });
  }

  reload(config: ClusterConfig): void {
    this.#feed({ kind: "reload", at: now(), config });
  }

  /** An operator's order; resolves with the engine's answer. */
  command(command: Command): Promise<Reply> {
    const id = this.#nextCommand++;
    return new Promise((resolve) => {
      this.#replies.set(id, resolve);
      this.#feed({ kind: "command", at: now(), id, command });
    });
  }

  /** Ends it: no event is processed and no effect performed any more. */
  halt(): void {
    this.#halted = true;
    this.#work.length = 0;
    this.#timers.disarmAll();
  }

  #feed(event: Event): void {
    this.#enqueue(() => this.#effects(this.#parts.step(event)));
  }

  /** Runs work now, or after what is running: an effect may cause the next event at once. */
  #enqueue(work: () => void): void {
    if (this.#halted) return;
    this.#work.push(work);
    if (this.#working) return;
    this.#working = true;
    try {
      for (let next = this.#work.shift(); next !== undefined; next = this.#work.shift()) next();
    } catch (error) {
      this.halt();
      this.#parts.failed(error);
    } finally {
      this.#working = false;
    }
  }

  #effects(effects: readonly Effect[]): void {
    const waiting: Outward[] = [];
    const stored: Promise<void>[] = [];
    for (const effect of effects) {
      switch (effect.kind) {
        case "log":
          this.#parts.log(effect.level, effect.text);
          break;
        case "arm":
          this.#timers.arm(effect.timer, effect.atMs);
          break;
        case "disarm":
          this.#timers.disarm(effect.timer);
          break;
        case "persist-groups":
          stored.push(this.#groupsNoted(effect.held, effect.removed));
          break;
        case "persist-generation":
          void this.#renew(effect);
          break;
        case "persist-freshness":
          this.#freshness = effect.newest;
          void this.#storeFreshness();
          break;
        case "send":
        case "run":
        case "reply":
        case "exit":
          if (stored.length > 0) waiting.push(effect);
          else this.#outward(effect);
          break;
        default: {
          const never: never = effect;
          throw new Error(`unknown effect ${JSON.stringify(never)}`);
        }
      }
    }
    if (waiting.length === 0) return;
    Promise.all(stored).then(() =>
      this.#enqueue(() => waiting.forEach((effect) => this.#outward(effect)))
    );
  }

  /** Keeps back what is sent until the generation is stored, or was waited for; never rejects. */
  async #renew({ generation, waitMs }: Renewal): Promise<void> {
    this.#unsent ??= [];
    const stored = this.#generation.catch(() => {})
      .then(() => this.#parts.storeGeneration(generation));
    this.#generation = stored;
    const trouble = await withinMs(waitMs, stored.then(() => null, String));
    // A newer one is on its way, and is waited for.
    if (this.#generation !== stored || this.#halted) return;
    if (trouble !== null) {
      const why = trouble ?? `the disk took ${waitMs} ms`;
      this.#parts.log(
        "error",
        `The generation ${generation} is not stored (${why}): speaking with it all the same. ` +
          "Should this host end before it is, the peer will not listen to its next life for as " +
          "long as this one has lasted",
      );
    }
    this.#enqueue(() => {
      const unsent = this.#unsent ?? [];
      this.#unsent = null;
      for (const message of unsent) this.#parts.send(message);
    });
  }

  /** Apart from the other writes, which must not wait for this one. Never rejects. */
  async #storeFreshness(): Promise<void> {
    if (this.#storingFreshness) return;
    this.#storingFreshness = true;
    for (let newest = this.#freshness; newest !== null; newest = this.#freshness) {
      this.#freshness = null;
      try {
        await this.#parts.storeFreshness(newest);
        this.#freshnessRefused = false;
      } catch (error) {
        if (!this.#freshnessRefused) {
          this.#parts.log("warn", `Cannot store what was heard: ${error}`);
        }
        this.#freshnessRefused = true;
      }
    }
    this.#storingFreshness = false;
  }

  async #groupsNoted(held: readonly GroupConfig[], removed: readonly GroupConfig[]): Promise<void> {
    const written = this.#parts.storeGroups(held, removed).then(() => true);
    if (await withinMs(NOTE_WAIT_MS, written)) return;
    const late = `The note of held groups is not stored after ${NOTE_WAIT_MS} ms: not waiting`;
    this.#parts.log("warn", `${late} for this disk`);
  }

  #outward(effect: Outward): void {
    if (this.#halted) return;
    switch (effect.kind) {
      case "send":
        if (this.#unsent !== null) this.#unsent.push(effect.message);
        else this.#parts.send(effect.message);
        return;
      case "run":
        return this.#run(effect.operation);
      case "reply":
        this.#replies.get(effect.id)?.({ accepted: effect.accepted, text: effect.text });
        this.#replies.delete(effect.id);
        return;
      case "exit":
        this.halt();
        return this.#parts.exit(effect.clean);
      default: {
        const never: never = effect;
        throw new Error(`unknown effect ${JSON.stringify(never)}`);
      }
    }
  }

  #run(operation: Operation): void {
    this.#parts.perform(operation).then((outcome) =>
      this.#feed({ kind: "operation", at: now(), id: operation.id, outcome })
    );
  }
}

function now(): Instant {
  return { monoMs: performance.now(), wallS: Math.floor(Date.now() / 1000) };
}

function lateText(timer: Timer, byMs: number): string {
  const ms = Math.round(byMs);
  return `Timer ${timerKey(timer)} came ${ms} ms late: this host is overloaded or was paused`;
}
