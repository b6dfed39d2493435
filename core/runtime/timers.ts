/**
 * The engine's timers: one pending call a name, by monotonic time. The runtime's own timers may
 * come a little early; these never do, and they say when they came much too late, because a late
 * heartbeat is the first thing that an operator has to know of.
 */

/** Lateness from which it is reported; measured jitter under full load stays below it. */
const LATE_MS = 200;
/** Longest single wait; the runtime wraps longer ones. */
const MAX_WAIT_MS = 2 ** 31 - 1;

export interface TimerEvents {
  due(timer: string): void;
  /** It is due, and comes this many milliseconds late. */
  late(timer: string, byMs: number): void;
}

export class Timers {
  readonly #events: TimerEvents;
  readonly #handles = new Map<string, number>();

  constructor(events: TimerEvents) {
    this.#events = events;
  }

  /** @param atMs on the clock of `performance.now`; an instant of the past is due at once */
  arm(timer: string, atMs: number): void {
    this.disarm(timer);
    const waitMs = Math.max(0, Math.min(MAX_WAIT_MS, Math.ceil(atMs - performance.now())));
    this.#handles.set(timer, setTimeout(() => this.#wake(timer, atMs), waitMs));
  }

  disarm(timer: string): void {
    clearTimeout(this.#handles.get(timer));
    this.#handles.delete(timer);
  }

  disarmAll(): void {
    for (const timer of [...this.#handles.keys()]) this.disarm(timer);
  }

  #wake(timer: string, atMs: number): void {
    const byMs = performance.now() - atMs;
    if (byMs < 0) return this.arm(timer, atMs);
    this.#handles.delete(timer);
    if (byMs > LATE_MS) this.#events.late(timer, byMs);
    this.#events.due(timer);
  }
}
