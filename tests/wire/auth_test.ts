/** Digests against published vectors and captured ones; who is believed and who is not. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { AuthKey } from "../../core/types.ts";
import { digest, sign, verify } from "../../core/wire/auth.ts";
import { ascii, authVectors, CRC, key, keysSignedWith, MD5, ofHex, SHA1 } from "./support.ts";

const DATA = ascii("t=status\nsrc=node1\n");
const token = (signing: AuthKey) => sign(keysSignedWith(signing), DATA);

function verdict(text: string, keys = keysSignedWith(MD5, CRC, SHA1), classic = false): string {
  const result = verify(text, DATA, keys, classic ? "classic" : "netstring");
  return result.kind === "verified" ? `key ${result.keyNumber}` : result.cause;
}

Deno.test("digest: every captured and published vector", () => {
  const vectors = authVectors();
  assert.ok(vectors.length >= 19);
  for (const { method, key: secret, data_hex, digest: expected, source } of vectors) {
    assert.equal(digest(key(1, method, secret), ofHex(data_hex)), expected, source);
  }
});

Deno.test("digest: crc has the catalogue's check value and drops leading zeros", () => {
  assert.equal(digest(CRC, ascii("123456789")), "765e7680");
  assert.equal(digest(CRC, ascii("")), "ffffffff");
  assert.ok(authVectors().some((v) => v.method === "crc" && v.digest.length < 8));
});

/** RFC 2202 (md5, sha1) and RFC 4231 (sha256), cases 1, 2, 3 and 6 (a key above one block). */
const RFC: readonly (readonly [Uint8Array, Uint8Array, ...(string | undefined)[]])[] = [
  [
    new Uint8Array(20).fill(0x0b),
    ascii("Hi There"),
    undefined, // RFC 2202 uses a 16-byte key for md5 here
    "b617318655057264e28bc0b6fb378c8ef146be00",
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  ],
  [
    ascii("Jefe"),
    ascii("what do ya want for nothing?"),
    "750c783e6ab0b503eaa86e310a5db738",
    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    new Uint8Array(20).fill(0xaa),
    new Uint8Array(50).fill(0xdd),
    undefined,
    "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  ],
  [
    new Uint8Array(80).fill(0xaa),
    ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
    "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd",
    "aa4ae5e15272d00e95705637ce8a3b55ed402112",
    undefined,
  ],
  [
    new Uint8Array(131).fill(0xaa),
    ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
    undefined,
    undefined,
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
];

Deno.test("digest: RFC 2202 and RFC 4231 vectors", () => {
  for (const [secret, data, md5, sha1, sha256] of RFC) {
    for (const [method, expected] of Object.entries({ md5, sha1, sha256 } as const)) {
      if (expected === undefined) continue;
      const made = digest({ number: 1, method: method as "md5" | "sha1" | "sha256", secret }, data);
      assert.equal(made, expected, method);
    }
  }
  const md5Case1 = key(1, "md5", "\x0b".repeat(16));
  assert.equal(digest(md5Case1, ascii("Hi There")), "9294727a3638bb1c13f48ef8158bfc9d");
});

Deno.test("digest: secrets of 0 to 130 bytes give what node:crypto's own HMAC gives", () => {
  for (let length = 0; length <= 130; length++) {
    const secret = new Uint8Array(length).fill(length);
    for (const method of ["md5", "sha1", "sha256"] as const) {
      const expected = createHmac(method, secret).update(DATA).digest("hex");
      const one: AuthKey = { number: 1, method, secret };
      assert.equal(digest(one, DATA), expected);
      assert.equal(digest(one, DATA), expected, "the kept state must not be used up");
    }
  }
});

Deno.test("verify: any listed key with its own secret is believed", () => {
  for (const classic of [true, false]) {
    assert.equal(verdict(token(MD5), undefined, classic), "key 2");
    assert.equal(verdict(token(SHA1), undefined, classic), "key 3");
    assert.equal(verdict(token(CRC), keysSignedWith(CRC, MD5), classic), "key 1");
    assert.equal(verdict(token(MD5), keysSignedWith(CRC, MD5), classic), "key 2");
  }
});

Deno.test("verify: a crc key beside a real signing key is refused though its digest is right", () => {
  for (const classic of [true, false]) {
    assert.equal(verdict(token(CRC), undefined, classic), "weak-key");
  }
});

Deno.test("verify: method of the named key with the signing secret counts in netstrings only", () => {
  const mixed = token({ ...SHA1, secret: MD5.secret });
  assert.equal(verdict(mixed), "key 3");
  assert.equal(verdict(mixed, undefined, true), "bad-signature");
  assert.equal(verdict(mixed, keysSignedWith(SHA1, MD5)), "bad-signature", "only my signing key");
});

Deno.test("verify: while crc signs, a keyed method with crc's empty secret opens nothing", () => {
  const forged = token({ ...SHA1, secret: new Uint8Array() });
  assert.equal(verdict(forged, keysSignedWith(CRC, SHA1)), "bad-signature");
});

Deno.test("verify: unknown numbers, wrong digests and no tokens are told apart", () => {
  const good = token(MD5);
  const hex = good.slice(2);
  for (
    const [text, cause] of [
      [`7 ${hex}`, "unknown-key"],
      [`99 ${hex}`, "unknown-key"],
      [`1000000 ${hex}`, "malformed"],
      [`-2 ${hex}`, "malformed"],
      [`2  ${hex}`, "malformed"],
      [`2${hex}`, "malformed"],
      ["", "malformed"],
      ["2 ", "bad-signature"],
      [`2 ${hex.slice(1)}`, "bad-signature"],
      [`2 ${hex}0`, "bad-signature"],
      [`2 ${hex.toUpperCase()}`, "bad-signature"],
      [`3 ${hex}`, "bad-signature"],
      [`2 ${"\u00ff".repeat(32)}`, "bad-signature"],
    ] as const
  ) {
    assert.equal(verdict(text), cause, JSON.stringify(text));
  }
});
