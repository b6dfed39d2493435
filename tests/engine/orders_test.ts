/** The peer's yes or no to an operator's order: each order has one answer, and it is the true one. */
import assert from "node:assert/strict";
import type { Host } from "../sim/host.ts";
import { OriginalPeer } from "./original_peer.ts";
import { Pair } from "./pair.ts";

/** Answers of a host so far: `true ha2 takes over local resources`. */
function answers(pair: Pair, host: Host): string[] {
  const words = `${host.name} reply: `;
  return pair.log.filter((line) => line.startsWith(words)).map((line) => line.slice(words.length));
}

Deno.test("a standby is answered when the peer has consented, a takeover when it has offered", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.ha1.order({ kind: "standby", share: "local" });
  assert.deepEqual(answers(pair, pair.ha1), [], "nothing came of it yet");
  pair.pass(3_000);
  assert.deepEqual(answers(pair, pair.ha1), ["true ha2 takes over local resources"]);
  pair.order(pair.ha1, "takeover", "all");
  assert.equal(answers(pair, pair.ha1)[1], "true ha2 hands over all resources");
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});

Deno.test("a takeover during a standby of this host is refused at once", () => {
  const pair = new Pair().boot();
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 3_000, maxMs: 3_000 };
  pair.ha1.order({ kind: "standby", share: "all" });
  pair.pass(1_000);
  pair.ha1.order({ kind: "takeover", share: "all" });
  assert.equal(answers(pair, pair.ha1)[1], "false a standby is already in progress");
  assert.ok(pair.log.some((line) => /^ha1 warn: takeover \[all\] refused: a standby/.test(line)));
});

Deno.test("the peer's refusal of a takeover reaches who ordered it, and this host's log", () => {
  const pair = new Pair().boot();
  pair.ha2.stuck.add("ip2");
  pair.ha2.order({ kind: "stop" });
  pair.pass(500);
  pair.order(pair.ha1, "takeover", "foreign");
  const why = "ha2 refuses: local resources in flux (this node is being stopped)";
  assert.deepEqual(answers(pair, pair.ha1), [`false ${why}`]);
  assert.ok(pair.log.includes(`ha1 warn: takeover [foreign] is not done: ${why}`));
});

Deno.test("the peer's refusal of a standby ends it at once, with the reason", () => {
  const pair = new Pair({ groups: ["ha1 ip1 httpd1"] });
  pair.ha2.manages = false;
  pair.boot();
  const story = pair.order(pair.ha1, "standby", "local");
  assert.deepEqual(answers(pair, pair.ha1), ["false ha2 refuses: this node manages no resources"]);
  assert.deepEqual(story.filter((line) => / (start|stop) /.test(line)), []);
  assert.equal(pair.view(pair.ha1).inTransition, false);
});

Deno.test("both order a standby at once: one goes on, the other one learns why it does not", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.ha1.order({ kind: "standby", share: "local" });
  pair.ha2.order({ kind: "standby", share: "local" });
  pair.pass(5_000);
  assert.deepEqual(answers(pair, pair.ha1), ["true ha2 takes over local resources"]);
  assert.match(answers(pair, pair.ha2).join(), /^false ha1 goes standby at the same time/);
});

for (const kind of ["standby", "takeover"] as const) {
  Deno.test(`an original that says nothing to a ${kind}: said so after the handover's time`, () => {
    const peer = new OriginalPeer("on").boots();
    const { pair } = peer;
    peer.says("resource", { rsc_hold: "local", rtype: "full", isstable: "1" });
    pair.pass(1_000);
    pair.order(pair.ha1, kind, kind === "standby" ? "local" : "foreign");
    pair.pass(6_000);
    assert.deepEqual(answers(pair, pair.ha1), []);
    pair.pass(2_000);
    assert.match(
      answers(pair, pair.ha1).join(),
      /^false ha2 did not answer within 10 s; an original that refuses says so only in its log$/,
    );
    assert.equal(pair.view(pair.ha1).inTransition, false);
  });
}

