/** The classic format's grammar, both ways. */
import assert from "node:assert/strict";
import type { Field, Message } from "../../core/types.ts";
import { sign } from "../../core/wire/auth.ts";
import { classicBody, decodeClassic, encodeClassic } from "../../core/wire/classic.ts";
import { MAX_FIELDS } from "../../core/wire/limits.ts";
import { wireOfBytes } from "../../core/wire/wire_text.ts";
import { ascii, KEYS, STATUS } from "./support.ts";

/** A frame whose lines are given as they stand, signed over `signed`. */
function frame(lines: string, signed = lines): string {
  return `>>>\n${lines}auth=${sign(KEYS, ascii(signed))}\n<<<\n`;
}

function decode(wire: string): Message | string {
  const decoded = decodeClassic(wire, KEYS);
  return decoded.kind === "rejected" ? decoded.cause : decoded.message;
}

const field = (name: string, value: string): Field => ({ type: 0, name, value });

Deno.test("encodeClassic: text, Base64 and the trailing NUL stand where the protocol says", () => {
  const message: Message = [
    field("t", "a\nb=c"),
    { type: 1, name: "u", value: Uint8Array.of(0xff, 0) },
    { type: 4, name: "z", value: Uint8Array.of(1) },
    { type: 2, name: "n", value: ascii("x\x14y") },
    { type: 3, name: "l", value: ascii("1:a,") },
  ];
  const body = "t=a\x13b=c\n(1)u=/wA=\n(4)z=AQ==\n(2)n=x\x14y\n(3)l=1:a,\n";
  assert.equal(classicBody(message), body);
  const plain = wireOfBytes(encodeClassic(message, KEYS, { trailingNul: false }));
  assert.equal(plain, frame(body));
  assert.equal(wireOfBytes(encodeClassic(message, KEYS, { trailingNul: true })), plain + "\0");
  assert.deepEqual(decode(plain), message);
});

Deno.test("decodeClassic: what 3.0.6 lets pass, passes", () => {
  const same: [string, string, Message][] = [
    ["empty lines", frame("\nt=a\n\n\n", "t=a\n"), [field("t", "a")]],
    ["prefix of a string", frame("(0)t=a\n", "t=a\n"), [field("t", "a")]],
    ["empty value", frame("t=\n"), [field("t", "")]],
    ["repeated name", frame("t=a\nt=b\n"), [field("t", "a"), field("t", "b")]],
    ["bytes after the end", frame("t=a\n") + "\0more", [field("t", "a")]],
    ["end line with more", frame("t=a\n").replace("<<<", "<<<x"), [field("t", "a")]],
    ["other auth before", `>>>\nauth=x\n(0)auth=y\n${frame("t=a\n").slice(4)}`, [field("t", "a")]],
  ];
  for (const [what, wire, message] of same) assert.deepEqual(decode(wire), message, what);
});

Deno.test("decodeClassic: broken frames are named by what is broken", () => {
  const broken: [string, string][] = [
    [">>>\n", "truncated"],
    [">>>\nt=a", "truncated"],
    [">>>\nt=a\n", "truncated"],
    [">>>\n<<<\n", "unsigned"],
    [">>>\nt=a\n<<<\n", "unsigned"],
    [">>>\nt\n<<<\n", "malformed"],
    [">>>\n=a\n<<<\n", "malformed"],
    [">>>\n(1)=a\n<<<\n", "malformed"],
    [">>>\n(5)t=a\n<<<\n", "malformed"],
    [">>>\n(t=a\n<<<\n", "malformed"],
    [">>>\n(\n<<<\n", "malformed"],
    [">>>\n(0)(1)t=a\n<<<\n", "malformed"],
    [">>>\nt=a\0b\n<<<\n", "malformed"],
    [frame("t=a\n").replace("t=a", "t=b"), "bad-signature"],
    [frame("(1)u=/wA\n"), "malformed"],
    [frame("(1)u=/wB=\n"), "malformed"],
    [frame("(4)u=$\n"), "malformed"],
    [">>>\n" + "a=b\n".repeat(MAX_FIELDS + 2), "oversized"],
    [">>>\n" + "\n".repeat(MAX_FIELDS + 2), "oversized"],
  ];
  for (const [wire, cause] of broken) assert.equal(decode(wire), cause, wire.slice(0, 60));
});

Deno.test("encodeClassic: what would be read as something else is refused", () => {
  const unwritable: Field[] = [
    field("", "a"),
    field("a=b", "c"),
    field("(1)a", "c"),
    field("<<<", "c"),
    field("a\nb", "c"),
    field("auth", "2 00"),
    field("a", "\0"),
    { type: 2, name: "n", value: ascii("a\nb") },
    field("a", "x".repeat(262_144)),
  ];
  for (const one of unwritable) {
    assert.throws(
      () => encodeClassic([...STATUS, one], KEYS, { trailingNul: false }),
      RangeError,
      one.name,
    );
  }
});
