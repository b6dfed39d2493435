/**
 * Values that an agent marked secret: nothing that is written for people holds them afterwards. The
 * values are kept as they are, in memory only; what an agent itself works with is not changed.
 */

/** How many are kept; beyond it the oldest go. A plugin host may live long and see many. */
const MAX_SECRETS = 64;
const MAX_SECRET_CHARACTERS = 16_384;
const MASK = "***";

/** @throws {TypeError} {RangeError} for what cannot be kept secret */
export function checkedSecret(value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`a secret is a string, not ${typeof value}`);
  if (value.length <= MAX_SECRET_CHARACTERS) return value;
  throw new RangeError(`a secret of more than ${MAX_SECRET_CHARACTERS} characters`);
}

export class Secrets {
  readonly #values = new Set<string>();

  /** @throws as {@link checkedSecret} */
  add(value: string): void {
    // A program may print a key of several lines line by line.
    for (const part of [checkedSecret(value), ...value.split("\n")]) {
      const text = part.trim();
      if (text === "") continue;
      this.#values.delete(text);
      this.#values.add(text);
    }
    for (const oldest of this.#values) {
      if (this.#values.size <= MAX_SECRETS) break;
      this.#values.delete(oldest);
    }
  }

  /** The text without them; the longest first, since one may be a part of another. */
  mask(text: string): string {
    if (this.#values.size === 0) return text;
    const values = [...this.#values].sort((one, other) => other.length - one.length);
    return values.reduce((masked, value) => masked.replaceAll(value, MASK), text);
  }
}
