/** Gratuitous ARP: the layout that an original node sent, and real frames in a namespace. */
import assert from "node:assert/strict";
import { arpFrame } from "../../core/os/announce.ts";
import { testInNamespace } from "./in_namespace.ts";

/** Each distinct frame of the reference capture `ip-takeover`, from both nodes. */
const GOLDEN = new URL("./golden/arp.jsonl", import.meta.url);

interface Golden {
  readonly opcode: string;
  readonly src_mac: string;
  readonly src_ip: string;
  readonly hex: string;
}

Deno.test("arpFrame: every announcement of an original node, byte for byte", () => {
  const lines = Deno.readTextFileSync(GOLDEN).trim().split("\n");
  assert.ok(lines.length >= 4);
  for (const line of lines) {
    const golden: Golden = JSON.parse(line);
    const hardware = Uint8Array.fromHex(golden.src_mac.replaceAll(":", ""));
    const address = Uint8Array.from(golden.src_ip.split("."), Number);
    const frame = arpFrame(golden.opcode === "1" ? 1 : 2, hardware, address);
    assert.equal(frame.toHex(), golden.hex);
  }
});

testInNamespace(
  "announceAddress: real frames in a network namespace",
  new URL("./announce_inside.ts", import.meta.url),
);
