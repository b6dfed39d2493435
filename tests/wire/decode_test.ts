/** The door as a whole: round trips, and strangers who never get in. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { AuthKeys, Field, Message } from "../../core/types.ts";
import { encodeClassic } from "../../core/wire/classic.ts";
import { decodeFrame } from "../../core/wire/decode.ts";
import { MAX_FRAME_BYTES } from "../../core/wire/limits.ts";
import { encodeNetstring } from "../../core/wire/netstring.ts";
import { quote, REJECT_CAUSES } from "../../core/wire/rejection.ts";
import { ascii, CRC, key, KEYS, keysSignedWith, MD5, SHA1, STATUS } from "./support.ts";

const ENCODERS = {
  classic: (message: Message, keys: AuthKeys) =>
    encodeClassic(message, keys, { trailingNul: false }),
  "classic with NUL": (message: Message, keys: AuthKeys) =>
    encodeClassic(message, keys, { trailingNul: true }),
  netstring: (message: Message, keys: AuthKeys) =>
    encodeNetstring(message, keys, { innerAuth: false }),
  "netstring with inner auth": (message: Message, keys: AuthKeys) =>
    encodeNetstring(message, keys, { innerAuth: true }),
} as const;

const names = fc.string({ minLength: 1, maxLength: 12 }).filter((name) =>
  !/[=\n\0]|^\(|^<<</.test(name) && name !== "auth" && name !== "st"
);
/** Without 0x13, which the classic format cannot tell from LF (wire-protocol §3.2). */
const texts = fc.string({ unit: "binary", maxLength: 40 }).filter((value) =>
  !value.includes("\0") && !value.includes("\x13")
);
const fields: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ type: fc.constant<0>(0), name: names, value: texts }, { noNullPrototype: true }),
  fc.record({
    type: fc.constantFrom<1 | 4>(1, 4),
    name: names,
    value: fc.uint8Array({ maxLength: 40 }),
  }, { noNullPrototype: true }),
);
const messages = fc.array(fields, { maxLength: 12 }).map((extra): Message => [...STATUS, ...extra]);
const keyrings = fc.constantFrom(
  ...[CRC, MD5, SHA1, key(15, "sha256", "x".repeat(100))].map((one) => keysSignedWith(one)),
);

for (const [form, encode] of Object.entries(ENCODERS)) {
  Deno.test(`decodeFrame: reads back every message written as ${form}`, () => {
    fc.assert(fc.property(messages, keyrings, (message, keys) => {
      const decoded = decodeFrame(encode(message, keys), keys);
      assert.ok(decoded.kind === "message", JSON.stringify(decoded));
      assert.deepEqual(decoded.message, message);
      assert.equal(decoded.keyNumber, keys.signing.number);
      assert.ok(form.startsWith(decoded.format));
    }));
  });

  Deno.test(`decodeFrame: no changed byte of ${form} gets in`, () => {
    const frame = encode(STATUS, KEYS);
    const open = signedEnd(frame);
    fc.assert(
      fc.property(fc.nat(open - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = frame.slice();
        changed[at] = (changed[at] ?? 0) ^ mask;
        assertRefusedOrSame(changed);
      }),
      { numRuns: 1000 },
    );
  });

  Deno.test(`decodeFrame: ${form} cut anywhere is refused, whole it is read`, () => {
    const frame = encode(STATUS, KEYS);
    for (let length = 0; length < signedEnd(frame); length++) {
      assert.equal(decodeFrame(frame.slice(0, length), KEYS).kind, "rejected", `${length} bytes`);
    }
    assert.equal(decodeFrame(frame, KEYS).kind, "message");
  });

  Deno.test(`decodeFrame: ${form} with inserted, removed or repeated parts never gets in`, () => {
    const frame = encode(STATUS, KEYS);
    const part = fc.tuple(fc.nat(frame.length), fc.nat(frame.length), fc.uint8Array());
    fc.assert(
      fc.property(part, ([from, to, insert]) => {
        const mutant = Uint8Array.of(...frame.slice(0, from), ...insert, ...frame.slice(to));
        assertRefusedOrSame(mutant);
      }),
      { numRuns: 1000 },
    );
  });
}

