/**
 * Writes lines into a pipe without ever waiting. What the other end does not read yet is kept, up
 * to a bound; beyond it, or when nobody will ever read, writing ends and the owner is told.
 */
import { libc } from "./libc.ts";
import { OutputQueue } from "./lines.ts";
import { type Reactor, WRITABLE } from "./reactor.ts";
import { writeFd } from "./socket.ts";

/** Owns the descriptor, which must not block. */
export class LineWriter {
  readonly #reactor: Reactor;
  readonly #fd: number;
  readonly #failed: (reason: string) => void;
  readonly #queue: OutputQueue;
  #watching = false;
  #open = true;

  /** @param failed is called at most once; nothing is written any more then */
  constructor(reactor: Reactor, fd: number, failed: (reason: string) => void) {
    this.#reactor = reactor;
    this.#fd = fd;
    this.#failed = failed;
    this.#queue = new OutputQueue((data) => writeFd(fd, data));
  }

  /** Now, or when the other end reads on; nothing once it is closed. */
  send(line: string): void {
    if (this.#open) this.#written(this.#queue.send(line));
  }

  /** What waits is lost. */
  close(): void {
    if (!this.#open) return;
    this.#watch(false);
    this.#open = false;
    libc.close(this.#fd);
  }

  #written(trouble: string | undefined): void {
    if (trouble === undefined) return this.#watch(!this.#queue.empty);
    this.close();
    this.#failed(trouble);
  }

  #watch(wanted: boolean): void {
    if (wanted === this.#watching) return;
    this.#watching = wanted;
    if (!wanted) return this.#reactor.unwatch(this.#fd);
    this.#reactor.watch(this.#fd, WRITABLE, () => this.#written(this.#queue.flush()));
  }
}
