/**
 * The text of `/proc/loadavg` for the field `ld`, which is information only. It is read off the
 * event loop and at most once a second; a packet takes what is there and never waits for it.
 */

const REFRESH_MS = 1_000;
const SOURCE = "/proc/loadavg";

export class LoadAverage {
  #text = "0.00 0.00 0.00 0/0 0";
  #readMs = -Infinity;

  /** The text without its line feed, at most a little over a second old when asked often. */
  get text(): string {
    const nowMs = performance.now();
    if (nowMs - this.#readMs >= REFRESH_MS) {
      this.#readMs = nowMs;
      this.#read();
    }
    return this.#text;
  }

  #read(): void {
    Deno.readTextFile(SOURCE).then(
      (text) => this.#text = text.trim(),
      // Without /proc the last known text goes on; nobody decides by it.
      () => {},
    );
  }
}
