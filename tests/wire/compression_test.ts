/** Wrappers: opened, refused with a cause, and never allowed to grow without bound. */
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import type { Message } from "../../core/types.ts";
import { classicBody, encodeClassic } from "../../core/wire/classic.ts";
import { unwrap } from "../../core/wire/compression.ts";
import { decodeFrame } from "../../core/wire/decode.ts";
import { MAX_UNCOMPRESSED_BYTES } from "../../core/wire/limits.ts";
import { encodeNetstring } from "../../core/wire/netstring.ts";
import { ascii, KEYS, STATUS } from "./support.ts";

function wrapper(content: Uint8Array, algorithm = "zlib"): Message {
  return [
    { type: 1, name: "_compressed_payload", value: new Uint8Array(deflateSync(content)) },
    { type: 0, name: "_compression_algorithm", value: algorithm },
  ];
}

function cause(message: Message): string {
  const result = unwrap(message);
  return "kind" in result ? result.cause : "message";
}

Deno.test("unwrap: a wrapper gives its message, anything else itself", () => {
  assert.equal(unwrap(STATUS), STATUS);
  assert.deepEqual(unwrap(wrapper(encodeClassic(STATUS, KEYS, { trailingNul: true }))), STATUS);
  const unsigned = ascii(`>>>\n${classicBody(STATUS)}<<<\n`);
  assert.deepEqual(unwrap(wrapper(unsigned)), STATUS, "only the wrapper's signature counts");
});

Deno.test("unwrap: what does not hold one message is named", () => {
  const good = wrapper(encodeClassic(STATUS, KEYS, { trailingNul: true }));
  const [payload] = good;
  assert.ok(payload?.type === 1);
  const cut: Message = [{ ...payload, value: payload.value.subarray(0, 50) }, ...good.slice(1)];
  const junk: Message = [{ ...payload, value: ascii("junk") }, ...good.slice(1)];
  assert.equal(cause(cut), "compressed-bad");
  assert.equal(cause(junk), "compressed-bad");
  assert.equal(cause([payload]), "compressed-bad");
  assert.equal(cause([...good, ...STATUS]), "compressed-bad");
  assert.equal(cause([payload, { type: 0, name: "x", value: "y" }]), "compressed-bad");
  assert.equal(cause(wrapper(ascii("no frame"))), "compressed-bad");
  assert.equal(cause(wrapper(ascii(">>>\nt=a\n"))), "truncated");
  assert.equal(cause(wrapper(ascii(">>>\n(1)u=?\n<<<\n"))), "malformed");
  assert.equal(cause(wrapper(ascii("x"), "bz2")), "compressed-unsupported");
  const twice = ascii(`>>>\n${classicBody(good)}<<<\n`);
  assert.equal(cause(wrapper(twice)), "compressed-bad");
});

Deno.test("decodeFrame: a decompression bomb is stopped at the limit", () => {
  // About as much as zlib can put into one frame: a thousand bytes in one.
  const bomb = wrapper(new Uint8Array(7 * MAX_UNCOMPRESSED_BYTES));
  const frame = encodeNetstring(bomb, KEYS, { innerAuth: false });
  const decoded = decodeFrame(frame, KEYS);
  assert.ok(decoded.kind === "rejected");
  assert.equal(decoded.cause, "oversized");
  assert.match(decoded.detail, /^compressed message holds over /);
});