Deno.test("an original answers a takeover with its offer; no word of ours reaches it", () => {
  const peer = new OriginalPeer("on").boots();
  const { pair } = peer;
  peer.says("resource", { rsc_hold: "local", rtype: "full", isstable: "1" });
  pair.pass(1_000);
  pair.ha1.order({ kind: "takeover", share: "foreign" });
  const [order] = pair.sent.splice(0).map(({ message }) => message).filter((message) =>
    message.some(({ name, value }) => name === "t" && value === "hb_takeover")
  );
  assert.ok(order !== undefined && !order.some(({ name }) => name === "order"));
  peer.says("ask_resources", { rsc_hold: "local", info: "me" });
  assert.deepEqual(answers(pair, pair.ha1), ["true ha2 hands over foreign resources"]);
});

const ends: readonly [string, (pair: Pair) => void, RegExp][] = [
  ["the peer dies", (pair) => pair.pass(9_000), /^true this node holds all resources now$/],
  [
    "the peer is restarted",
    (pair) => {
      pair.ha2.powerOff();
      pair.wires(true);
      pair.ha2.powerOn();
      pair.pass(2_000);
    },
    /^false ha2 was restarted$/,
  ],
  [
    "this node is stopped",
    (pair) => pair.ha1.order({ kind: "stop" }),
    /^false this node is being stopped$/,
  ],
  [
    "this host is paused for longer than deadtime",
    (pair) => {
      pair.ha1.freeze(6_000);
      pair.pass(7_000);
    },
    /^false this host was paused and joins again$/,
  ],
];
for (const [event, happen, answer] of ends) {
  Deno.test(`an order that waits for the peer is answered when ${event}`, () => {
    const pair = new Pair().boot();
    pair.wires(false);
    pair.ha1.order({ kind: "takeover", share: "all" });
    happen(pair);
    assert.match(answers(pair, pair.ha1)[0] ?? "", answer);
    pair.wires(true);
    pair.pass(60_000);
    assert.equal(answers(pair, pair.ha1).filter((line) => !/shutdown/.test(line)).length, 1);
  });
}

Deno.test("another order while one waits is refused, and does not take its answer away", () => {
  const pair = new Pair().boot();
  pair.wires(false);
  pair.ha1.order({ kind: "takeover", share: "foreign" });
  pair.ha1.order({ kind: "takeover", share: "foreign" });
  pair.ha1.order({ kind: "standby", share: "local" });
  assert.deepEqual(answers(pair, pair.ha1), [
    "false a takeover that was ordered before waits for its answer",
    "false a takeover that was ordered here waits for its answer",
  ]);
  pair.wires(true);
  pair.pass(3_000);
  assert.equal(answers(pair, pair.ha1)[2], "true ha2 hands over foreign resources");
});

Deno.test("orders of both operators may have the same number: each gets its own answer", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.ha2.order({ kind: "standby", share: "local" });
  pair.ha1.order({ kind: "takeover", share: "all" });
  pair.pass(3_000);
  assert.deepEqual(answers(pair, pair.ha1), [
    "false ha2 refuses: a standby is already in progress",
  ]);
  assert.deepEqual(answers(pair, pair.ha2), ["true ha1 takes over local resources"]);
});

Deno.test("a peer of ours that knows no numbers answers a takeover with its offer", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  const send = pair.network.send.bind(pair.network);
  pair.network.send = (from, message) => send(from, message.filter(({ name }) => name !== "order"));
  pair.order(pair.ha1, "takeover", "foreign");
  assert.deepEqual(answers(pair, pair.ha1), ["true ha2 hands over foreign resources"]);
});

Deno.test("an offer that answers a takeover and cannot be taken any more is over at once", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 3_000, maxMs: 3_000 };
  pair.ha1.order({ kind: "takeover", share: "foreign" });
  pair.ha1.order({ kind: "stop" });
  pair.pass(100);
  assert.match(answers(pair, pair.ha1)[0] ?? "", /^false this node is being stopped/);
  assert.equal(pair.ha2.engine?.handover, null);
});

Deno.test("the refusal of an offer is none of a takeover with the same number", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  const send = pair.network.send.bind(pair.network);
  pair.network.send = (from, message) => {
    // The offer of ha1 comes behind its refusal of ha2's.
    const isLate = from === pair.ha1 && message.some(({ value }) => value === "me");
    pair.clock.after(isLate ? 50 : 0, () => send(from, message));
  };
  for (const host of [pair.ha1, pair.ha2]) host.order({ kind: "takeover", share: "all" });
  pair.pass(5_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
  assert.deepEqual(answers(pair, pair.ha2), ["true ha1 hands over all resources"]);
  assert.match(answers(pair, pair.ha1).join(), /^false /);
});
