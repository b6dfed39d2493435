/** auto_failback legacy with an original as the peer, message by message as in its captures. */
import assert from "node:assert/strict";
import { OriginalPeer } from "./original_peer.ts";
import { DEADTIME_MS } from "./pair.ts";

const GRANT = { dest: "ha1", ipaddr: "ip1", weown: "no", ok: "OK" };
const doings = (story: readonly string[]) => story.filter((line) => / (start|stop) /.test(line));

/** Ours has asked for its group and got it; the original runs its own. */
function settled(): OriginalPeer {
  const peer = new OriginalPeer("legacy").boots();
  peer.pair.pass(500);
  assert.deepEqual(peer.heard(), ["ip-request ip1"]);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), []);
  peer.says("ip-request-resp", GRANT);
  assert.deepEqual(doings(peer.pair.pass(500)), ["ha1 start ip1", "ha1 start httpd1"]);
  assert.deepEqual(peer.heard(), []);
  return peer;
}

Deno.test("legacy: asks the original for its own groups, and starts them when it has answered", () => {
  settled();
});

Deno.test("legacy: a question without an answer is asked again", () => {
  const peer = new OriginalPeer("legacy").boots();
  peer.pair.pass(6_000);
  const asked = peer.heard();
  assert.ok(asked.length > 1 && asked.every((words) => words === "ip-request ip1"), `${asked}`);
  peer.says("ip-request-resp", { ...GRANT, ok: "no" });
  peer.pair.pass(1_000);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), []);
});

Deno.test("legacy: death of the original makes us take everything, its return gives its half back", () => {
  const peer = settled();
  peer.silent(true);
  assert.deepEqual(doings(peer.pair.pass(DEADTIME_MS + 1_000)), [
    "ha1 start ip2",
    "ha1 start httpd2",
  ]);
  peer.boots();
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), ["ip1", "ip2"]);
  peer.heard();
  peer.says("ip-request", { ipaddr: "ip2" });
  peer.says("ip-request", { ipaddr: "no-group-of-ours" });
  assert.deepEqual(doings(peer.pair.pass(500)), ["ha1 stop httpd2", "ha1 stop ip2"]);
  assert.deepEqual(peer.heard(), [
    "ip-request-resp ha2 no-group-of-ours no OK",
    "ip-request-resp ha2 ip2 yes OK",
  ]);
});

Deno.test("legacy: a group that we do not hold is answered for at once", () => {
  const peer = settled();
  peer.says("ip-request", { ipaddr: "ip2" });
  assert.deepEqual(doings(peer.pair.pass(500)), []);
  assert.deepEqual(peer.heard(), ["ip-request-resp ha2 ip2 no OK"]);
});

Deno.test("legacy: our own group is not given to whoever asks for it", () => {
  const peer = settled();
  peer.says("ip-request", { ipaddr: "ip1" });
  assert.deepEqual(doings(peer.pair.pass(500)), []);
  assert.deepEqual(peer.heard(), []);
  assert.ok(peer.pair.log.includes("ha1 warn: ha2 asks for ip1, which is ours"));
});

Deno.test("legacy: an original that leaves is replaced at once, not after deadtime", () => {
  const peer = settled();
  peer.says("shutdone", { st: "dead" });
  assert.deepEqual(doings(peer.pair.pass(500)), ["ha1 start ip2", "ha1 start httpd2"]);
  assert.deepEqual(peer.heard(), []);
});

Deno.test("legacy: leaving says nothing but the farewell that an original understands", () => {
  const peer = settled();
  peer.pair.ha1.restartAfterMs = 1e9;
  peer.pair.ha1.order({ kind: "stop" });
  peer.pair.pass(2_000);
  assert.deepEqual(peer.heard(), ["shutdone"]);
});

Deno.test("legacy: no standby towards an original, and no consent to one of its", () => {
  const peer = settled();
  peer.pair.order(peer.pair.ha1, "standby", "all");
  assert.ok(peer.pair.log.some((line) => /reply: false .*knows no standby/.test(line)));
  peer.says("ask_resources", { rsc_hold: "local", info: "me" });
  peer.pair.pass(500);
  assert.deepEqual(peer.heard(), []);
});

Deno.test("legacy: what a crash of ours left of the original's groups is stopped, ours is kept", () => {
  const peer = settled();
  peer.silent(true);
  peer.pair.pass(DEADTIME_MS + 1_000);
  peer.pair.ha1.killDaemon();
  peer.boots();
  peer.pair.ha1.startDaemon();
  peer.pair.pass(2_000);
  peer.says("ip-request-resp", GRANT);
  peer.pair.pass(500);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), ["ip1"]);
});

Deno.test("legacy: after a heal an original that does not restart gets its half back", () => {
  const peer = settled();
  peer.silent(true);
  peer.pair.pass(DEADTIME_MS + 1_000);
  peer.silent(false);
  peer.pair.pass(3_000);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), ["ip1", "ip2"]);
  peer.pair.pass(2_000);
  assert.deepEqual(peer.pair.runs(peer.pair.ha1), ["ip1"]);
});

Deno.test("legacy: an original so configured beside ours with on is told so in our log", () => {
  const peer = new OriginalPeer("on").boots();
  peer.says("ip-request", { ipaddr: "ip2" });
  peer.pair.pass(500);
  assert.ok(peer.pair.log.some((line) => /ha.cf must say the same on both/.test(line)));
});
