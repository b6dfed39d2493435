/** Real traffic of 3.0.6, read and written again, and its verdict on 61 hostile inputs. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Message } from "../../core/types.ts";
import { encodeClassic } from "../../core/wire/classic.ts";
import { decodeFrame } from "../../core/wire/decode.ts";
import { encodeNetstring } from "../../core/wire/netstring.ts";
import {
  type GoldenPacket,
  goldenPackets,
  key,
  KEYS,
  keysSignedWith,
  negativeRecords,
  ofHex,
} from "./support.ts";

const isWrapper = (packet: GoldenPacket) =>
  packet.fields?.some(([, name]) => name === "_compressed_payload") ?? false;

const keysOf = (packet: GoldenPacket) =>
  keysSignedWith(key(packet.keynum, packet.method, packet.key));

function asRecorded(message: Message): [number, string, string][] {
  return message.map((field) => [
    field.type,
    field.name,
    field.type === 0 ? field.value : Buffer.from(field.value).toString("hex"),
  ]);
}

Deno.test("decodeFrame: reads every captured packet with the recorded fields", () => {
  const packets = goldenPackets().filter((packet) => !isWrapper(packet));
  assert.ok(packets.length >= 300, `only ${packets.length} packets`);
  for (const packet of packets) {
    const decoded = decodeFrame(ofHex(packet.hex), keysOf(packet));
    assert.ok(decoded.kind === "message", `${packet.scenario}: ${JSON.stringify(decoded)}`);
    assert.equal(decoded.format, packet.format);
    assert.equal(decoded.keyNumber, packet.keynum);
    if (packet.fields === undefined) continue;
    const expected = packet.fields.filter(([, name]) => name !== "auth");
    assert.deepEqual(asRecorded(decoded.message), expected, packet.scenario);
  }
});

Deno.test("encode: repeats every captured packet byte for byte", () => {
  const written = { classic: 0, netstring: 0 };
  for (const packet of goldenPackets()) {
    if (isWrapper(packet)) continue;
    const keys = keysOf(packet);
    const decoded = decodeFrame(ofHex(packet.hex), keys);
    assert.ok(decoded.kind === "message");
    const frame = packet.format === "classic"
      ? encodeClassic(decoded.message, keys, { trailingNul: false })
      : encodeNetstring(decoded.message, keys, { innerAuth: packet.inner_auth === true });
    assert.equal(Buffer.from(frame).toString("hex"), packet.hex, packet.scenario);
    written[packet.format]++;
  }
  assert.ok(written.classic >= 10 && written.netstring >= 280, JSON.stringify(written));
});

Deno.test("decodeFrame: opens the captured zlib wrapper and names what it cannot open", () => {
  const wrappers = goldenPackets().filter(isWrapper);
  const results = wrappers.map((packet) => {
    const decoded = decodeFrame(ofHex(packet.hex), keysOf(packet));
    return decoded.kind === "message"
      ? `${packet.scenario} ${decoded.message[0]?.name} ${decoded.message.length > 8}`
      : `${packet.scenario} ${decoded.cause}`;
  });
  assert.deepEqual(results.sort(), [
    "compressed-bz2 compressed-unsupported",
    "compressed-zlib t true",
  ]);
});

/** Where we decide otherwise than 3.0.6, on purpose. */
const STRICTER = new Map([
  ["classic-other-listed-key", "weak-key"],
  ["net-other-listed-key", "weak-key"],
]);
/** 3.0.6 checks this one with the wrong secret; we read it as it was meant. */
const MORE_TOLERANT = new Set(["net-key3-own-secret"]);
/** Verdicts that need the state of a cluster: these decode, and the engine decides. */
const FOR_THE_ENGINE = new Set([
  "old-generation",
  "unknown-node",
  "uppercase-src",
  "missing-hg",
  "duplicate",
  "rexmit-zero",
]);

/** What the codecs must say to inputs that 3.0.6 refuses (or dies of). */
const CAUSES: Readonly<Record<string, string>> = {
  "net-no-outer": "unsigned",
  "classic-bad-digest": "bad-signature",
  "net-bad-digest": "bad-signature",
  "classic-unknown-keynum": "unknown-key",
  "classic-keynum-99": "unknown-key",
  "missing-seq": "missing-field",
  "missing-ts": "missing-field",
  "missing-src": "missing-field",
  "missing-t": "missing-field",
  "two-auth-last-bad": "bad-signature",
  "crlf": "not-a-frame",
  "digest-uppercase": "bad-signature",
  "no-auth-classic": "unsigned",
  "garbage": "not-a-frame",
  "empty": "not-a-frame",
  "classic-no-equals": "malformed",
  "classic-type9": "malformed",
  "classic-truncated": "truncated",
  "crash-no-paren": "malformed",
  "crash-type9": "weak-key",
  "crash-zero-length": "weak-key",
  "net-type6": "weak-key",
  "net-truncated": "truncated",
  "net-type4-unauth": "weak-key",
  "net-type2-bad": "weak-key",
  "net-type3-bad": "weak-key",
  "net-no-equals": "weak-key",
  "net-huge-length": "weak-key",
  "net-negative-length": "weak-key",
  "net-empty-name": "weak-key",
  "classic-type2-bad": "weak-key",
  "classic-start-only": "truncated",
  "net-start-only": "truncated",
  "net-long-token": "truncated",
};

Deno.test("decodeFrame: agrees with 3.0.6 on hostile input, but for the listed differences", () => {
  const records = negativeRecords();
  assert.equal(records.length, 61);
  for (const record of records) {
    const decoded = decodeFrame(ofHex(record.hex), KEYS);
    const result = decoded.kind === "message" ? "message" : decoded.cause;
    assert.equal(result, expectedOf(record), `${record.id} (3.0.6: ${record.verdict})`);
  }
});

function expectedOf(record: { readonly id: string; readonly verdict: string }): string {
  const { id, verdict } = record;
  if (MORE_TOLERANT.has(id) || FOR_THE_ENGINE.has(id)) return "message";
  const accepts = /^(accept|answer|ignore|log only)/.test(verdict);
  return STRICTER.get(id) ?? (accepts ? "message" : CAUSES[id] ?? `no expectation for ${id}`);
}

Deno.test("decodeFrame: the inputs that kill 3.0.6 are refused also when rightly keyed", () => {
  const crcSigns = keysSignedWith(key(1, "crc", ""));
  for (const record of negativeRecords()) {
    if (!/CRASH/.test(record.verdict)) continue;
    assert.equal(decodeFrame(ofHex(record.hex), crcSigns).kind, "rejected", record.id);
  }
});
