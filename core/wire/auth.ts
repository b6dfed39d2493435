/**
 * Signatures: keyed digests over bytes, and the decision whether one is believed (wire-protocol
 * §6). `crc` needs no secret and protects against noise only; `sha256` is our own addition, which
 * an original node refuses, so it serves pairs of this program.
 *
 * Digests are plain JavaScript and not node:crypto, whose hashes are objects outside the heap that
 * only a full collection gives back: the process grew by a quarter of a kilobyte a digest, until a
 * pause of 30 ms. These are no slower, because the keyed state is prepared once per key and copied.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { AuthKey, AuthKeys } from "../types.ts";
import { quote, reject, type Rejection } from "./rejection.ts";

const HASHES = { md5, sha1, sha256 } as const;

type KeyedState = ReturnType<typeof hmac.create>;

/** Keys are never changed in place: a reload of authkeys makes new ones. */
const keyedStates = new WeakMap<AuthKey, KeyedState>();

export interface Verified {
  readonly kind: "verified";
  readonly keyNumber: number;
}

/** Digest as it stands on the wire: lower-case hex; crc without leading zeros. */
export function digest(key: AuthKey, data: Uint8Array): string {
  if (key.method === "crc") return crc32(data).toString(16);
  let keyed = keyedStates.get(key);
  if (keyed === undefined) {
    keyed = hmac.create(HASHES[key.method], key.secret);
    keyedStates.set(key, keyed);
  }
  return bytesToHex(keyed.clone().update(data).digest());
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
  if (expected.length !== claimed.length) return false;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    difference |= expected.charCodeAt(i) ^ claimed.charCodeAt(i);
  }
  return difference === 0;
}

function mixedKey(named: AuthKey, signing: AuthKey): AuthKey {
  return { number: named.number, method: named.method, secret: signing.secret };
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
