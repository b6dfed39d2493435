/**
 * The engine's timers: one pending call a key, by monotonic time. The runtime's own timers may
 * come a little early; these never do, and they say when they came much too late, because a late
 * heartbeat is the first thing that an operator has to know of.
 */
import { type Timer, timerKey } from "../engine/timer.ts";

/** Lateness from which it is reported; measured jitter under full load stays below it. */
const LATE_MS = 200;
/** Longest single wait; the runtime wraps longer ones. */
const MAX_WAIT_MS = 2 ** 31 - 1;

export interface TimerEvents {
  due(timer: Timer): void;
  /** It is due, and comes this many milliseconds late. */
  late(timer: Timer, byMs: number): void;
}

interface Armed {
  readonly timer: Timer;
  /** When it is due, by the clock of `performance.now`. */
  atMs: number;
  /** When it is looked at: then, or before it is due. */
  readonly wakeMs: number;
  readonly handle: number;
}

export class Timers {
  readonly #events: TimerEvents;
  readonly #armed = new Map<string, Armed>();

  constructor(events: TimerEvents) {
    this.#events = events;
  }

  /**
   * One that is put off, as every packet does with the death of its sender, costs nothing now: it is
   * looked at when it was due before.
   * @param atMs on the clock of `performance.now`; an instant of the past is due at once
   */
  arm(timer: Timer, atMs: number): void {
    const key = timerKey(timer);
    const armed = this.#armed.get(key);
    if (armed !== undefined && armed.wakeMs <= atMs) {
      armed.atMs = atMs;
      return;
    }
    this.#forget(key);
    const nowMs = performance.now();
    const waitMs = Math.max(0, Math.min(MAX_WAIT_MS, Math.ceil(atMs - nowMs)));
    const handle = setTimeout(() => this.#wake(key), waitMs);
    this.#armed.set(key, { timer, atMs, wakeMs: nowMs + waitMs, handle });
  }

  disarm(timer: Timer): void {
    this.#forget(timerKey(timer));
  }

  disarmAll(): void {
    for (const key of [...this.#armed.keys()]) this.#forget(key);
  }

  #forget(key: string): void {
    clearTimeout(this.#armed.get(key)?.handle);
    this.#armed.delete(key);
  }

  #wake(key: string): void {
    const armed = this.#armed.get(key);
    if (armed === undefined) return;
    this.#armed.delete(key);
    const { timer, atMs } = armed;
    const byMs = performance.now() - atMs;
    if (byMs < 0) return this.arm(timer, atMs);
    if (byMs > LATE_MS) this.#events.late(timer, byMs);
    this.#events.due(timer);
  }
}
