/**
 * A null-modem cable for hosts without serial ports: two pseudo-terminals and what lies between
 * them. It carries bytes at the speed of a line, or as fast as they come, and does on request what
 * cables do: it is cut, corrupts and loses bytes, or vanishes with its port. All chance is seeded.
 */
import { cString } from "../../core/os/abi.ts";
import { check, errnoNumber, lastErrno } from "../../core/os/errno.ts";
import { libc } from "../../core/os/libc.ts";
import { Reactor, READABLE } from "../../core/os/reactor.ts";
import { type Bytes, closeFd } from "../../core/os/socket.ts";
import { readFd, writeFd } from "../../core/os/socket.ts";
import { configureLine } from "../../core/os/termios.ts";
import { Chance } from "../sim/chance.ts";

const pty = Deno.dlopen("libc.so.6", {
  grantpt: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "u32"], result: "i32" },
}).symbols;

const O_RDWR_NOCTTY_NONBLOCK_CLOEXEC = 2 | 0o400 | 0o4000 | 0o2000000;
const EAGAIN = errnoNumber("EAGAIN");
const MAX_MOVE_BYTES = 4096;
/** A throttled line is looked at so often. */
const TICK_MS = 5;
const BITS_PER_BYTE = 10;
const UNTHROTTLED = Infinity;

/** How a cable treats what it carries; both directions alike. */
export interface CableFaults {
  /** Speed in baud; absent: as fast as bytes come. */
  readonly baud?: number;
  /** Part of the bytes that arrive as others, 0 … 1. */
  readonly corrupted?: number;
  /** Part of the bytes that never arrive, 0 … 1. */
  readonly lost?: number;
}

interface End {
  readonly master: number;
  /** Held open, so that the other side may close and open its port without a hang-up. */
  readonly slave: number;
  readonly path: string;
  /** Bytes that the line may carry now. */
  credit: number;
  creditAtMs: number;
  timer: number | undefined;
}

export class SerialCable implements AsyncDisposable {
  readonly #reactor = new Reactor((error) => {
    throw error;
  });
  readonly #chance: Chance;
  readonly #ends: readonly [End, End];
  #faults: CableFaults = {};
  #cut = false;
  /** Bytes that went in, and bytes that came out other than they were or not at all. */
  readonly counts = { carried: 0, corrupted: 0, lost: 0 };

  constructor(seed = 1) {
    this.#chance = new Chance(seed, "serial cable");
    this.#ends = [openEnd(), openEnd()];
    this.#join(0, 1);
    this.#join(1, 0);
  }

  /** Devices at both ends. */
  get devices(): readonly [string, string] {
    return [this.#ends[0].path, this.#ends[1].path];
  }

  /** Replaces all faults but the cut. */
  behave(faults: CableFaults): void {
    this.#faults = faults;
  }

  /** Nothing arrives any more, and the ports do not notice. */
  cut(): void {
    this.#cut = true;
  }

  mend(): void {
    this.#cut = false;
  }

  /** Puts bytes on the line towards an end, as a disturbance would. */
  disturb(end: 0 | 1, bytes: Uint8Array): void {
    writeFd(this.#ends[end].master, new Uint8Array(bytes));
  }

  /** Stops carrying, as if the far end never read. */
  stopReading(end: 0 | 1): void {
    this.#reactor.unwatch(this.#ends[end].master);
  }

  /** Takes both ports away: who has them open sees them hang up. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { timer } of this.#ends) clearTimeout(timer);
    await this.#reactor.stop();
    for (const { master, slave } of this.#ends) {
      closeFd(slave);
      closeFd(master);
    }
  }

  #join(from: 0 | 1, to: 0 | 1): void {
    const source = this.#ends[from];
    this.#reactor.watch(source.master, READABLE, () => this.#carry(source, this.#ends[to]));
  }

  #carry(source: End, target: End): void {
    const room = Math.min(this.#credit(source), MAX_MOVE_BYTES);
    if (room < 1) {
      this.#reactor.modify(source.master, 0);
      source.timer = setTimeout(() => this.#reactor.modify(source.master, READABLE), TICK_MS);
      return;
    }
    const buffer = new Uint8Array(room);
    const count = readFd(source.master, buffer);
    if (count <= 0) return;
    source.credit -= count;
    this.counts.carried += count;
    if (this.#cut) return;
    // What does not fit is lost, as on a line without flow control.
    const arriving = this.#damage(buffer.subarray(0, count));
    const written = writeFd(target.master, arriving);
    if (written !== arriving.length && written !== -EAGAIN && written < 0) {
      throw new Error(`serial cable: write gave ${written}`);
    }
  }

  /** Whole bytes that may pass now. */
  #credit(source: End): number {
    const { baud } = this.#faults;
    if (baud === undefined) return UNTHROTTLED;
    const nowMs = performance.now();
    const perMs = baud / BITS_PER_BYTE / 1000;
    const earned = (nowMs - source.creditAtMs) * perMs;
    const most = Math.max(1, 4 * TICK_MS * perMs);
    source.credit = Math.min(most, Math.max(source.credit, -most) + earned);
    source.creditAtMs = nowMs;
    return Math.floor(source.credit);
  }

  #damage(bytes: Bytes): Bytes {
    const { corrupted = 0, lost = 0 } = this.#faults;
    if (corrupted === 0 && lost === 0) return bytes;
    const arriving: number[] = [];
    for (const byte of bytes) {
      if (this.#chance.happens(lost)) {
        this.counts.lost++;
      } else if (this.#chance.happens(corrupted)) {
        this.counts.corrupted++;
        arriving.push(byte ^ this.#chance.whole(1, 255));
      } else arriving.push(byte);
    }
    return new Uint8Array(arriving);
  }
}

function openEnd(): End {
  const flags = O_RDWR_NOCTTY_NONBLOCK_CLOEXEC;
  const master = check("open /dev/ptmx", libc.open(cString("/dev/ptmx"), flags, 0));
  check("grantpt", pty.grantpt(master));
  check("unlockpt", pty.unlockpt(master));
  const name = new Uint8Array(64);
  if (pty.ptsname_r(master, name, name.length) !== 0) {
    throw new Error(`ptsname_r: errno ${lastErrno()}`);
  }
  const path = new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
  const slave = check(`open ${path}`, libc.open(cString(path), flags, 0));
  configureLine(slave, path, { baud: 19200, rtscts: false });
  return {
    ...{ master, slave, path, credit: 0, creditAtMs: performance.now(), timer: undefined },
  };
}
