/**
 * Keys, a typical message and the golden records that the tests of this room share. No tests here.
 */
import { gunzipSync } from "node:zlib";
import type { AuthKey, AuthKeys, AuthMethod, Message } from "../../core/types.ts";

export interface GoldenPacket {
  readonly scenario: string;
  readonly medium: string;
  readonly format: "classic" | "netstring";
  readonly method: AuthMethod;
  readonly keynum: number;
  readonly key: string;
  readonly inner_auth?: boolean;
  readonly fields?: readonly (readonly [number, string, string])[];
  readonly hex: string;
}

export interface NegativeRecord {
  readonly id: string;
  readonly verdict: string;
  readonly hex: string;
}

export interface AuthVector {
  readonly method: AuthMethod;
  readonly key: string;
  readonly data_hex: string;
  readonly digest: string;
  readonly source: string;
}

const encoder = new TextEncoder();

export function key(number: number, method: AuthMethod, secret: string): AuthKey {
  return { number, method, secret: encoder.encode(secret) };
}

/** The keys that the receiver of `negative.jsonl` had; md5 signs. */
export const CRC = key(1, "crc", "");
export const MD5 = key(2, "md5", "Hello!");
export const SHA1 = key(3, "sha1", "S3cretKey-abcdef");

export function keysSignedWith(signing: AuthKey, ...others: AuthKey[]): AuthKeys {
  return { signing, keys: [signing, ...others] };
}

export const KEYS = keysSignedWith(MD5, CRC, SHA1);

export const UUID = Uint8Array.from({ length: 16 }, (_, i) => (i * 37 + 200) & 0xff);

/** A status message as a daemon sends it every keepalive. */
export const STATUS: Message = [
  { type: 0, name: "t", value: "status" },
  { type: 0, name: "st", value: "active" },
  { type: 0, name: "dt", value: "1770" },
  { type: 0, name: "protocol", value: "1" },
  { type: 0, name: "src", value: "node1" },
  { type: 1, name: "srcuuid", value: UUID },
  { type: 0, name: "seq", value: "1a4" },
  { type: 0, name: "hg", value: "6b036b01" },
  { type: 0, name: "ts", value: "6b036b00" },
  { type: 0, name: "ld", value: "0.26 0.23 0.14 2/105 416" },
  { type: 0, name: "ttl", value: "3" },
];

export function ofHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function ascii(text: string): Uint8Array {
  return encoder.encode(text);
}

function golden(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`golden/${name}`, import.meta.url));
}

function records(bytes: Uint8Array): unknown[] {
  const lines = new TextDecoder().decode(bytes).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

export function goldenPackets(): GoldenPacket[] {
  return records(gunzipSync(golden("packets.jsonl.gz"))) as GoldenPacket[];
}

export function negativeRecords(): NegativeRecord[] {
  return records(golden("negative.jsonl")) as NegativeRecord[];
}

export function authVectors(): AuthVector[] {
  return records(golden("auth-vectors.jsonl")) as AuthVector[];
}
