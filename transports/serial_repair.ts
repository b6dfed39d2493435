/**
 * Repair of frames on a noisy line. Where a line has time to spare, a line of parity follows each
 * frame; with it a receiver of our own puts wrong bytes right, some in every hundred. An original
 * peer does not see it: its reader skips everything until a line `>>>` (wire-protocol §9.6).
 *
 * A repair line: 16 bytes to find it by, although some of them may be wrong; the length of the
 * frame before it, five times, so that each digit can be voted on; the parity as Base64. The frame
 * is dealt out to blocks byte by byte, so that a burst of noise hits all of them a little.
 */
import { Buffer } from "node:buffer";
import { correct, PARITY_BYTES, parityOf } from "./reed_solomon.ts";

/** Longer frames are rare, and rarer still worth their parity. */
export const MAX_REPAIRABLE_BYTES = 2048;
const MAX_BLOCK_BYTES = 160;
const MARK = Buffer.from("~repair-if-hurt~");
/** Wrong bytes in a mark that is still taken for one. */
const MARK_TOLERANCE = 4;
const LENGTH_DIGITS = 3;
const LENGTH_COPIES = 5;
const HEAD_BYTES = MARK.length + LENGTH_DIGITS * LENGTH_COPIES;
/** What must be remembered to repair the longest frame; as much again is kept before it is cut. */
const MEMORY_BYTES = 2 * (MAX_REPAIRABLE_BYTES + HEAD_BYTES) +
  textBytes(MAX_REPAIRABLE_BYTES);

/** The line that follows `frame`; undefined for a frame that is too long. */
export function repairLine(frame: Uint8Array): Uint8Array | undefined {
  if (frame.length > MAX_REPAIRABLE_BYTES || frame.length === 0) return undefined;
  const length = frame.length.toString(16).padStart(LENGTH_DIGITS, "0").repeat(LENGTH_COPIES);
  const parity = Buffer.concat(blocksOf(frame).map(parityOf)).toString("base64url");
  return Buffer.concat([MARK, Buffer.from(`${length}${parity}\n`)]);
}

/** Watches all bytes of a line and hands out the frames that came damaged and are right again. */
export class RepairReader {
  readonly #restored: (frame: Uint8Array) => void;
  #memory = Buffer.alloc(0);
  /** Up to here there is no mark. */
  #searched = 0;

  /** @param restored gets no frame that was whole: whoever reads the line has that already */
  constructor(restored: (frame: Uint8Array) => void) {
    this.#restored = restored;
  }

  push(chunk: Uint8Array): void {
    this.#memory = Buffer.concat([this.#memory, chunk]);
    for (; this.#searched + HEAD_BYTES <= this.#memory.length; this.#searched++) {
      if (!isMark(this.#memory, this.#searched)) continue;
      const end = this.#tryAt(this.#searched);
      if (end === undefined) break;
      this.#searched = Math.max(this.#searched, end - 1);
    }
    const excess = Math.min(this.#memory.length - MEMORY_BYTES, this.#searched);
    if (excess <= 0) return;
    this.#memory = Buffer.from(this.#memory.subarray(excess));
    this.#searched -= excess;
  }

  /** @returns where the repair line at `start` ends; undefined while that has not arrived */
  #tryAt(start: number): number | undefined {
    const parityStart = start + HEAD_BYTES;
    const length = votedLength(this.#memory.subarray(start + MARK.length, parityStart));
    if (length === undefined || length > MAX_REPAIRABLE_BYTES || length > start) return parityStart;
    const end = parityStart + textBytes(length);
    if (end > this.#memory.length) return undefined;
    // What is no Base64 is wrong anyway, but skipped it would move all behind it.
    const text = this.#memory.toString("latin1", parityStart, end).replace(/[^\w-]/g, "A");
    const parity = Buffer.from(text, "base64url");
    const arrived = this.#memory.subarray(start - length, start);
    const frame = restore(arrived, parity);
    if (frame !== undefined && !arrived.equals(frame)) this.#restored(frame);
    return end;
  }
}

function restore(damaged: Uint8Array, parity: Uint8Array): Uint8Array | undefined {
  const frame = new Uint8Array(damaged.length);
  const blocks = blocksOf(damaged);
  for (const [k, block] of blocks.entries()) {
    const word = new Uint8Array(block.length + PARITY_BYTES);
    word.set(block);
    word.set(parity.subarray(k * PARITY_BYTES, (k + 1) * PARITY_BYTES), block.length);
    if (correct(word) === undefined) return undefined;
    for (let i = 0; i < block.length; i++) frame[i * blocks.length + k] = word[i] ?? 0;
  }
  return frame;
}

function blockCount(frameBytes: number): number {
  return Math.ceil(frameBytes / MAX_BLOCK_BYTES);
}

/** Byte i belongs to block i modulo their number. */
function blocksOf(frame: Uint8Array): Uint8Array[] {
  const count = blockCount(frame.length);
  return Array.from({ length: count }, (_, k) => {
    const block = new Uint8Array(Math.ceil((frame.length - k) / count));
    for (let i = 0; i < block.length; i++) block[i] = frame[i * count + k] ?? 0;
    return block;
  });
}

/** Length of the parity of a frame as Base64 without padding. */
function textBytes(frameBytes: number): number {
  return Math.ceil(blockCount(frameBytes) * PARITY_BYTES * 4 / 3);
}

function isMark(bytes: Uint8Array, start: number): boolean {
  let wrong = 0;
  for (let i = 0; i < MARK.length && wrong <= MARK_TOLERANCE; i++) {
    if (bytes[start + i] !== MARK[i]) wrong++;
  }
  return wrong <= MARK_TOLERANCE;
}

/** Each digit is what most of its copies say. */
function votedLength(copies: Buffer): number | undefined {
  let digits = "";
  for (let digit = 0; digit < LENGTH_DIGITS; digit++) {
    const votes = new Map<number, number>();
    for (let copy = 0; copy < LENGTH_COPIES; copy++) {
      const byte = copies[copy * LENGTH_DIGITS + digit] ?? 0;
      votes.set(byte, (votes.get(byte) ?? 0) + 1);
    }
    const [[winner]] = [...votes].sort(([, a], [, b]) => b - a) as [[number, number]];
    digits += String.fromCharCode(winner);
  }
  return /^[0-9a-f]+$/.test(digits) ? parseInt(digits, 16) : undefined;
}
