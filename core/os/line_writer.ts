/**
 * Writes lines into a pipe without ever waiting. What the other end does not read yet is kept, up
 * to a bound; beyond it, or when nobody will ever read, writing ends and the owner is told.
 */
import { errnoName, errnoNumber, lastErrno } from "./errno.ts";
import { libc } from "./libc.ts";
import { type Reactor, WRITABLE } from "./reactor.ts";

/** Most bytes that may wait to be read. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const EAGAIN = errnoNumber("EAGAIN");
const EINTR = errnoNumber("EINTR");

/** Owns the descriptor, which must not block. */
export class LineWriter {
  readonly #reactor: Reactor;
  readonly #fd: number;
  readonly #failed: (reason: string) => void;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  #watching = false;
  #open = true;

  /** @param failed is called at most once; nothing is written any more then */
  constructor(reactor: Reactor, fd: number, failed: (reason: string) => void) {
    this.#reactor = reactor;
    this.#fd = fd;
    this.#failed = failed;
  }

  /** Now, or when the other end reads on; nothing once it is closed. */
  send(line: string): void {
    if (!this.#open) return;
    const data = new TextEncoder().encode(`${line}\n`);
    this.#waiting.push(data);
    this.#waitingBytes += data.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      return this.#fail(`more than ${MAX_WAITING_BYTES} bytes wait to be read`);
    }
    this.#write();
  }

  /** What waits is lost. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#waiting = [];
    if (this.#watching) this.#reactor.unwatch(this.#fd);
    libc.close(this.#fd);
  }

  #write(): void {
    for (let data = this.#waiting[0]; data !== undefined; data = this.#waiting[0]) {
      const written = libc.write(this.#fd, data, data.length);
      if (written < 0) {
        const errno = lastErrno();
        if (errno !== EAGAIN && errno !== EINTR) return this.#fail(`write: ${errnoName(errno)}`);
        break;
      }
      this.#waitingBytes -= written;
      if (written < data.length) this.#waiting[0] = data.slice(written);
      else this.#waiting.shift();
    }
    this.#watch(this.#waiting.length > 0);
  }

  #watch(wanted: boolean): void {
    if (wanted === this.#watching) return;
    this.#watching = wanted;
    if (wanted) this.#reactor.watch(this.#fd, WRITABLE, () => this.#write());
    else this.#reactor.unwatch(this.#fd);
  }

  #fail(reason: string): void {
    this.close();
    this.#failed(reason);
  }
}
