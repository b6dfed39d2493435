/**
 * Stories that an attacker of this engine told: one-way wires, files that differ between the hosts,
 * clocks that go back, words that are lost for good. Each once ended with two owners or none.
 */
import assert from "node:assert/strict";
import type { ClusterConfig } from "../../core/types.ts";
import { step } from "../../core/engine/machine.ts";
import { text } from "../../core/wire/fields.ts";
import { MEDIA } from "../sim/network.ts";
import { configOf, DEADTIME_MS, INITDEAD_MS, Pair } from "./pair.ts";
import { edit } from "../sim/repairs.ts";

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
  edit(pair.ha2, ["ha2", "ha2"]);
  pair.ha2.reload();
  pair.pass(60_000);
  assert.deepEqual(owners(pair), ["ip1", "ip2"]);
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

for (const late of ["ha1", "ha2"]) {
  Deno.test(`the first question of ${late} comes late: what it said since is not undone`, () => {
    const pair = new Pair();
    const send = pair.network.send.bind(pair.network);
    let lost = false;
    pair.network.send = (host, message) => {
      if (!lost && host.name === late && text(message, "t") === "starting") lost = true;
      else send(host, message);
    };
    pair.boot();
    assert.ok(lost);
    pair.pass(60_000);
    pair.order(late === "ha1" ? pair.ha2 : pair.ha1, "standby", "local");
    assert.deepEqual(owners(pair), ["ip1", "ip2"]);
    assert.equal(pair.runs(late === "ha1" ? pair.ha1 : pair.ha2).length, 2, pair.log.join("\n"));
  });
}

Deno.test("deaf while the other stops slowly for it: the move is given up, the group goes on", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 8_000, maxMs: 8_000 };
  pair.ha1.order({ kind: "standby", share: "local" });
  while (pair.ha1.engine?.handover?.phase !== "releasing") pair.pass(1);
  for (const medium of MEDIA) pair.network.cut("ha1", "ha2", medium);
  pair.pass(DEADTIME_MS + 1_500);
  for (const medium of MEDIA) pair.network.mend("ha1", "ha2", medium);
  pair.pass(60_000);
  assert.deepEqual(owners(pair), ["ip1", "ip2"], pair.story.join("\n"));
  for (const host of [pair.ha1, pair.ha2]) assert.equal(pair.view(host).inTransition, false);
});

Deno.test("an order while both own is refused until one has given way", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.wires(false);
  pair.pass(3 * DEADTIME_MS);
  assert.deepEqual(owners(pair), ["ip1", "ip1", "ip2", "ip2"]);
  pair.wires(true);
  while (pair.ha1.engine?.contested.local !== true) pair.pass(1);
  pair.ha1.order({ kind: "standby", share: "foreign" });
  assert.match(pair.log.at(-1) ?? "", /reply: false both nodes hold the same resources/);
  pair.pass(10_000);
  assert.deepEqual(owners(pair), ["ip1", "ip2"]);
});

Deno.test("after a pause longer than deadtime the new generation goes to disk before any beat", () => {
  const { ha1 } = new Pair().boot();
  assert.ok(ha1.engine);
  const { generation } = ha1.engine;
  const at = { ...ha1.at, monoMs: ha1.at.monoMs + 2 * DEADTIME_MS };
  const effects = step(ha1.engine, { kind: "timer", at, timer: { kind: "beat" } });
  const outward = effects.filter(({ kind }) => kind === "send" || kind === "persist-generation");
  assert.deepEqual(outward[0], {
    kind: "persist-generation",
    generation: generation + 1,
    // The peer must hear of this node in time even if the disk hangs.
    waitMs: DEADTIME_MS / 2,
  });
  assert.ok(outward.length > 1);
  assert.ok(effects.some((effect) => effect.kind === "run" && effect.operation.verb === "stop"));
});
