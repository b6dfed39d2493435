/**
 * An eavesdropper without the key plays again what the pair said in earlier lives. Each story once
 * held off a takeover, made two owners, or showed a pulled cable as good.
 */
import assert from "node:assert/strict";
import { field } from "../../core/engine/outbox.ts";
import { text } from "../../core/wire/fields.ts";
import type { Field, Message } from "../../core/types.ts";
import { DEADTIME_MS, INITDEAD_MS, KEEPALIVE_MS, Pair } from "./pair.ts";

/** Every beat that `from` has sent so far. */
function beatsOf(pair: Pair, from: string): Message[] {
  return pair.sent.filter((one) => one.from === from && text(one.message, "t") === "status")
    .map((one) => one.message);
}

for (const [when, beforeMs] of [["after its death was seen", 2 * DEADTIME_MS], ["at once", 10]]) {
  Deno.test(`recorded beats of a dead peer: a restart ${when} is not held off by them`, () => {
    const pair = new Pair().boot();
    pair.pass(20_000);
    const recorded = beatsOf(pair, "ha1");
    // What was heard in the last ten seconds before both died is not noted.
    pair.pass(10_000);
    pair.ha1.powerOff();
    pair.pass(Number(beforeMs));
    pair.ha2.powerOff();
    pair.ha2.powerOn();
    recorded.forEach((beat, at) =>
      pair.clock.after((at + 1) * 0.8 * DEADTIME_MS, () => pair.ha2.hear("eth1", beat))
    );
    pair.pass(INITDEAD_MS + 1_000);
    assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
    assert.equal(pair.view(pair.ha2).nodes[0]?.status, "dead");
    assert.ok((pair.view(pair.ha2).counters["replayed"] ?? 0) > 0);
  });
}

Deno.test("recorded words of a time when the peer was an original: nothing is believed of them", () => {
  const pair = new Pair({ autoFailback: "off", groups: ["ha1 ip1 httpd1"] }).boot();
  pair.ha2.killDaemon();
  pair.pass(KEEPALIVE_MS / 2);
  pair.ha2.startDaemon();
  const say = (seq: number, ...own: Field[]): Message => [
    ...own,
    ...[field("src", "ha1"), field("seq", String(seq)), field("hg", "1"), field("ts", "600000")],
    ...[field("ttl", "3")],
  ];
  const status = [field("t", "status"), field("st", "active"), field("protocol", "1")];
  pair.ha2.hear("eth1", say(1, ...status));
  pair.ha2.hear("eth1", say(2, field("t", "shutdone"), field("st", "dead")));
  pair.pass(5_000);
  assert.deepEqual([pair.runs(pair.ha1), pair.runs(pair.ha2)], [["ip1"], []]);
  assert.equal(pair.story.filter((line) => line.startsWith("ha2 start")).length, 0);
});

Deno.test("a peer whose generation went back is heard after a restart: its clock went on", () => {
  const pair = new Pair().boot();
  for (const host of [pair.ha1, pair.ha2]) host.powerOff();
  pair.ha1.generation -= 100;
  pair.pass(10_000);
  pair.boot();
  assert.deepEqual([pair.runs(pair.ha1), pair.runs(pair.ha2)], [["ip1"], ["ip2"]]);
});

Deno.test("a peer that went on beating over our restart is heard with its next beat", () => {
  const pair = new Pair().boot();
  pair.ha2.powerOff();
  pair.pass(KEEPALIVE_MS);
  pair.ha2.powerOn();
  pair.pass(2 * KEEPALIVE_MS);
  assert.equal(pair.view(pair.ha2).nodes[0]?.status, "active");
  assert.equal(pair.view(pair.ha2).counters["requested"], undefined, "nothing is asked again");
});

Deno.test("recorded packets on a pulled cable do not make it good; second copies do", () => {
  const pair = new Pair().boot();
  const linkOf = () => pair.view(pair.ha2).nodes[0]?.links.find(({ name }) => name === "eth1");
  pair.pass(20_000);
  assert.equal(linkOf()?.status, "up");
  const recorded = pair.sent.filter((one) => one.from === "ha1").map((one) => one.message);
  pair.pass(DEADTIME_MS);
  pair.network.cut("ha1", "ha2", "eth1");
  pair.pass(DEADTIME_MS);
  assert.equal(linkOf()?.status, "dead");
  for (const message of recorded) pair.ha2.hear("eth1", message);
  assert.equal(linkOf()?.status, "dead");
  pair.network.mend("ha1", "ha2", "eth1");
  pair.pass(2 * KEEPALIVE_MS);
  assert.equal(linkOf()?.status, "up");
});

Deno.test("our own recorded packets do not make our cable good", () => {
  const pair = new Pair().boot();
  pair.pass(2 * DEADTIME_MS);
  const recorded = pair.sent.filter((one) => one.from === "ha2").map((one) => one.message);
  pair.pass(DEADTIME_MS);
  const own = () => pair.view(pair.ha2).nodes[1]?.links.find(({ name }) => name === "ttyS0");
  for (const message of recorded) pair.ha2.hear("ttyS0", message);
  assert.equal(own()?.status, "dead");
});

Deno.test("a note that names the same again is not stored again", () => {
  const pair = new Pair().boot();
  pair.ha1.powerOff();
  pair.pass(2 * DEADTIME_MS);
  const noted = pair.ha2.notes;
  assert.equal(noted[0]?.node, "ha1");
  pair.pass(60_000);
  assert.equal(pair.ha2.notes, noted);
});
