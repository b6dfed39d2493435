/**
 * One epoll for every file descriptor of the process, and one parked thread that waits for it. All
 * callbacks run on the main thread, one after another; each drains its descriptor without blocking
 * and bounds how much it does at once. The reactor owns no descriptor but its own two: who opened
 * a descriptor unwatches it first and closes it then.
 *
 * A parked wait keeps the process alive, so a reactor ends with `stop()` (or the process does).
 */
import { O_CLOEXEC, O_NONBLOCK } from "./abi.ts";
import { check, lastErrno, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";

/** Interest and event bits, as epoll has them. */
export const READABLE = 0x001;
export const WRITABLE = 0x004;
/** Comes without being asked for: error or hang-up of the descriptor. */
export const FAILED = 0x008 | 0x010;

/** @param events a combination of {@link READABLE}, {@link WRITABLE} and {@link FAILED} */
export type ReadyCallback = (events: number) => void;

const CTL_ADD = 1;
const CTL_DEL = 2;
const CTL_MOD = 3;
const WAIT_FOR_EVER = -1;
const MAX_EVENTS_PER_WAIT = 64;

/** `struct epoll_event` is packed on x86-64 only. */
const DATA_OFFSET = Deno.build.arch === "x86_64" ? 4 : 8;
const EVENT_BYTES = DATA_OFFSET + 8;

interface Watch {
  /** Tells this watch from an earlier one of the same number whose event is still in hand. */
  readonly serial: number;
  readonly callback: ReadyCallback;
}

/** Tells who watches which descriptor that it is ready. Starts with the first watch. */
export class Reactor {
  readonly #watches = new Map<number, Watch>();
  readonly #events = new DataView(new ArrayBuffer(EVENT_BYTES * MAX_EVENTS_PER_WAIT));
  readonly #change = new DataView(new ArrayBuffer(EVENT_BYTES));
  readonly #failed: (error: unknown) => void;
  #epoll = -1;
  #wake = -1;
  #serial = 0;
  #stopping = false;
  #loop: Promise<void> | undefined;

  /** @param failed gets what a callback threw, and the reactor's own failure if there is one */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /**
   * Calls back whenever `fd` is ready, as long as it stays ready (level-triggered).
   * @param interest a combination of {@link READABLE} and {@link WRITABLE}
   * @throws SystemError, for example EEXIST for a descriptor already watched
   */
  watch(fd: number, interest: number, callback: ReadyCallback): void {
    if (this.#stopping) throw new Error(`cannot watch fd ${fd}: the reactor is stopped`);
    this.#start();
    this.#serial = (this.#serial + 1) >>> 0;
    this.#control(CTL_ADD, fd, interest, this.#serial);
    this.#watches.set(fd, { serial: this.#serial, callback });
  }

  /**
   * Changes what a watched descriptor waits for.
   * @throws Error for a descriptor that is not watched; SystemError
   */
  modify(fd: number, interest: number): void {
    const watch = this.#watches.get(fd);
    if (watch === undefined) throw new Error(`cannot modify fd ${fd}: it is not watched`);
    this.#control(CTL_MOD, fd, interest, watch.serial);
  }

  /** Ends a watch; its callback is not called again. Does nothing for one that is not there. */
  unwatch(fd: number): void {
    if (!this.#watches.delete(fd)) return;
    this.#control(CTL_DEL, fd, 0, 0);
  }

  /** Ends all watches and the parked thread; resolves when the reactor has no descriptor left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#watches.clear();
    if (this.#loop === undefined) return;
    libc.write(this.#wake, new BigUint64Array([1n]), 8);
    await this.#loop;
  }

  #start(): void {
    if (this.#loop !== undefined) return;
    this.#epoll = check("epoll_create1", libc.epoll_create1(O_CLOEXEC));
    this.#wake = check("eventfd", libc.eventfd(0, O_CLOEXEC | O_NONBLOCK));
    this.#control(CTL_ADD, this.#wake, READABLE, 0);
    this.#loop = this.#run();
  }

  #control(operation: number, fd: number, interest: number, serial: number): void {
    this.#change.setUint32(0, interest, true);
    this.#change.setInt32(DATA_OFFSET, fd, true);
    this.#change.setUint32(DATA_OFFSET + 4, serial, true);
    check(`epoll_ctl fd ${fd}`, libc.epoll_ctl(this.#epoll, operation, fd, this.#change));
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const count = await libc.epoll_wait_parked(
        this.#epoll,
        this.#events,
        MAX_EVENTS_PER_WAIT,
        WAIT_FOR_EVER,
      );
      if (count === -1 && !this.#mayWaitAgain()) break;
      for (let i = 0; i < count; i++) this.#dispatch(i * EVENT_BYTES);
    }
    libc.close(this.#epoll);
    libc.close(this.#wake);
  }

  /** The parked wait loses errno, so the question is repeated here without waiting. */
  #mayWaitAgain(): boolean {
    if (libc.epoll_wait(this.#epoll, this.#events, 1, 0) !== -1) return true;
    this.#stopping = true;
    this.#failed(new SystemError("epoll_wait", lastErrno()));
    return false;
  }

  #dispatch(offset: number): void {
    const watch = this.#watches.get(this.#events.getInt32(offset + DATA_OFFSET, true));
    if (watch?.serial !== this.#events.getUint32(offset + DATA_OFFSET + 4, true)) return;
    try {
      watch.callback(this.#events.getUint32(offset, true));
    } catch (error) {
      this.#failed(error);
    }
  }
}