/** Bytes that matter: the `<<<` of a classic frame ends it, what follows is ignored (§3.1). */
function signedEnd(frame: Uint8Array): number {
  const isClassic = frame[0] === 0x3e;
  return isClassic ? frame.lastIndexOf(0x3c) + 1 : frame.length;
}

/** A mutation may leave the meaning alone (an empty line more); it must never change it. */
function assertRefusedOrSame(frame: Uint8Array): void {
  const decoded = decodeFrame(frame, KEYS);
  if (decoded.kind === "message") assert.deepEqual(decoded.message, STATUS);
  else assert.ok(REJECT_CAUSES.includes(decoded.cause));
}

Deno.test("decodeFrame: random bytes behind either marker never throw and never verify", () => {
  const starts = fc.constantFrom("", ">>>\n", "###\n", ">>>\nt=status\n", "###\n11:(0)t=status,");
  const ends = fc.constantFrom("", "\n<<<\n", "\nauth=2 00\n<<<\n", "%%%\n", "%%%\n4:2 00,");
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 200 }), ends, (start, middle, end) => {
      const frame = Uint8Array.of(...ascii(start), ...middle, ...ascii(end));
      assert.equal(decodeFrame(frame, KEYS).kind, "rejected");
    }),
    { numRuns: 2000 },
  );
});

Deno.test("decodeFrame: the largest frame is read, one byte more is oversized", () => {
  for (const encode of Object.values(ENCODERS)) {
    const empty = encode([...STATUS, { type: 0, name: "x", value: "" }], KEYS).length;
    // Longer length prefixes of the padded field take up to five bytes more.
    const value = "x".repeat(MAX_FRAME_BYTES - empty - 5);
    const frame = encode([...STATUS, { type: 0, name: "x", value }], KEYS);
    assert.ok(frame.length > MAX_FRAME_BYTES - 8);
    assert.equal(decodeFrame(frame, KEYS).kind, "message");
  }
  const over = new Uint8Array(MAX_FRAME_BYTES + 1);
  over.set(ascii(">>>\n"));
  const decoded = decodeFrame(over, KEYS);
  assert.ok(decoded.kind === "rejected" && decoded.cause === "oversized");
});

Deno.test("decodeFrame: hostile frames of full size cost a bounded time", () => {
  const fill = (start: string, unit: string) =>
    ascii(start + unit.repeat(Math.floor((MAX_FRAME_BYTES - start.length) / unit.length)));
  for (const unit of ["\n", "a", "a=\n", "(0)auth=\n", "%%%\n", "1:", "9:(0)", "=", "<", ">>>\n"]) {
    for (const start of [">>>\n", "###\n"]) {
      const began = performance.now();
      assert.equal(decodeFrame(fill(start, unit), KEYS).kind, "rejected");
      const tookMs = performance.now() - began;
      // Linear work is done in a few; only a busy machine adds to it.
      assert.ok(tookMs < 5_000, `${JSON.stringify(start + unit)}… took ${tookMs} ms`);
    }
  }
});

Deno.test("decodeFrame: a verified message without its control fields is refused", () => {
  for (const encode of Object.values(ENCODERS)) {
    const decoded = decodeFrame(encode(STATUS.slice(1), KEYS), KEYS);
    assert.ok(decoded.kind === "rejected" && decoded.cause === "missing-field");
  }
});

Deno.test("quote: shows 40 characters and nothing that a terminal would obey", () => {
  assert.equal(quote('a"b\\c\n\x1b[2J\u009b'), '"a\\x22b\\x5cc\\x0a\\x1b[2J\\x9b"');
  assert.equal(quote("x".repeat(41)), `"${"x".repeat(40)}"…`);
});
