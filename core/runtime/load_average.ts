/**
 * The text of `/proc/loadavg` for the field `ld`, which is information only. The kernel answers from
 * memory in some ten microseconds, so it is read on the spot, but at most once a second.
 */

const REFRESH_MS = 1_000;
const SOURCE = "/proc/loadavg";

export class LoadAverage {
  #text = "0.00 0.00 0.00 0/0 0";
  #readMs = -Infinity;

  /** The text without its line feed, at most a little over a second old. */
  get text(): string {
    const nowMs = performance.now();
    if (nowMs - this.#readMs >= REFRESH_MS) {
      this.#readMs = nowMs;
      this.#text = readLoad() ?? this.#text;
    }
    return this.#text;
  }
}

function readLoad(): string | undefined {
  try {
    return Deno.readTextFileSync(SOURCE).trim();
  } catch {
    // Without /proc the last known text goes on; nobody decides by it.
    return undefined;
  }
}
