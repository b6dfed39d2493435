/**
 * Keeps the beginning and the end of what a program prints and forgets the middle, so that a flood
 * costs a fixed amount of memory and the two parts that explain a failure survive.
 */

/** Bytes kept of the beginning, and as many of the end. */
export const OUTPUT_HALF_BYTES = 32 * 1024;

/** Collects output piece by piece. */
export class BoundedOutput {
  readonly #head = new Uint8Array(OUTPUT_HALF_BYTES);
  /** A ring: the byte behind the newest is the oldest, once it is full. */
  readonly #tail = new Uint8Array(OUTPUT_HALF_BYTES);
  #total = 0;

  /** @param piece is copied, so the caller may use its buffer again */
  append(piece: Uint8Array): void {
    const room = Math.max(OUTPUT_HALF_BYTES - this.#total, 0);
    this.#head.set(piece.subarray(0, room), OUTPUT_HALF_BYTES - room);
    // Of what does not fit into the head, only the last half can survive.
    const skip = Math.max(room, piece.length - OUTPUT_HALF_BYTES);
    let at = (this.#total + skip) % OUTPUT_HALF_BYTES;
    for (let rest = piece.subarray(skip); rest.length > 0;) {
      const part = rest.subarray(0, OUTPUT_HALF_BYTES - at);
      this.#tail.set(part, at);
      rest = rest.subarray(part.length);
      at = 0;
    }
    this.#total += piece.length;
  }

  /** All that was kept, with a line in the place of what was cut. */
  text(): string {
    const decode = (...parts: Uint8Array[]) => {
      const decoder = new TextDecoder();
      return parts.map((part) => decoder.decode(part, { stream: true })).join("") +
        decoder.decode();
    };
    const half = OUTPUT_HALF_BYTES;
    if (this.#total <= half) return decode(this.#head.subarray(0, this.#total));
    if (this.#total <= 2 * half) {
      return decode(this.#head, this.#tail.subarray(0, this.#total - half));
    }
    const oldest = this.#total % half;
    const tail = decode(this.#tail.subarray(oldest), this.#tail.subarray(0, oldest));
    return `${decode(this.#head)}\n… ${this.#total - 2 * half} bytes cut …\n${tail}`;
  }
}
