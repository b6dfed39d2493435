/** Look-ups and numbers: what is not wholly a number is absent. */
import assert from "node:assert/strict";
import type { Message } from "../../core/types.ts";
import {
  bytes,
  decimalNumber,
  hexNumber,
  parseDecimal,
  parseHex,
  text,
} from "../../core/wire/fields.ts";

const MESSAGE: Message = [
  { type: 0, name: "a", value: "10" },
  { type: 0, name: "a", value: "20" },
  { type: 1, name: "u", value: Uint8Array.of(7) },
  { type: 0, name: "u", value: "late" },
];

Deno.test("text and bytes: the first field of a name wins and its type must fit", () => {
  assert.equal(text(MESSAGE, "a"), "10");
  assert.equal(text(MESSAGE, "u"), undefined);
  assert.equal(text(MESSAGE, "none"), undefined);
  assert.deepEqual(bytes(MESSAGE, "u"), Uint8Array.of(7));
  assert.equal(bytes(MESSAGE, "a"), undefined);
  assert.equal(bytes(MESSAGE, "none"), undefined);
});

Deno.test("hexNumber and decimalNumber: one spelling, two bases", () => {
  assert.equal(hexNumber(MESSAGE, "a"), 16);
  assert.equal(decimalNumber(MESSAGE, "a"), 10);
  assert.equal(hexNumber(MESSAGE, "none"), undefined);
  assert.equal(decimalNumber(MESSAGE, "none"), undefined);
});

Deno.test("parseHex and parseDecimal: exact within range, undefined for everything else", () => {
  assert.equal(parseHex("6b036b01"), 0x6b036b01);
  assert.equal(parseHex("fffffffffffff"), 2 ** 52 - 1);
  assert.equal(parseHex("0"), 0);
  assert.equal(parseDecimal("999999999999999"), 999999999999999);
  assert.equal(parseDecimal("007"), 7);
  for (const bad of ["", " 1", "1 ", "1\n", "-1", "+1", "0x1", "1g", "1e3", "1.0", "\u0661"]) {
    assert.equal(parseHex(bad === "1e3" ? "1h3" : bad), undefined, bad);
    assert.equal(parseDecimal(bad), undefined, bad);
  }
  assert.equal(parseHex("1".repeat(14)), undefined);
  assert.equal(parseDecimal("1".repeat(16)), undefined);
});
