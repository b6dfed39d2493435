/** What a node leaves running when it ends, and the orders with which an administrator repairs. */
import assert from "node:assert/strict";
import type { Command } from "../../core/engine/events.ts";
import type { Host } from "../sim/host.ts";
import { DEADTIME_MS, INITDEAD_MS, Pair } from "./pair.ts";

const LINES = ["ha1 ip disk", "ha1 ip2 mail", "ha2 ip3 news"];
/** Two queues, of which the own one has two lines: all stops may take their deadlines. */
const OWN_STOPS = 4;
const GRACE_MS = 10_000;
const FAREWELL_MS = 3_000;

/** A pair whose ha1 was stopped and had to leave disk running. */
function withLeftovers(): Pair {
  const pair = new Pair({ groups: LINES }).boot();
  pair.ha1.stuck.add("disk");
  pair.ha1.restartAfterMs = 1e9;
  pair.ha1.order({ kind: "stop" });
  pair.pass(releaseMs(pair) + GRACE_MS + FAREWELL_MS);
  return pair;
}

function releaseMs({ ha1 }: Pair): number {
  return OWN_STOPS * ha1.config.stopDeadlineMs;
}

/** Orders and returns the answer. */
function answer(pair: Pair, host: Host, command: Command): string {
  const before = pair.log.length;
  host.order(command);
  const said = pair.log.slice(before).find((line) => line.startsWith(`${host.name} reply: `));
  return said?.slice(`${host.name} reply: `.length) ?? "none";
}

const CONFIRM: Command = { kind: "confirm", node: "ha1" };

Deno.test("a stop ends after the stops' deadlines and ten seconds, and says what it left", () => {
  const pair = new Pair({ groups: LINES }).boot();
  const { ha1 } = pair;
  ha1.stuck.add("disk");
  ha1.restartAfterMs = 1e9;
  ha1.order({ kind: "stop" });
  pair.pass(releaseMs(pair) + GRACE_MS - 100);
  assert.equal(pair.view(ha1).phase, "leaving");
  pair.pass(FAREWELL_MS);
  assert.equal(ha1.engine, null);
  const left = "still running here, or may be: ip (stop of disk: the dice said so)";
  assert.ok(
    pair.log.includes(`ha1 reply: false ha1 Heartbeat ended, ${left}`),
    pair.log.join("\n"),
  );
});

