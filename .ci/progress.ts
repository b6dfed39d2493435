/**
 * Shows that a long batch of tests is alive: counts what the runner reports as a dot a line, and
 * passes on everything else that it prints. On a terminal one line is drawn again and again; in a
 * file each sign is a line of its own, so ask for few. It keeps no clock and writes nothing itself.
 */

/** One test that passed, is ignored, or failed, as the runner's reporter "dot" tells it to a pipe. */
const RESULTS = [".", ",", "!"];
const ERASED = "\r\x1b[K";

export class Progress {
  readonly #terminal: boolean;
  readonly #title: string;
  #unfinished = "";
  #tests = 0;
  #isDrawn = false;

  /** @param title tells batches apart that run at the same time */
  constructor(terminal: boolean, title: string) {
    this.#terminal = terminal;
    this.#title = title;
  }

  /** @returns what of the runner's output is to be written: all whole lines that are no results */
  take(text: string): string {
    const lines = (this.#unfinished + text).split("\n");
    this.#unfinished = lines.pop() ?? "";
    const others = lines.filter((line) => !RESULTS.includes(line));
    this.#tests += lines.length - others.length;
    return others.length === 0 ? "" : this.#erased() + others.map((line) => `${line}\n`).join("");
  }

  /** @returns the sign to be written */
  sign(elapsedMs: number): string {
    const done = this.#tests === 0 ? "" : `${this.#tests} tests so far, `;
    const text = `      … ${this.#title}: ${done}${Math.round(elapsedMs / 1000)} s`;
    if (!this.#terminal) return `${text}\n`;
    this.#isDrawn = true;
    return `${ERASED}${text}`;
  }

  /** @returns what has to be written before others write again */
  end(): string {
    const rest = this.#erased() + this.#unfinished;
    this.#unfinished = "";
    return rest;
  }

  #erased(): string {
    const drawn = this.#isDrawn;
    this.#isDrawn = false;
    return drawn ? ERASED : "";
  }
}
