/**
 * node-serialport's binding on our own calls of the kernel: its native one needs libuv, which Deno
 * has not. A port waits in the reactor that all media share, so that no thread is spent on it, and
 * one that is closed or unplugged ends its pending read and write at once.
 */
// deno-lint-ignore-file require-await -- the interface is asynchronous, the kernel's calls are not
import type {
  BindingInterface,
  BindingPortInterface,
  BindingsErrorInterface,
  OpenOptions,
  PortInfo,
  PortStatus,
  SetOptions,
  UpdateOptions,
} from "@serialport/bindings-interface";
import type { Buffer } from "node:buffer";
import { setTimeout as delay } from "node:timers/promises";
import { errnoNumber, SystemError } from "../core/os/errno.ts";
import { FAILED, type Reactor, READABLE, WRITABLE } from "../core/os/reactor.ts";
import { type Bytes, readFd, writeFd } from "../core/os/socket.ts";
import {
  closeLine,
  configureLine,
  flushLine,
  lineSpeed,
  MODEM,
  modemLines,
  openLine,
  setBreak,
  setModemLines,
  unsentBytes,
} from "../core/os/termios.ts";

const EAGAIN = errnoNumber("EAGAIN");
const EINTR = errnoNumber("EINTR");
const EIO = errnoNumber("EIO");
const TTY_NAMES = /^tty(S|USB|ACM|AMA)\d+$/;
const DRAIN_POLL_MS = 10;
const MAX_READ_BYTES = 4096;

// All ports run on one thread and use this only between two calls of the kernel.
const readBuffer: Bytes = new Uint8Array(MAX_READ_BYTES);

interface PendingRead {
  readonly into: Buffer;
  readonly offset: number;
  readonly length: number;
  resolve(result: { buffer: Buffer; bytesRead: number }): void;
  reject(error: Error): void;
}

interface PendingWrite {
  rest: Bytes;
  resolve(): void;
  reject(error: Error): void;
}

/** Opens serial ports for `@serialport/stream`. */
export class FfiBinding implements BindingInterface<FfiPort> {
  readonly #reactor: Reactor;

  constructor(reactor: Reactor) {
    this.#reactor = reactor;
  }

  /** Serial ports of this host by name; the kernel also names ports that no hardware stands behind. */
  async list(): Promise<PortInfo[]> {
    const unknown = {
      ...{ manufacturer: undefined, serialNumber: undefined, pnpId: undefined },
      ...{ locationId: undefined, productId: undefined, vendorId: undefined },
    };
    return [...Deno.readDirSync("/dev")]
      .filter(({ name }) => TTY_NAMES.test(name))
      .map(({ name }) => ({ path: `/dev/${name}`, ...unknown }));
  }

  /** Rejects with a SystemError, EAGAIN for a port that another process holds. */
  async open(options: OpenOptions): Promise<FfiPort> {
    return new FfiPort(options, this.#reactor);
  }
}

/** One open port. At most one read and one write are pending, as the interface has it. */
class FfiPort implements BindingPortInterface {
  readonly openOptions: Required<OpenOptions>;
  isOpen = true;
  readonly #reactor: Reactor;
  readonly #fd: number;
  #interest = 0;
  #reading: PendingRead | undefined;
  #writing: PendingWrite | undefined;

