/**
 * A fixed number of places for programs that run at once, first come, first served. Fifty scripts
 * started together would stall the beat by 50 ms (1 ms each); four do not.
 */

/** Programs that may run at once. */
export const MAX_PROGRAMS_AT_ONCE = 4;
/** Programs that may wait; far more than groups can ask for, so that a runaway agent is stopped. */
const MAX_WAITING_PROGRAMS = 256;

export class ProgramSlots {
  /** Programs that gave their place back although they were still not gone. */
  abandoned = 0;
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(places = MAX_PROGRAMS_AT_ONCE) {
    this.#free = places;
  }

  /**
   * Resolves when a place is had; who has one gives it back with `release`.
   * @throws the signal's reason when it aborts first; Error when too many wait
   */
  async acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    if (this.#waiting.size >= MAX_WAITING_PROGRAMS) {
      throw new Error(`${MAX_WAITING_PROGRAMS} programs wait for their turn already`);
    }
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(admit);
        reject(signal.reason);
      };
      const admit = () => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.add(admit);
    });
  }

  /** The longest waiting gets the place. */
  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
