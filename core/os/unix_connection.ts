/**
 * One client of a {@link UnixServer}: lines of UTF-8 text in both directions, never waiting. A line
 * that is too long, answers that nobody reads, or a time without a question end the connection;
 * memory stays bounded. Each line that comes is a question, each line that goes answers one.
 */
import { errnoName, errnoNumber } from "./errno.ts";
import { LineSplitter, OutputQueue } from "./lines.ts";
import { FAILED, type Reactor, READABLE, WRITABLE } from "./reactor.ts";
import { type Bytes, closeFd, type PeerCredentials, receive, send } from "./socket.ts";

/** What a connection tells its owner. */
export interface ConnectionHandler {
  /** A whole line, without its end. */
  line(connection: UnixConnection, text: string): void;
  /** The last call for this connection. */
  closed(connection: UnixConnection, reason: string): void;
}

/** Longest line that a client may send. */
export const MAX_LINE_BYTES = 64 * 1024;
/** How long a client may neither ask nor wait for an answer. */
export const MAX_IDLE_MS = 30_000;
const MAX_READS_PER_WAKEUP = 4;

const EAGAIN = errnoNumber("EAGAIN");
const EINTR = errnoNumber("EINTR");
const EPIPE = errnoNumber("EPIPE");
const NOTHING = new Uint8Array(0);
const readBuffer = new Uint8Array(16 * 1024);

/** Made by the server only. */
export class UnixConnection {
  /** Who connected, as the kernel vouches for it. */
  readonly peer: PeerCredentials;
  readonly #reactor: Reactor;
  readonly #handler: ConnectionHandler;
  readonly #lines = new LineSplitter(MAX_LINE_BYTES);
  readonly #queue: OutputQueue;
  #fd: number;
  #inputEnded = false;
  #closeWhenWritten = false;
  readonly #maxIdleMs: number;
  #idleTimer: number | undefined;
  #unanswered = 0;

  /** @throws SystemError when the reactor refuses the descriptor; the caller still owns it then */
  constructor(
    reactor: Reactor,
    fd: number,
    peer: PeerCredentials,
    handler: ConnectionHandler,
    maxIdleMs: number,
  ) {
    this.#reactor = reactor;
    this.#fd = fd;
    this.peer = peer;
    this.#handler = handler;
    this.#maxIdleMs = maxIdleMs;
    this.#queue = new OutputQueue((data) => send(this.#fd, data));
    reactor.watch(fd, READABLE, (events) => this.#ready(events));
    this.#awaitQuestion();
  }

  /** Whether the client waits for nothing. */
  get idle(): boolean {
    return this.#unanswered === 0;
  }

  /**
   * Whether nobody would read an answer, as the kernel knows it now, before `closed` tells of it.
   * A client that only ended its input still reads.
   */
  get hungUp(): boolean {
    return this.#fd === -1 || send(this.#fd, NOTHING) === -EPIPE;
  }

  /** Sends one line, now or when the client reads on; does nothing once the connection is closed. */
  send(line: string): void {
    if (this.#fd === -1 || this.#closeWhenWritten) return;
    this.#unanswered = Math.max(this.#unanswered - 1, 0);
    if (this.idle) this.#awaitQuestion();
    this.#written(this.#queue.send(line));
  }

  /** Closes as soon as everything is written. */
  end(): void {
    this.#closeWhenWritten = true;
    if (this.#queue.empty) this.close("answered");
  }

  /** Closes now; what is not written is lost. */
  close(reason: string): void {
    if (this.#fd === -1) return;
    clearTimeout(this.#idleTimer);
    this.#reactor.unwatch(this.#fd);
    closeFd(this.#fd);
    this.#fd = -1;
    this.#handler.closed(this, reason);
  }

  #awaitQuestion(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(
      () => this.close(`asked nothing for ${this.#maxIdleMs} ms`),
      this.#maxIdleMs,
    );
  }

  #ready(events: number): void {
    if ((events & WRITABLE) !== 0) this.#written(this.#queue.flush());
    if ((events & READABLE) !== 0 && !this.#inputEnded) this.#read();
    // A client may write its last line and go: the line counts, so the hang-up comes after it.
    if ((events & FAILED) !== 0 && (this.#inputEnded || (events & READABLE) === 0)) {
      this.close("the client went away");
    }
  }

  #read(): void {
    for (let reads = 0; reads < MAX_READS_PER_WAKEUP && this.#fd !== -1; reads++) {
      const length = receive(this.#fd, readBuffer);
      if (length === -EAGAIN || length === -EINTR) return;
      if (length < 0) return this.close(`receive: ${errnoName(-length)}`);
      if (length === 0) {
        this.#inputEnded = true;
        return this.#listenFor();
      }
      this.#hear(readBuffer.subarray(0, length));
    }
  }

  #hear(chunk: Bytes): void {
    for (const line of this.#lines.add(chunk)) {
      if (this.#lines.cut) break;
      this.#unanswered++;
      clearTimeout(this.#idleTimer);
      this.#handler.line(this, line);
      if (this.#fd === -1) return;
    }
    if (this.#lines.cut) this.close(`its line is longer than ${MAX_LINE_BYTES} bytes`);
  }

  #written(trouble: string | undefined): void {
    if (trouble !== undefined) return this.close(trouble);
    if (this.#queue.empty && this.#closeWhenWritten) return this.close("answered");
    this.#listenFor();
  }

  #listenFor(): void {
    if (this.#fd === -1) return;
    const read = this.#inputEnded ? 0 : READABLE;
    this.#reactor.modify(this.#fd, read | (this.#queue.empty ? 0 : WRITABLE));
  }
}
