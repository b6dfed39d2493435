/** Reports of packets that did not verify: whose, and how many of a flood. */
import assert from "node:assert/strict";
import type { UnverifiedReport } from "../../core/engine/events.ts";
import { UnverifiedPackets } from "../../core/runtime/unverified_packets.ts";
import type { AuthKeys, Message } from "../../core/types.ts";
import { encodeClassic } from "../../core/wire/classic.ts";
import { encodeNetstring } from "../../core/wire/netstring.ts";

const KEY = { number: 1, method: "sha1", secret: new TextEncoder().encode("other") } as const;
const KEYS: AuthKeys = { signing: KEY, keys: [KEY] };

const text = (name: string, value: string) => ({ type: 0, name, value }) as const;

function message(source: string, type = "status"): Message {
  const numbers = [text("seq", "1"), text("hg", "5"), text("ts", "6b03")];
  return [text("t", type), text("src", source), ...numbers, text("ttl", "3")];
}

function packets(): { readonly all: UnverifiedPackets; readonly reports: UnverifiedReport[] } {
  const reports: UnverifiedReport[] = [];
  return { all: new UnverifiedPackets(["ha2"], (report) => reports.push(report)), reports };
}

Deno.test("UnverifiedPackets: both formats name their sender and say whether they are beats", () => {
  const { all, reports } = packets();
  all.note("eth0", encodeNetstring(message("ha2"), KEYS, { innerAuth: true }), "bad-signature", 0);
  const serial = encodeClassic(message("ha2", "starting"), KEYS, { trailingNul: false });
  all.note("/dev/ttyS0", serial, "unknown-key", 0);
  assert.deepEqual(reports, [
    { medium: "eth0", source: "ha2", isBeat: true, cause: "bad-signature" },
    { medium: "/dev/ttyS0", source: "ha2", isBeat: false, cause: "unknown-key" },
  ]);
});

Deno.test("UnverifiedPackets: 200 packets in a second are five reports, and a stranger's take none of them", () => {
  const { all, reports } = packets();
  const frame = (source: string) => encodeNetstring(message(source), KEYS, { innerAuth: false });
  const [forged, stranger, longer] = [frame("ha2"), frame("db1"), frame("ha20")];
  for (let atMs = 0; atMs < 1_000; atMs += 5) {
    for (const one of [stranger, longer, forged]) all.note("eth0", one, "bad-signature", atMs);
  }
  assert.equal(reports.length, 5);
  assert.ok(reports.every(({ source }) => source === "ha2"));
});

Deno.test("UnverifiedPackets: what is no whole message, or was dropped for another cause, says nothing", () => {
  const { all, reports } = packets();
  const whole = encodeNetstring(message("ha2"), KEYS, { innerAuth: false });
  all.note("eth0", whole.subarray(0, whole.length / 2), "unsigned", 0);
  all.note("eth0", new TextEncoder().encode("src=ha2"), "unsigned", 0);
  all.note("eth0", whole, "malformed", 0);
  assert.deepEqual(reports, []);
});
