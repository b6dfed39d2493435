/**
 * Signatures: keyed digests over bytes, and the decision whether one is believed (wire-protocol
 * §6). `crc` needs no secret and protects against noise only; `sha256` is our own addition, which
 * an original node refuses, so it serves pairs of this program.
 *
 * HMAC is built here from two hashes whose keyed first block is prepared once per key and then
 * copied: 3 µs a digest where a fresh `createHmac` takes 6.
 */
import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import type { AuthKey, AuthKeys, AuthMethod } from "../types.ts";
import { quote, reject, type Rejection } from "./rejection.ts";
import { bytesOfWire } from "./wire_text.ts";

/** Block of md5, sha1 and sha256 alike (RFC 2104). */
const BLOCK_BYTES = 64;

interface KeyedHash {
  readonly inner: Hash;
  readonly outer: Hash;
}

/** Keys are never changed in place: a reload of authkeys makes new ones. */
const keyedHashes = new WeakMap<AuthKey, KeyedHash>();

export interface Verified {
  readonly kind: "verified";
  readonly keyNumber: number;
}

/** Digest as it stands on the wire: lower-case hex; crc without leading zeros. */
export function digest(key: AuthKey, data: Uint8Array): string {
  return key.method === "crc" ? crc32(data).toString(16) : hmac(key, key.method, data);
}

/** The signature of `data` with the signing key: `<keynum> <hex>`. */
export function sign(keys: AuthKeys, data: Uint8Array): string {
  return `${keys.signing.number} ${digest(keys.signing, data)}`;
}

/**
 * Whether `token` is a signature of `data` that this node believes.
 *
 * All listed keys count, as with the original, so that keys can be rolled over – except a listed
 * `crc` key while this node signs with a secret: anybody can make a crc, and one such line "for
 * debugging" would open the cluster to everyone who reaches the port (wire-protocol §16, 5).
 *
 * Netstring only: an original node checks with the method of the named key but the secret of its
 * own signing key (§6.4). A peer that adapts to that signs in the same way, so this second reading
 * is tried too. It needs a secret of ours all the same and so opens nothing.
 */
export function verify(
  token: string,
  data: Uint8Array,
  keys: AuthKeys,
  format: "classic" | "netstring",
): Verified | Rejection {
  const match = /^(\d{1,5}) (\S*)$/.exec(token);
  if (match === null) return reject("malformed", `signature ${quote(token)} is not "number hex"`);
  const [, numberText = "", claimed = ""] = match;
  const keyNumber = Number(numberText);
  const key = keys.keys.find((listed) => listed.number === keyNumber);
  if (key === undefined) {
    return reject("unknown-key", `signed with key ${keyNumber}, which authkeys does not list`);
  }
  const { signing } = keys;
  if (key.method === "crc" && signing.method !== "crc") {
    return reject(
      "weak-key",
      `signed with key ${keyNumber} (crc, needs no secret); this node signs with ${signing.method}`,
    );
  }
  if (sameDigest(digest(key, data), claimed)) return { kind: "verified", keyNumber };
  if (
    format === "netstring" && key.method !== "crc" && signing.method !== "crc" &&
    key.number !== signing.number &&
    sameDigest(digest(mixedKey(key, signing), data), claimed)
  ) {
    return { kind: "verified", keyNumber };
  }
  return reject("bad-signature", `signature with key ${keyNumber} (${key.method}) does not match`);
}

/** In time that does not tell where the first difference is. */
function sameDigest(expected: string, claimed: string): boolean {
  return expected.length === claimed.length &&
    timingSafeEqual(bytesOfWire(expected), bytesOfWire(claimed));
}

function mixedKey(named: AuthKey, signing: AuthKey): AuthKey {
  return { number: named.number, method: named.method, secret: signing.secret };
}

function hmac(key: AuthKey, method: Exclude<AuthMethod, "crc">, data: Uint8Array): string {
  let keyed = keyedHashes.get(key);
  if (keyed === undefined) {
    keyed = keyedHash(method, key.secret);
    keyedHashes.set(key, keyed);
  }
  const inner = keyed.inner.copy().update(data).digest();
  return keyed.outer.copy().update(inner).digest("hex");
}

function keyedHash(method: Exclude<AuthMethod, "crc">, secret: Uint8Array): KeyedHash {
  const short = secret.length > BLOCK_BYTES ? createHash(method).update(secret).digest() : secret;
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(short);
  return {
    inner: createHash(method).update(block.map((byte) => byte ^ 0x36)),
    outer: createHash(method).update(block.map((byte) => byte ^ 0x5c)),
  };
}

/** CRC-32/CKSUM without the length: most significant bit first, initial 0, final complement. */
function crc32(data: Uint8Array): number {
  let crc = 0;
  for (const byte of data) crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] ?? 0);
  return ~crc >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