Deno.test("what was left stays closed beyond the silence, and all other groups go at once", () => {
  const pair = withLeftovers();
  const { ha2 } = pair;
  assert.deepEqual(pair.runs(ha2), ["ip2", "ip3"]);
  pair.pass(3_600_000);
  assert.deepEqual(pair.runs(ha2), ["ip2", "ip3"]);
  const [closed] = pair.view(ha2).groups;
  assert.equal(closed?.status, "stopped");
  assert.match(closed?.problem ?? "", /^ha1 ended and left it running, .* "heartbeat confirm ha1/);
  assert.equal(pair.view(ha2).inTransition, false);
});

Deno.test("a stop that hangs is left as well, and the rest goes to the peer at the end", () => {
  const pair = new Pair({ groups: LINES }).boot();
  const { ha1, ha2 } = pair;
  ha1.restartAfterMs = 1e9;
  ha1.mood = { ...ha1.mood, hang: 1 };
  ha1.order({ kind: "stop" });
  pair.pass(releaseMs(pair) + GRACE_MS + FAREWELL_MS + 1_000);
  assert.equal(ha1.engine, null);
  assert.ok(!pair.runs(ha2).includes("ip2"), "it hung as well");
  pair.pass(2 * DEADTIME_MS);
  assert.deepEqual(pair.runs(ha2), ["ip3"]);
});

Deno.test("a restart of the other node forgets nothing of what was left", () => {
  const pair = withLeftovers();
  const { ha2 } = pair;
  ha2.powerOff();
  ha2.powerOn();
  pair.pass(INITDEAD_MS + 10_000);
  assert.deepEqual(pair.runs(ha2), ["ip2", "ip3"]);
  assert.match(pair.view(ha2).groups[0]?.problem ?? "", /^ha1 ended and left it running/);
});

Deno.test("one of the last beats is enough to know what was left", () => {
  const pair = new Pair({ groups: LINES }).boot();
  const { ha1, ha2 } = pair;
  ha1.stuck.add("disk");
  ha1.restartAfterMs = 1e9;
  ha1.order({ kind: "stop" });
  pair.pass(releaseMs(pair) + GRACE_MS - 100);
  pair.wires(false);
  pair.pass(FAREWELL_MS - 700);
  pair.wires(true);
  pair.pass(60_000);
  assert.deepEqual(pair.runs(ha2), ["ip2", "ip3"]);
});

Deno.test("the next life of the node that left something opens it", () => {
  const pair = withLeftovers();
  const { ha1, ha2 } = pair;
  ha1.stuck.clear();
  ha1.startDaemon();
  pair.pass(30_000);
  assert.deepEqual([...pair.runs(ha1), ...pair.runs(ha2)].sort(), ["ip", "ip2", "ip3"]);
  assert.equal(ha2.engine?.nodes.get("ha1")?.leftovers, null);
});

Deno.test("a node that is off by its administrator's word keeps nothing closed", () => {
  const pair = withLeftovers();
  const { ha2 } = pair;
  pair.pass(2 * DEADTIME_MS);
  pair.ha1.powerOff();
  assert.equal(answer(pair, ha2, CONFIRM), "true taking what ha1 left: ip disk");
  pair.pass(1_000);
  assert.deepEqual(pair.runs(ha2), ["ip", "ip2", "ip3"]);
  assert.match(answer(pair, ha2, CONFIRM), /^false ha1 has left nothing that/);
});

Deno.test("nobody can say of a living node that it is off, nor of one that is none", () => {
  const pair = new Pair({ groups: LINES }).boot();
  assert.match(answer(pair, pair.ha2, CONFIRM), /^false ha1 is not silent long enough: it is act/);
  const wrong = answer(pair, pair.ha2, { kind: "confirm", node: "ha3" });
  assert.equal(wrong, "false ha3 is no other node of this cluster (ha1)");
});

Deno.test("a pause of this host does not use up the time for the stops", () => {
  const pair = new Pair({ groups: LINES }).boot();
  const { ha1, ha2 } = pair;
  ha1.restartAfterMs = 1e9;
  ha1.mood = { ...ha1.mood, minMs: 3_000, maxMs: 3_000 };
  ha1.order({ kind: "stop" });
  pair.pass(1_000);
  ha1.freeze(releaseMs(pair) + GRACE_MS);
  pair.pass(releaseMs(pair) + GRACE_MS + 60_000);
  assert.deepEqual(ha1.truth, [[false, false], [false, false], [false, false]]);
  assert.deepEqual(pair.runs(ha2), ["ip", "ip2", "ip3"]);
  assert.ok(pair.log.includes("ha1 reply: true ha1 Heartbeat shutdown complete."));
});

Deno.test("what stops during the last beats after all is not left", () => {
  const pair = new Pair({ groups: ["ha1 disk", "ha2 ip3 news"] }).boot();
  const { ha1, ha2 } = pair;
  ha1.restartAfterMs = 1e9;
  const stopMs = ha1.config.stopDeadlineMs + GRACE_MS + 1_000;
  ha1.mood = { ...ha1.mood, minMs: stopMs, maxMs: stopMs };
  ha1.order({ kind: "stop" });
  pair.pass(stopMs + FAREWELL_MS);
  assert.equal(ha1.engine, null);
  assert.ok(pair.log.includes("ha1 reply: true ha1 Heartbeat shutdown complete."));
  pair.pass(2 * DEADTIME_MS);
  assert.deepEqual(pair.runs(ha2), ["disk", "ip3"]);
});

const RETRY: Command = { kind: "retry", group: "ip", isStopped: false };

Deno.test("retry tries a blocked stop again at once", () => {
  const pair = new Pair({ groups: LINES }).boot();
  const { ha1 } = pair;
  ha1.stuck.add("disk");
  ha1.restartAfterMs = 1e9;
  ha1.order({ kind: "stop" });
  pair.pass(14_000);
  assert.equal(pair.view(ha1).groups[0]?.status, "blocked");
  ha1.stuck.clear();
  assert.equal(answer(pair, ha1, RETRY), "true trying the stop of ip again");
  pair.pass(3_000);
  assert.equal(ha1.engine, null);
  assert.deepEqual(pair.runs(pair.ha2), ["ip", "ip2", "ip3"]);
});

Deno.test("retry --is-stopped frees a group that no script can stop", () => {
  const pair = new Pair({ groups: LINES }).boot();
  const { ha1 } = pair;
  ha1.missing.add("disk");
  ha1.restartAfterMs = 1e9;
  ha1.order({ kind: "stop" });
  pair.pass(14_000);
  ha1.truth[0]?.fill(false);
  assert.equal(
    answer(pair, ha1, { ...RETRY, isStopped: true }),
    "true ip counts as stopped on ha1",
  );
  pair.pass(3_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip", "ip2", "ip3"]);
});

Deno.test("retry tries a start again that waits for its next try", () => {
  const pair = new Pair({ groups: LINES });
  for (const host of [pair.ha1, pair.ha2]) host.broken.add("disk");
  pair.boot();
  pair.pass(600_000);
  pair.ha1.broken.clear();
  assert.equal(answer(pair, pair.ha1, RETRY), "true trying the start of ip again");
  pair.pass(1_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip", "ip2"]);
});

Deno.test("retry forgets the last failure, until the next one", () => {
  const pair = new Pair({ groups: LINES });
  const { ha1 } = pair;
  for (const host of [ha1, pair.ha2]) host.broken.add("disk");
  pair.boot();
  pair.pass(600_000);
  const cause = () => pair.view(ha1).groups[0]?.failure?.resource;
  assert.equal(cause(), "disk");
  ha1.mood = { ...ha1.mood, minMs: 5_000, maxMs: 5_000 };
  ha1.order(RETRY);
  pair.pass(1_000);
  assert.equal(cause(), undefined, "it is being tried");
  pair.pass(60_000);
  assert.equal(cause(), "disk");
});

Deno.test("retry says when there is nothing to try, and which groups there are", () => {
  const pair = new Pair({ groups: LINES }).boot();
  assert.equal(answer(pair, pair.ha1, RETRY), "false nothing of ip has failed here");
  const unknown: Command = { kind: "retry", group: "ipp", isStopped: false };
  assert.equal(
    answer(pair, pair.ha1, unknown),
    "false there is no group ipp here; the groups are ip, ip2, ip3",
  );
});
