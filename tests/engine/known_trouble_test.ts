/** What stays visible of trouble: the last failure here, what the peer says of its groups, its leave. */
import assert from "node:assert/strict";
import type { GroupView } from "../../core/engine/view.ts";
import type { Host } from "../sim/host.ts";
import { OriginalPeer } from "./original_peer.ts";
import { Pair } from "./pair.ts";

const HOUR_MS = 3_600_000;

function first(pair: Pair, host: Host): GroupView {
  const [group] = pair.view(host).groups;
  if (group === undefined) throw new Error("there is a group");
  return group;
}

/** ha1 gave its group to ha2 because httpd1 did not start. */
function bounced(): Pair {
  const pair = new Pair({ groups: ["ha1 ip1 httpd1"] });
  pair.ha1.broken.add("httpd1");
  pair.boot();
  pair.pass(10_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1"]);
  return pair;
}

Deno.test("a failed start is shown by both nodes when the other one serves since", () => {
  const pair = bounced();
  const { failure } = first(pair, pair.ha1);
  const { ageMs, ...facts } = failure ?? { ageMs: -1 };
  assert.deepEqual(facts, {
    resource: "httpd1",
    operation: "start",
    cause: "the dice said so",
    followed: "moved",
  });
  assert.ok(ageMs > 10_000, `${ageMs}`);
  const { state, text } = first(pair, pair.ha2).peer ?? {};
  assert.deepEqual([state, text], ["failed", "start of httpd1: the dice said so"]);
});

Deno.test("the last failure is forgotten after an hour, by both", () => {
  const pair = bounced();
  pair.pass(HOUR_MS - 60_000);
  assert.notEqual(first(pair, pair.ha1).failure, null);
  assert.notEqual(first(pair, pair.ha2).peer, null);
  pair.pass(120_000);
  assert.equal(first(pair, pair.ha1).failure, null);
  assert.equal(first(pair, pair.ha2).peer, null);
});

Deno.test("a peer that starts anew learns how old a failure is", () => {
  const pair = bounced();
  pair.pass(600_000);
  pair.ha2.killDaemon();
  pair.ha2.startDaemon();
  pair.pass(10_000);
  const { ageMs = 0 } = first(pair, pair.ha2).peer ?? {};
  assert.ok(ageMs > 600_000 && ageMs < 700_000, `${ageMs}`);
});

Deno.test("a good start forgets it, and so does the peer", () => {
  const pair = bounced();
  pair.ha1.broken.clear();
  pair.order(pair.ha1, "takeover", "all");
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.equal(first(pair, pair.ha1).failure, null);
  assert.equal(first(pair, pair.ha2).peer, null);
});

Deno.test("a standby that was called off stays visible although all runs again", () => {
  const pair = new Pair({ groups: ["ha1 ip1 httpd1"] }).boot();
  pair.ha1.stuck.add("ip1");
  pair.order(pair.ha1, "standby", "local");
  pair.pass(10_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  const { failure, problem } = first(pair, pair.ha1);
  assert.deepEqual([failure?.operation, failure?.resource], ["stop", "ip1"]);
  assert.deepEqual([failure?.followed, problem], ["kept", null]);
});

Deno.test("a peer learns that a group runs there only in part, and that it is over", () => {
  const pair = new Pair({ groups: ["ha1 ip1 httpd1"] }).boot();
  pair.ha2.order({ kind: "stop" });
  pair.pass(10_000);
  pair.ha2.powerOff();
  pair.ha1.stuck.add("ip1");
  pair.ha1.order({ kind: "stop" });
  pair.pass(30_000);
  pair.ha2.powerOn();
  pair.pass(20_000);
  const { state, text } = first(pair, pair.ha2).peer ?? {};
  assert.deepEqual([state, text], ["partial", "stop of ip1: the dice said so"]);
  pair.ha1.stuck.clear();
  pair.pass(40_000);
  assert.equal(first(pair, pair.ha2).peer, null);
});

Deno.test("what the peer is starting or stopping is said", () => {
  const pair = new Pair({ groups: ["ha1 ip1 httpd1"] }).boot();
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 2_000, maxMs: 2_000 };
  pair.ha2.mood = { ...pair.ha2.mood, minMs: 2_000, maxMs: 2_000 };
  pair.ha1.order({ kind: "standby", share: "all" });
  pair.pass(1_000);
  assert.equal(pair.view(pair.ha2).peerBusy, "local");
  pair.pass(4_500);
  assert.equal(first(pair, pair.ha1).peer?.state, "starting");
  pair.pass(10_000);
  assert.equal(first(pair, pair.ha1).peer, null);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1"]);
});

Deno.test("an original is told nothing of single groups", () => {
  const peer = new OriginalPeer("on");
  peer.pair.ha1.broken.add("httpd1");
  peer.boots();
  peer.says("resource", { rsc_hold: "local", rtype: "full", isstable: "1" });
  peer.pair.pass(10_000);
  assert.notEqual(first(peer.pair, peer.pair.ha1).failure, null);
  const fields = peer.pair.sent.flatMap(({ message }) => message.map(({ name }) => name));
  assert.ok(fields.includes("busy") && !fields.includes("groups"));
});

Deno.test("what a message says of groups is bounded, and the worst comes first", () => {
  const lines = Array.from({ length: 40 }, (_, at) => `ha1 ip${at} ${"long".repeat(9)}${at}`);
  const pair = new Pair({ groups: lines });
  pair.ha1.broken.add(`${"long".repeat(9)}7`);
  pair.boot();
  pair.pass(60_000);
  const said = pair.sent.flatMap(({ message }) =>
    message.flatMap(({ name, value }) => name === "groups" ? [`${value}`] : [])
  );
  assert.ok(said.length > 0 && said.every((words) => words.length <= 400));
  assert.equal(pair.view(pair.ha2).groups[7]?.peer?.state, "failed");
});

Deno.test("what a message says of a group is cut behind a word", () => {
  const long = "long".repeat(24);
  const pair = new Pair({ groups: [`ha1 ip ${long}`] });
  pair.ha1.broken.add(long);
  pair.boot();
  pair.pass(10_000);
  assert.equal(first(pair, pair.ha2).peer?.text, `start of ${long}: the dice…`);
});

Deno.test("a node that left in order is shown as such at once, and as dead to the original's tools", () => {
  const pair = new Pair().boot();
  const seen = () => {
    const node = pair.view(pair.ha2).nodes.find(({ name }) => name === "ha1");
    return [node?.left, node?.status];
  };
  assert.deepEqual(seen(), [false, "active"]);
  pair.ha1.restartAfterMs = 30_000;
  pair.ha1.order({ kind: "stop" });
  pair.pass(1_000);
  assert.deepEqual(seen(), [true, "active"]);
  pair.pass(10_000);
  assert.deepEqual(seen(), [true, "dead"]);
  assert.ok(pair.log.includes("ha2 warn: node ha1: is dead"));
  pair.pass(60_000);
  assert.deepEqual(seen(), [false, "active"]);
});