  /** @throws SystemError */
  constructor(options: OpenOptions, reactor: Reactor) {
    this.openOptions = {
      ...{ dataBits: 8, stopBits: 1, parity: "none", lock: true, hupcl: true },
      ...{ rtscts: false, xon: false, xoff: false, xany: false },
      ...options,
    };
    const { path, baudRate: baud, rtscts, lock } = this.openOptions;
    this.#reactor = reactor;
    this.#fd = openLine(path, { baud, rtscts }, lock);
    try {
      reactor.watch(this.#fd, 0, (events) => this.#ready(events));
    } catch (error) {
      closeLine(this.#fd);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (!this.isOpen) throw new Error(`port "${this.openOptions.path}" is closed already`);
    this.isOpen = false;
    this.#reactor.unwatch(this.#fd);
    closeLine(this.#fd);
    const canceled: BindingsErrorInterface = new Error("the port was closed");
    canceled.canceled = true;
    this.#abandon(canceled);
  }

  read(into: Buffer, offset: number, length: number): ReturnType<BindingPortInterface["read"]> {
    return new Promise((resolve, reject) => {
      this.#reading = { into, offset, length, resolve, reject };
      this.#tryRead();
      this.#wait();
    });
  }

  write(buffer: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writing = { rest: new Uint8Array(buffer), resolve, reject };
      this.#tryWrite();
      this.#wait();
    });
  }

  async update({ baudRate: baud }: UpdateOptions): Promise<void> {
    const { path, rtscts } = this.openOptions;
    configureLine(this.#fd, path, { baud, rtscts });
  }

  async set({ brk = false, dtr = true, rts = true }: SetOptions): Promise<void> {
    setBreak(this.#fd, brk);
    setModemLines(this.#fd, MODEM.dtr, dtr);
    // With hardware flow control RTS belongs to the driver.
    if (!this.openOptions.rtscts) setModemLines(this.#fd, MODEM.rts, rts);
  }

  async get(): Promise<PortStatus> {
    const lines = modemLines(this.#fd);
    return {
      cts: (lines & MODEM.cts) !== 0,
      dsr: (lines & MODEM.dsr) !== 0,
      dcd: (lines & MODEM.dcd) !== 0,
    };
  }

  async getBaudRate(): Promise<{ baudRate: number }> {
    return { baudRate: lineSpeed(this.#fd) };
  }

  async flush(): Promise<void> {
    flushLine(this.#fd);
  }

  /** Asks again and again: the kernel's own wait could hold a thread for ever. */
  async drain(): Promise<void> {
    while (this.isOpen && unsentBytes(this.#fd) > 0) {
      await delay(DRAIN_POLL_MS);
    }
  }

  #ready(events: number): void {
    if ((events & READABLE) !== 0) this.#tryRead();
    if ((events & WRITABLE) !== 0) this.#tryWrite();
    if ((events & FAILED) !== 0) this.#lost(EIO);
    else this.#wait();
  }

  /** The reactor tells what is awaited and nothing else, or it would turn for ever. */
  #wait(): void {
    if (!this.isOpen) return;
    const interest = (this.#reading === undefined ? 0 : READABLE) |
      (this.#writing === undefined ? 0 : WRITABLE);
    if (interest === this.#interest) return;
    this.#reactor.modify(this.#fd, interest);
    this.#interest = interest;
  }

  #tryRead(): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    const room = Math.min(reading.length, MAX_READ_BYTES);
    const count = readFd(this.#fd, readBuffer.subarray(0, room));
    if (count === -EAGAIN || count === -EINTR) return;
    if (count <= 0) return this.#lost(count === 0 ? EIO : -count);
    reading.into.set(readBuffer.subarray(0, count), reading.offset);
    this.#reading = undefined;
    reading.resolve({ buffer: reading.into, bytesRead: count });
  }

  #tryWrite(): void {
    const writing = this.#writing;
    if (writing === undefined) return;
    const count = writeFd(this.#fd, writing.rest);
    if (count === -EAGAIN || count === -EINTR) return;
    if (count < 0) return this.#lost(-count);
    writing.rest = writing.rest.subarray(count);
    if (writing.rest.length > 0) return;
    this.#writing = undefined;
    writing.resolve();
  }

  /** The port is gone: the stream hears it from its pending read, and closes. */
  #lost(errno: number): void {
    this.#reactor.unwatch(this.#fd);
    this.#abandon(new SystemError(`serial port "${this.openOptions.path}"`, errno));
  }

  #abandon(error: Error): void {
    const [reading, writing] = [this.#reading, this.#writing];
    this.#reading = this.#writing = undefined;
    reading?.reject(error);
    writing?.reject(error);
  }
}
