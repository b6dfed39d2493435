/**
 * Reads lines from a pipe whose other end is not trusted to be moderate. A writer that floods gets
 * read at a fixed pace, so that it waits in its own write and the beat here does not; a line
 * without end is cut.
 */
import { errnoNumber } from "./errno.ts";
import { libc } from "./libc.ts";
import { LineSplitter } from "./lines.ts";
import { type Reactor, READABLE } from "./reactor.ts";
import { type Bytes, readFd } from "./socket.ts";

/** Most bytes read at once; more than a moderate writer has to say in {@link PAUSE_MS}. */
export const PIECE_BYTES = 8 * 1024;
/** After so many bytes in so short a time nothing is read for as long: some 400 kB a second. */
export const PAUSE_MS = 20;
/** Pieces read when the writer is dead: what a pipe can hold. */
const MAX_FINAL_PIECES = 8;
const EAGAIN = errnoNumber("EAGAIN");
const EINTR = errnoNumber("EINTR");

/** Owns the descriptor, which must not block, and closes it at its end. */
export class PacedLines {
  readonly #reactor: Reactor;
  readonly #fd: number;
  readonly #line: (text: string) => void;
  readonly #ended: () => void;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  readonly #lines: LineSplitter;
  #windowMs = -Infinity;
  #windowBytes = 0;
  #pause: number | undefined;
  #open = true;

  /**
   * @param maxLineBytes what is longer is cut there
   * @param line gets each line, without its end
   * @param ended is called once, when the other end is closed or {@link finish} was called, and all
   *   lines were given
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
    this.#lines = new LineSplitter(maxLineBytes);
    this.#listen();
  }

  /** The writer is dead: gives what the pipe still holds, whoever else may have it open, and ends. */
  finish(): void {
    for (let pieces = 0; pieces < MAX_FINAL_PIECES && this.#open; pieces++) {
      if (this.#read() <= 0) break;
    }
    if (this.#open) this.#end();
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

  /** @returns bytes read (0: the end), or a negative errno */
  #read(): number {
    const length = readFd(this.#fd, this.#piece);
    if (length === -EAGAIN || length === -EINTR) return length;
    if (length > 0) this.#give(this.#piece.subarray(0, length));
    else this.#end();
    return length;
  }

  #end(): void {
    const last = this.#lines.unfinished();
    if (last !== undefined) this.#line(last);
    this.close();
    this.#ended();
  }

  #give(piece: Bytes): void {
    for (const line of this.#lines.add(piece)) {
      this.#line(line);
      if (!this.#open) return;
    }
  }
}
