/**
 * Counts down the time that an operation may take, and stands still while the operation waits for
 * other people's programs to end: waiting in a queue is not the script's fault.
 */
export class DeadlineClock {
  readonly #expired: () => void;
  #leftMs: number;
  #startedAtMs = 0;
  #timer: number | undefined;

  /** @param expired is called once, unless the clock is paused for good first */
  constructor(deadlineMs: number, expired: () => void) {
    this.#leftMs = deadlineMs;
    this.#expired = expired;
    this.resume();
  }

  resume(): void {
    if (this.#timer !== undefined) return;
    this.#startedAtMs = performance.now();
    this.#timer = setTimeout(this.#expired, this.#leftMs);
  }

  pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leftMs = Math.max(this.#leftMs - (performance.now() - this.#startedAtMs), 0);
  }
}
