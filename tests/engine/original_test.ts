/** A pair with an original 3.0.6: what ours does where that one cannot be expected to understand. */
import assert from "node:assert/strict";
import { OriginalPeer } from "./original_peer.ts";
import { DEADTIME_MS } from "./pair.ts";

/** An original that serves its half, beside ours with the other. */
function settled(autoFailback: "on" | "off" = "on"): OriginalPeer {
  const peer = new OriginalPeer(autoFailback).boots();
  peer.says("resource", { rsc_hold: "none", rtype: "full", isstable: "0" });
  peer.says("resource", { rsc_hold: "local", rtype: "full", isstable: "1" });
  peer.pair.pass(1_000);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), ["ip1"]);
  peer.heard();
  return peer;
}

/** Both gave each other up and took everything; now the original is heard again. */
function healed(autoFailback: "on" | "off" = "on"): OriginalPeer {
  const peer = settled(autoFailback);
  peer.silent(true);
  peer.pair.pass(DEADTIME_MS + 2_000);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), ["ip1", "ip2"]);
  peer.heard();
  peer.silent(false);
  peer.pair.pass(1_000);
  return peer;
}

Deno.test("an original back from a partition restarts itself: not a word is said to it before", () => {
  const peer = healed();
  peer.says("resource", { rsc_hold: "all", rtype: "full", isstable: "1" });
  peer.pair.pass(1_500);
  assert.deepEqual(peer.heard(), []);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), ["ip1", "ip2"]);
});

Deno.test("an original that restarts after a heal: we keep serving and announce our addresses", () => {
  const peer = healed();
  peer.pair.announced.length = 0;
  peer.says("resource", { rsc_hold: "none", rtype: "full", isstable: "0", info: "shutdown" });
  peer.says("shutdone", { st: "dead" });
  const story = peer.pair.pass(1_000).filter((line) => !line.includes("sends"));
  assert.deepEqual(peer.pair.announced.filter((line) => line.includes("ip")), [
    "ha1 ip1",
    "ha1 ip2",
  ]);
  assert.ok(!story.some((line) => / (start|stop) /.test(line)), story.join("\n"));
});

Deno.test("an original that takes long to restart after a heal: our addresses are announced all the same", () => {
  const peer = healed();
  peer.pair.pass(4_000);
  peer.pair.announced.length = 0;
  peer.says("resource", { rsc_hold: "none", rtype: "full", isstable: "0", info: "shutdown" });
  peer.says("shutdone", { st: "dead" });
  peer.pair.pass(100);
  assert.deepEqual(peer.pair.announced.filter((line) => line.includes("ip")), [
    "ha1 ip1",
    "ha1 ip2",
  ]);
});

Deno.test("an original that does not restart after a heal never gave us up: it keeps its half", () => {
  const peer = healed("off");
  peer.pair.pass(4_000);
  assert.ok(peer.heard().includes("starting"));
  peer.says("resource", { rsc_hold: "local", rtype: "full", isstable: "1" });
  peer.pair.pass(6_000);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), ["ip1"]);
});

Deno.test("an original that took over while our daemon was dead keeps it, and hears no quarrel", () => {
  const peer = settled("off");
  peer.pair.ha1.killDaemon();
  peer.pair.pass(DEADTIME_MS * 2);
  peer.pair.ha1.startDaemon();
  peer.pair.pass(1_500);
  peer.says("resource", { rsc_hold: "all", rtype: "full", isstable: "0" });
  peer.pair.pass(2_000);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), []);
  assert.ok(!peer.heard().some((words) => /^resource (local|all)/.test(words)));
});

Deno.test("an original's script adds to what it holds without saying that it is the whole", () => {
  const peer = settled();
  peer.says("resource", { rsc_hold: "foreign", info: "mach_down" });
  peer.pair.pass(100);
  assert.equal(peer.pair.view(peer.pair.ha1).peerHolds, "all");
});

Deno.test("an original whose operator types hb_takeover failback gets what belongs to it", () => {
  const peer = settled("off");
  peer.says("resource", { rsc_hold: "none", rtype: "full", isstable: "0", info: "shutdown" });
  peer.says("shutdone", { st: "dead" });
  peer.pair.pass(1_000);
  peer.boots();
  peer.says("resource", { rsc_hold: "none", rtype: "full", isstable: "1" });
  peer.pair.pass(1_000);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), ["ip1", "ip2"]);
  peer.heard();
  peer.says("hb_takeover", { rsc_hold: "failback" });
  assert.equal(peer.heard()[0], "ask_resources foreign me");
});
