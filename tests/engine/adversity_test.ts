/**
 * Stories that an attacker of this engine told: one-way wires, files that differ between the hosts,
 * clocks that go back, words that are lost for good. Each once ended with two owners or none.
 */
import assert from "node:assert/strict";
import type { ClusterConfig } from "../../core/types.ts";
import { MEDIA } from "../sim/network.ts";
import { configOf, DEADTIME_MS, INITDEAD_MS, Pair } from "./pair.ts";

function setBoth(pair: Pair, change: Partial<ClusterConfig>): void {
  for (const host of [pair.ha1, pair.ha2]) Object.assign(host.config, change);
}

function owners(pair: Pair): string[] {
  return [...pair.runs(pair.ha1), ...pair.runs(pair.ha2)].sort();
}

for (const [deaf, heard] of [["ha2", "ha1"], ["ha1", "ha2"]] as const) {
  Deno.test(`one-way loss: ${deaf} is deaf and takes over, ${heard} hears it and gives way`, () => {
    const pair = new Pair().boot();
    for (const medium of MEDIA) pair.network.cut(heard, deaf, medium);
    pair.pass(3 * DEADTIME_MS);
    assert.deepEqual(owners(pair), ["ip1", "ip2"]);
    for (const medium of MEDIA) pair.network.mend(heard, deaf, medium);
    pair.pass(4 * DEADTIME_MS);
    assert.deepEqual(owners(pair), ["ip1", "ip2"]);
  });
}

Deno.test("both offer at once and ha.cf names the nodes in another order: one move goes on", () => {
  const pair = new Pair();
  Object.assign(pair.ha1.config, { nodes: ["ha2", "ha1"] });
  pair.boot();
  pair.ha1.order({ kind: "standby", share: "all" });
  pair.ha2.order({ kind: "standby", share: "local" });
  pair.pass(10_000);
  assert.equal(pair.view(pair.ha1).inTransition, false);
  assert.equal(pair.view(pair.ha2).inTransition, false);
  assert.deepEqual(owners(pair), ["ip1", "ip2"]);
});

Deno.test("more words lost in a move than can be asked for: the move is given up, nothing is left", () => {
  const pair = new Pair();
  const slow = { warntimeMs: 10_000, deadtimeMs: 30_000, initdeadMs: 60_000 };
  setBoth(pair, { keepaliveMs: 100, ...slow });
  pair.boot();
  pair.ha1.order({ kind: "standby", share: "all" });
  while (pair.ha1.engine?.handover?.phase !== "releasing") pair.pass(1);
  for (const medium of MEDIA) pair.network.cut("ha1", "ha2", medium);
  pair.pass(27_000);
  for (const medium of MEDIA) pair.network.mend("ha1", "ha2", medium);
  pair.pass(20_000);
  assert.deepEqual(owners(pair), ["ip1", "ip2"]);
  assert.equal(pair.view(pair.ha1).inTransition, false);
});

Deno.test("a message that is asked for in vain: the move is given up, nothing is left", () => {
  const pair = new Pair({ autoFailback: "off" });
  setBoth(pair, { deadtimeMs: 60_000, warntimeMs: 30_000, initdeadMs: 60_000 });
  pair.boot();
  pair.ha1.order({ kind: "standby", share: "local" });
  while (pair.ha1.engine?.handover?.phase !== "releasing") pair.pass(1);
  for (const medium of MEDIA) pair.network.cut("ha1", "ha2", medium);
  pair.pass(1_000);
  pair.ha1.engine?.history.clear();
  for (const medium of MEDIA) pair.network.mend("ha1", "ha2", medium);
  pair.pass(20_000);
  assert.deepEqual(owners(pair), ["ip1", "ip2"]);
  assert.equal(pair.view(pair.ha2).inTransition, false);
});

Deno.test("a node that manages nothing says so, and the other runs everything", () => {
  const pair = new Pair().boot();
  pair.ha2.powerOff();
  pair.ha2.manages = false;
  pair.pass(DEADTIME_MS + 1_000);
  pair.ha2.powerOn();
  pair.pass(30_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
  assert.equal(pair.view(pair.ha2).holds, "none");
  pair.ha1.powerOff();
  pair.pass(30_000);
  assert.equal(pair.view(pair.ha2).holds, "none");
});

Deno.test("reload of another preferred node on one host only: it stays with its owner", () => {
  const pair = new Pair().boot();
  const config = configOf("ha2", { groups: ["ha2 ip1 httpd1", "ha2 ip2 httpd2"] });
  pair.ha2.dispatch({ kind: "reload", at: pair.ha2.at, config });
  pair.pass(60_000);
  assert.deepEqual(owners(pair), ["ip1", "ip2"]);
  assert.ok(pair.log.some((line) => line.includes("The preferred node of ip1 changed")));
});

Deno.test("reload without a line that still runs from an earlier life, while joining: it is stopped", () => {
  const pair = new Pair({ groups: ["ha1 ip1 httpd1", "ha1 ip2 httpd2"] });
  pair.ha1.powerOn();
  pair.pass(INITDEAD_MS + 1_000);
  pair.ha1.killDaemon();
  pair.ha1.startDaemon();
  pair.pass(200);
  const config = configOf("ha1", { groups: ["ha1 ip1 httpd1"] });
  pair.ha1.dispatch({ kind: "reload", at: pair.ha1.at, config });
  assert.deepEqual(
    pair.pass(1_000).filter((line) => line.includes(" stop ")),
    ["ha1 stop httpd2", "ha1 stop ip2"],
  );
});

Deno.test("a restart with an older generation: refused by the peer, gives up what still runs", () => {
  const pair = new Pair().boot();
  pair.ha1.killDaemon();
  pair.ha1.generation -= 100;
  pair.pass(500);
  pair.ha1.startDaemon();
  pair.pass(4 * DEADTIME_MS);
  assert.deepEqual(owners(pair), ["ip1", "ip2"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
  assert.ok(pair.log.some((line) => line.includes("is heard and does not answer")));
});
