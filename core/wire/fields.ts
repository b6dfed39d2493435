/**
 * Reading fields of a message and the numbers in them. Numbers on the wire are written in two
 * bases, by field (wire-protocol §0, fact 5), and come from a peer: what is not wholly a number in
 * a range that JavaScript holds exactly is treated as absent, never as 0 or NaN.
 */
import type { Message } from "../types.ts";

/** Text of the first field of that name; undefined when absent or not of type 0. */
export function text(message: Message, name: string): string | undefined {
  const field = message.find((candidate) => candidate.name === name);
  return field?.type === 0 ? field.value : undefined;
}

/** Bytes of the first field of that name; undefined when absent or of type 0. */
export function bytes(message: Message, name: string): Uint8Array | undefined {
  const field = message.find((candidate) => candidate.name === name);
  return field === undefined || field.type === 0 ? undefined : field.value;
}

/** Number in a hexadecimal field (`seq`, `hg`, `ts`, `dt`, `ackseq`, `firstseq` of a NAK). */
export function hexNumber(message: Message, name: string): number | undefined {
  return parseHex(text(message, name) ?? "");
}

/** Number in a decimal field (`ttl`, `protocol`, `firstseq` and `lastseq` of a request …). */
export function decimalNumber(message: Message, name: string): number | undefined {
  return parseDecimal(text(message, name) ?? "");
}

/** 1 to 13 hexadecimal digits and nothing else: 0 … 2^52−1. */
export function parseHex(digits: string): number | undefined {
  return /^[0-9a-fA-F]{1,13}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

/** 1 to 15 decimal digits and nothing else: 0 … 10^15−1. */
export function parseDecimal(digits: string): number | undefined {
  return /^[0-9]{1,15}$/.test(digits) ? Number.parseInt(digits, 10) : undefined;
}
