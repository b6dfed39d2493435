/**
 * Reads lines from a pipe whose other end is not trusted to be moderate. A writer that floods gets
 * read at a fixed pace, so that it waits in its own write and the beat here does not; a line
 * without end is cut.
 */
import { errnoNumber, lastErrno } from "./errno.ts";
import { libc } from "./libc.ts";
import { type Reactor, READABLE } from "./reactor.ts";

/** Most bytes read at once; more than a moderate writer has to say in {@link PAUSE_MS}. */
export const PIECE_BYTES = 8 * 1024;
/** After so many bytes in so short a time nothing is read for as long: some 400 kB a second. */
export const PAUSE_MS = 20;
/** Pieces read when the writer is dead: what a pipe can hold. */
const MAX_FINAL_PIECES = 8;
const NEWLINE = 0x0a;
const EAGAIN = errnoNumber("EAGAIN");
const EINTR = errnoNumber("EINTR");

/** Owns the descriptor, which must not block, and closes it at its end. */
export class PacedLines {
  readonly #reactor: Reactor;
  readonly #fd: number;
  readonly #line: (text: string) => void;
  readonly #ended: () => void;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  readonly #partial: Uint8Array<ArrayBuffer>;
  #partialBytes = 0;
  #windowMs = -Infinity;
  #windowBytes = 0;
  #pause: number | undefined;
  #open = true;

  /**
   * @param maxLineBytes what is longer is cut there
   * @param line gets each line, without its end
   * @param ended is called once, when the other end is closed and all lines were given
   */
  constructor(
    reactor: Reactor,
    fd: number,
    maxLineBytes: number,
    line: (text: string) => void,
    ended: () => void = () => {},
  ) {
    this.#reactor = reactor;
    this.#fd = fd;
    this.#line = line;
    this.#ended = ended;
    this.#partial = new Uint8Array(maxLineBytes);
    this.#listen();
  }

  /** The writer is dead: gives what the pipe still holds, and ends. */
  finish(): void {
    for (let pieces = 0; pieces < MAX_FINAL_PIECES && this.#open; pieces++) {
      if (this.#read() <= 0) break;
    }
    this.close();
  }

  /** Ends without another line. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#pause);
    this.#reactor.unwatch(this.#fd);
    libc.close(this.#fd);
  }

  #listen(): void {
    this.#reactor.watch(this.#fd, READABLE, () => {
      const length = this.#read();
      if (!this.#open || !this.#isFlood(length)) return;
      this.#reactor.unwatch(this.#fd);
      this.#pause = setTimeout(() => this.#listen(), PAUSE_MS);
    });
  }

  #isFlood(length: number): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#windowMs >= PAUSE_MS) {
      this.#windowMs = nowMs;
      this.#windowBytes = 0;
    }
    this.#windowBytes += Math.max(length, 0);
    return this.#windowBytes >= PIECE_BYTES;
  }

  /** @returns as read(2) */
  #read(): number {
    const length = libc.read(this.#fd, this.#piece, PIECE_BYTES);
    const errno = length < 0 ? lastErrno() : 0;
    if (errno === EAGAIN || errno === EINTR) return -1;
    if (length > 0) this.#split(this.#piece.subarray(0, length));
    else this.#end();
    return length;
  }

  #end(): void {
    if (this.#partialBytes > 0) this.#give();
    this.close();
    this.#ended();
  }

  #split(piece: Uint8Array): void {
    let rest = piece;
    while (this.#open) {
      const end = rest.indexOf(NEWLINE);
      const part = end === -1 ? rest : rest.subarray(0, end);
      const kept = part.subarray(0, this.#partial.length - this.#partialBytes);
      this.#partial.set(kept, this.#partialBytes);
      this.#partialBytes += kept.length;
      if (end === -1) return;
      rest = rest.subarray(end + 1);
      this.#give();
    }
  }

  #give(): void {
    const text = new TextDecoder().decode(this.#partial.subarray(0, this.#partialBytes));
    this.#partialBytes = 0;
    this.#line(text);
  }
}
