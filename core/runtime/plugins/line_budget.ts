/** Lets so many lines a second into the log and counts the rest, so that no flood fills a disk. */

/** Lines that one source may log in a second. */
export const LINES_PER_S = 50;
const WINDOW_MS = 1000;

export class LineBudget {
  #windowMs = -Infinity;
  #lines = 0;
  #dropped = 0;

  /** Whether a line may be logged at this instant of the monotonic clock. */
  admit(nowMs: number): boolean {
    if (nowMs - this.#windowMs >= WINDOW_MS) {
      this.#windowMs = nowMs;
      this.#lines = 0;
    }
    this.#lines++;
    if (this.#lines <= LINES_PER_S) return true;
    this.#dropped++;
    return false;
  }

  /** How many lines were refused since this was asked last. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
