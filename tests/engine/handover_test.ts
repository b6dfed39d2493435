/** Planned moves: standby, takeover by command, and what may go wrong on the way. */
import assert from "node:assert/strict";
import type { Host } from "../sim/host.ts";
import { Pair } from "./pair.ts";

const acts = (story: readonly string[]) => story.filter((line) => / (start|stop) /.test(line));

function replies(pair: Pair): string[] {
  return pair.log.filter((line) => line.includes(" reply: "));
}

Deno.test("hb_standby local: words and works in the order that an original peer expects", () => {
  const pair = new Pair().boot();
  const story = pair.order(pair.ha1, "standby", "local").slice(-20);
  assert.deepEqual(story.filter((line) => !line.includes("sends resource")), [
    "ha1 sends ask_resources local me",
    "ha2 sends ask_resources local other",
    "ha1 stop httpd1",
    "ha1 stop ip1",
    "ha1 sends ask_resources local done",
    "ha2 start ip1",
    "ha2 start httpd1",
    "ha2 sends ask_resources local done",
  ]);
  const told = story.indexOf("ha1 sends resource none 0 standby");
  assert.ok(told > 0 && told < story.indexOf("ha1 stop httpd1"));
  assert.equal(pair.view(pair.ha1).holds, "none");
  assert.equal(pair.view(pair.ha1).peerHolds, "all");
  assert.equal(pair.view(pair.ha2).inTransition, false);
});

Deno.test("hb_standby foreign and hb_takeover move shares back and forth", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.order(pair.ha1, "standby", "all");
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
  pair.order(pair.ha2, "standby", "foreign");
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  pair.order(pair.ha1, "takeover", "foreign");
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
  pair.order(pair.ha2, "takeover", "all");
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
});

Deno.test("what an operator moved does not go home by itself", () => {
  const pair = new Pair({ autoFailback: "on" }).boot();
  pair.order(pair.ha1, "standby", "local");
  assert.deepEqual(acts(pair.pass(60_000)), []);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
});

const halt = (pair: Pair) => pair.ha1.powerOff();
const stopAndHalt = (pair: Pair) => {
  pair.ha1.order({ kind: "stop" });
  pair.pass(500);
  halt(pair);
};
for (
  const [how, awayMs, leave] of [
    ["was stopped and booted", 10_000, stopAndHalt],
    ["lost its power", 60_000, halt],
    ["was back before deadtime", 100, halt],
  ] as const
) {
  Deno.test(`what an operator moved goes home to a node that ${how}`, () => {
    const pair = new Pair({ autoFailback: "on" }).boot();
    pair.order(pair.ha1, "standby", "all");
    assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
    leave(pair);
    pair.pass(awayMs);
    assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
    pair.ha1.powerOn();
    pair.pass(60_000);
    assert.deepEqual([pair.runs(pair.ha1), pair.runs(pair.ha2)], [["ip1"], ["ip2"]]);
  });
}

Deno.test("orders that cannot be carried out are refused with the reason", () => {
  const pair = new Pair();
  pair.ha1.powerOn();
  pair.order(pair.ha1, "standby", "all");
  assert.match(replies(pair).at(-1) ?? "", /reply: false local resources in flux/);
  pair.pass(40_000);
  pair.order(pair.ha1, "standby", "all");
  assert.match(replies(pair).at(-1) ?? "", /false ha2 is not there to take them \(dead\)/);
  pair.order(pair.ha1, "takeover", "all");
  assert.match(replies(pair).at(-1) ?? "", /true this node holds all resources already/);
  pair.ha2.powerOn();
  pair.pass(10_000);
  pair.order(pair.ha1, "standby", "foreign");
  assert.match(replies(pair).at(-1) ?? "", /false this node holds nothing of what "foreign" names/);
});

Deno.test("orders to a node that is being stopped are refused with that reason", () => {
  const pair = new Pair().boot();
  pair.ha1.mood = { ...pair.ha1.mood, failStop: 1 };
  pair.ha1.order({ kind: "stop" });
  pair.pass(500);
  for (const kind of ["standby", "takeover"] as const) {
    pair.order(pair.ha1, kind, "all");
    assert.match(replies(pair).at(-1) ?? "", /false local resources in flux \(.* being stopped\)/);
    const logged = pair.log.some((line) =>
      line.startsWith(`ha1 warn: ${kind} [all] refused: local`)
    );
    assert.ok(logged, pair.log.join("\n"));
  }
});

Deno.test("a second order during a move is refused", () => {
  const pair = new Pair().boot();
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 2_000, maxMs: 2_000 };
  pair.ha1.order({ kind: "standby", share: "local" });
  pair.pass(500);
  pair.ha1.order({ kind: "standby", share: "all" });
  assert.match(replies(pair).at(-1) ?? "", /false a standby is already in progress/);
});

Deno.test("both ask at once: one goes on, nothing is lost", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.ha1.order({ kind: "standby", share: "local" });
  pair.ha2.order({ kind: "standby", share: "local" });
  pair.pass(5_000);
  assert.deepEqual([...pair.runs(pair.ha1), ...pair.runs(pair.ha2)].sort(), ["ip1", "ip2"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"], "the first name wins");
});

Deno.test("a request that is lost on its way comes again, and nothing is lost", () => {
  const pair = new Pair().boot();
  pair.ha2.freeze(3_000);
  pair.ha1.order({ kind: "standby", share: "local" });
  pair.wires(false);
  pair.pass(3_500);
  pair.wires(true);
  pair.pass(20_000);
  assert.equal(pair.view(pair.ha1).inTransition, false);
  assert.deepEqual([...pair.runs(pair.ha1), ...pair.runs(pair.ha2)].sort(), ["ip1", "ip2"]);
});

Deno.test("a stop that takes longer than an hour: both call the move off and say who was slow", () => {
  const pair = new Pair().boot();
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 4_000_000, maxMs: 4_000_000 };
  pair.ha1.order({ kind: "standby", share: "local" });
  pair.pass(3_610_000);
  const said = pair.log.filter((line) => line.endsWith("Standby [local] cancelled."));
  assert.deepEqual(said.sort(), [
    "ha1 warn: Our resources have not stopped within 60 minutes.  Standby [local] cancelled.",
    "ha2 warn: Resources of ha1 have not stopped within 60 minutes.  Standby [local] cancelled.",
  ]);
});

const dying: [string, (pair: Pair) => Host][] = [
  ["giver", (pair) => pair.ha1],
  ["taker", (pair) => pair.ha2],
];
for (const [role, victim] of dying) {
  Deno.test(`the ${role} dies in the middle of a move: the other ends with everything`, () => {
    const pair = new Pair().boot();
    pair.ha1.mood = { ...pair.ha1.mood, minMs: 300, maxMs: 300 };
    pair.ha1.order({ kind: "standby", share: "local" });
    pair.pass(400);
    victim(pair).powerOff();
    pair.pass(10_000);
    const survivor = role === "giver" ? pair.ha2 : pair.ha1;
    assert.deepEqual(pair.runs(survivor), ["ip1", "ip2"]);
  });
}

Deno.test("the taker is restarted in the middle of a move: the giver takes its own back", () => {
  const pair = new Pair().boot();
  pair.ha2.mood = { ...pair.ha2.mood, minMs: 500, maxMs: 500 };
  pair.ha1.order({ kind: "standby", share: "local" });
  pair.pass(300);
  pair.ha2.powerOff();
  pair.pass(300);
  pair.ha2.powerOn();
  pair.pass(15_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip2"]);
});
