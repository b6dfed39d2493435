/**
 * Lines of UTF-8 text out of a stream of bytes, and into one that takes them when it likes. Both keep
 * what is not done yet, up to a bound; the descriptor and what follows from trouble are the owner's.
 */
import { errnoName, errnoNumber } from "./errno.ts";
import type { Bytes } from "./socket.ts";

/** Most bytes that may wait for the other end to read them. */
export const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
const EAGAIN = errnoNumber("EAGAIN");
const EINTR = errnoNumber("EINTR");
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Puts lines together; what a line has too much is cut. */
export class LineSplitter {
  readonly #partial: Bytes;
  #length = 0;
  #cut = false;

  /** @param maxBytes of a line, without its end */
  constructor(maxBytes: number) {
    this.#partial = new Uint8Array(maxBytes);
  }

  /** Whether the line that was given last, or the one that has no end yet, is too long. */
  get cut(): boolean {
    return this.#cut;
  }

  /** Each line that ends in this piece, without its end. */
  *add(piece: Bytes): Generator<string> {
    for (let rest = piece; rest.length > 0;) {
      const end = rest.indexOf(NEWLINE);
      const part = end === -1 ? rest : rest.subarray(0, end);
      const kept = part.subarray(0, this.#partial.length - this.#length);
      this.#partial.set(kept, this.#length);
      this.#length += kept.length;
      this.#cut ||= kept.length < part.length;
      if (end === -1) return;
      rest = rest.subarray(end + 1);
      yield this.#take();
      this.#cut = false;
    }
  }

  /** What came behind the last end of a line; undefined when nothing did. */
  unfinished(): string | undefined {
    return this.#length === 0 ? undefined : this.#take();
  }

  #take(): string {
    const line = decoder.decode(this.#partial.subarray(0, this.#length));
    this.#length = 0;
    return line;
  }
}

/** Lines on their way into a descriptor that never blocks. */
export class OutputQueue {
  readonly #write: (data: Bytes) => number;
  #waiting: Bytes[] = [];
  #bytes = 0;

  /** @param write takes as much as goes; gives its length, or a negative errno */
  constructor(write: (data: Bytes) => number) {
    this.#write = write;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Writes a line, now or with the next {@link flush}. @returns why nothing can be written any more */
  send(line: string): string | undefined {
    const data = encoder.encode(`${line}\n`);
    if (this.#bytes + data.length > MAX_QUEUED_BYTES) {
      return `more than ${MAX_QUEUED_BYTES} bytes wait for it to read`;
    }
    this.#waiting.push(data);
    this.#bytes += data.length;
    return this.#waiting.length === 1 ? this.flush() : undefined;
  }

  /** Writes what the other end takes. @returns why nothing can be written any more */
  flush(): string | undefined {
    for (let data = this.#waiting[0]; data !== undefined; data = this.#waiting[0]) {
      const written = this.#write(data);
      if (written === -EAGAIN || written === -EINTR) return undefined;
      if (written < 0) return `write: ${errnoName(-written)}`;
      this.#bytes -= written;
      if (written < data.length) this.#waiting[0] = data.subarray(written);
      else this.#waiting.shift();
    }
    return undefined;
  }
}
