/** The netstring format's grammar, both ways. */
import assert from "node:assert/strict";
import type { Field, Message } from "../../core/types.ts";
import { sign } from "../../core/wire/auth.ts";
import { MAX_FIELDS } from "../../core/wire/limits.ts";
import { decodeNetstring, encodeNetstring } from "../../core/wire/netstring.ts";
import { bytesOfWire, wireOfBytes } from "../../core/wire/wire_text.ts";
import { ascii, KEYS, STATUS } from "./support.ts";

/** A frame whose elements are given as they stand, signed rightly. */
function frame(elements: string): string {
  const signed = `###\n${elements}%%%\n`;
  const token = sign(KEYS, bytesOfWire(signed));
  return `${signed}${token.length}:${token},`;
}

function decode(wire: string): Message | string {
  const decoded = decodeNetstring(bytesOfWire(wire), KEYS);
  return decoded.kind === "rejected" ? decoded.cause : decoded.message;
}

const field = (name: string, value: string): Field => ({ type: 0, name, value });

Deno.test("encodeNetstring: raw values, lengths without the comma, inner auth only if asked", () => {
  const message: Message = [
    field("t", "a\nb"),
    { type: 1, name: "u", value: Uint8Array.of(0xff, 0, 0x2c) },
    { type: 2, name: "n", value: ascii("###\n%%%\n") },
  ];
  const elements = "8:(0)t=a\nb,8:(1)u=\u00ff\0,,13:(2)n=###\n%%%\n,";
  const bare = wireOfBytes(encodeNetstring(message, KEYS, { innerAuth: false }));
  assert.equal(bare, frame(elements));
  const inner = sign(KEYS, ascii("t=a\x13b\n(1)u=/wAs\n(2)n=x\n"));
  const simple: Message = [...message.slice(0, 2), { type: 2, name: "n", value: ascii("x") }];
  assert.equal(
    wireOfBytes(encodeNetstring(simple, KEYS, { innerAuth: true })),
    frame(`8:(0)t=a\nb,8:(1)u=\u00ff\0,,6:(2)n=x,42:(0)auth=${inner},`),
  );
  assert.deepEqual(decode(bare), message);
});

Deno.test("decodeNetstring: any inner auth is ignored, and no fields are no error here", () => {
  assert.deepEqual(decode(frame("7:(0)t=ab,14:(0)auth=2 dead,")), [field("t", "ab")]);
  assert.deepEqual(decode(frame("10:(1)auth=\0x,")), []);
  assert.deepEqual(decode(frame("")), []);
});

Deno.test("decodeNetstring: without a right signature nothing else is looked at", () => {
  const good = frame("6:(0)t=a,");
  const tail = good.slice(good.indexOf("%%%"));
  const broken: [string, string][] = [
    ["###\n", "truncated"],
    ["###\n6:(0)t=a,", "truncated"],
    ["###\n6:(0)t=a,%%%\n", "unsigned"],
    [good.slice(0, -1), "truncated"],
    [good + "\0", "truncated"],
    [good + ",", "malformed"],
    [good.replace("\n34:", "\n33:"), "malformed"],
    [good.replace("\n34:", "\n:"), "malformed"],
    [good + "x".repeat(100) + ",", "truncated"],
    [good.replace("t=a", "t=b"), "bad-signature"],
    [`###\n0:,${tail}`, "bad-signature"],
    ["###\n6:(0)t=a,%%%\n4:9 00,", "unknown-key"],
  ];
  for (const [wire, cause] of broken) assert.equal(decode(wire), cause, wire.slice(0, 60));
});

Deno.test("decodeNetstring: a right signature does not excuse broken elements", () => {
  const broken: [string, string][] = [
    ["0:,", "malformed"],
    ["5:xx=yy,", "malformed"],
    ["6:(9)t=a,", "malformed"],
    ["6:(5)t=a,", "malformed"],
    ["6:(x)t=a,", "malformed"],
    ["7:(0)test,", "malformed"],
    ["5:(0)=a,", "malformed"],
    ["9:(0)t=a\0bc,", "malformed"],
    ["7:(0)t=a,", "malformed"],
    ["5:(0)t=a,", "malformed"],
    ["9:(0)t=a,", "malformed"],
    ["6:(0)t=a", "malformed"],
    ["6(0)t=a,", "malformed"],
    ["-6:(0)t=a,", "malformed"],
    ["2147483647:(0)t=a,", "malformed"],
    ["99999:(0)t=a,", "malformed"],
    ["6:(0)t=a,junk", "malformed"],
    ["6:(0)a=b,".repeat(MAX_FIELDS + 2), "oversized"],
  ];
  for (const [elements, cause] of broken) {
    assert.equal(decode(frame(elements)), cause, elements.slice(0, 60));
  }
});

Deno.test("encodeNetstring: what would be read as something else is refused", () => {
  const unwritable: Field[] = [
    field("", "a"),
    field("auth", "2 00"),
    field("a", "\0"),
    { type: 1, name: "u", value: new Uint8Array(262_144) },
  ];
  for (const one of unwritable) {
    assert.throws(() => encodeNetstring([one], KEYS, { innerAuth: false }), RangeError, one.name);
  }
  assert.ok(encodeNetstring(STATUS, KEYS, { innerAuth: false }).length < 300);
});
