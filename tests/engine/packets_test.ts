/** Hostile, odd and lost packets: what changes nothing, and what is asked for again. */
import assert from "node:assert/strict";
import type { Field, Message } from "../../core/types.ts";
import { text } from "../../core/wire/fields.ts";
import { Pair } from "./pair.ts";

/** The message with some text fields replaced, or taken away with `null`. */
function altered(message: Message, changes: Record<string, string | null>): Message {
  const kept = message.filter((field) => changes[field.name] === undefined);
  const added: Field[] = Object.entries(changes)
    .flatMap(([name, value]) => value === null ? [] : [{ type: 0, name, value }]);
  return [...added, ...kept];
}

/** The last message of that type that `from` sent. */
function lastOf(pair: Pair, from: string, type: string): Message {
  const found = pair.sent.findLast((one) => one.from === from && text(one.message, "t") === type);
  if (found === undefined) throw new Error(`${from} sent no ${type}`);
  return found.message;
}

const later = (message: Message, by: number) =>
  (Number.parseInt(text(message, "seq") ?? "0", 16) + by).toString(16);

Deno.test("packetHeard: every recorded packet again changes nothing but counters", () => {
  const pair = new Pair().boot();
  pair.order(pair.ha1, "standby", "local");
  const before = { holds: pair.view(pair.ha2).holds, story: pair.pass(1).length };
  for (const { message } of [...pair.sent]) {
    pair.ha1.hear("eth1", message);
    pair.ha2.hear("eth1", message);
  }
  assert.deepEqual(pair.pass(100), []);
  assert.equal(pair.view(pair.ha2).holds, before.holds);
  assert.ok((pair.view(pair.ha2).counters["duplicates"] ?? 0) > 20);
});

Deno.test("packetHeard: a late word about resources does not undo a newer one", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  const old = lastOf(pair, "ha2", "resource");
  // The old word is lost on its way and comes after the move.
  pair.order(pair.ha2, "standby", "local");
  assert.equal(pair.view(pair.ha1).peerHolds, "none");
  const node = pair.ha1.engine?.nodes.get("ha2");
  const seq = Number.parseInt(text(old, "seq") ?? "0", 16);
  node?.window.gaps.set(seq, { nextAskMs: Infinity, asked: 0 });
  pair.ha1.hear("eth1", old);
  assert.equal(pair.view(pair.ha1).peerHolds, "none");
  assert.equal(pair.view(pair.ha1).counters["resource-late"], 1);
});

const odd: [string, Record<string, string | null>, string][] = [
  ["a stranger", { src: "mallory" }, "stranger"],
  ["an older generation", { hg: "1" }, "replayed"],
  ["no generation", { hg: null }, "replayed"],
  ["no sequence number", { seq: null }, "no-sequence"],
  ["sequence number zero", { seq: "0" }, "no-sequence"],
];
for (const [what, changes, counter] of odd) {
  Deno.test(`packetHeard: ${what} is dropped and counted`, () => {
    const pair = new Pair().boot();
    const status = lastOf(pair, "ha2", "status");
    pair.ha1.hear("eth1", altered(status, { seq: later(status, 1), st: "init", ...changes }));
    assert.equal(pair.view(pair.ha1).nodes[1]?.status, "active");
    assert.equal(pair.view(pair.ha1).counters[counter], 1);
  });
}

Deno.test("packetHeard: our own name from another host is refused and named", () => {
  const pair = new Pair().boot();
  const status = lastOf(pair, "ha1", "status");
  pair.ha1.hear("eth1", altered(status, { hg: "7fffffffff" }));
  assert.ok(pair.log.some((line) => line.includes('Another host sends as "ha1"')));
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
});

Deno.test("packetHeard: words that no peer would say are counted and change nothing", () => {
  const pair = new Pair().boot();
  const resource = lastOf(pair, "ha2", "resource");
  const say = (changes: Record<string, string | null>) => {
    const next = later(lastOf(pair, "ha2", "status"), say.count += 1);
    pair.ha1.hear("eth1", altered(resource, { seq: next, ...changes }));
  };
  say.count = 0;
  say({ rsc_hold: "everything" });
  say({ t: "ask_resources", rsc_hold: "half" });
  say({ t: "ask_resources", rsc_hold: "all", info: "perhaps" });
  say({ t: "hb_takeover", rsc_hold: "half" });
  say({ t: "crmd" });
  say({ t: "shutdone", hears: "1" });
  say({ t: "status", st: "confused" });
  const { counters } = pair.view(pair.ha1);
  for (
    const counter of ["resource-odd", "ask-odd", "takeover-odd", "unknown-type", "outdated"]
      .concat("status-odd")
  ) {
    assert.ok((counters[counter] ?? 0) > 0, counter);
  }
  assert.deepEqual(pair.pass(3_000).filter((line) => / (start|stop) /.test(line)), []);
});

Deno.test("packetHeard: the completion of an earlier move is no answer to the next request", () => {
  const pair = new Pair().boot();
  const word = lastOf(pair, "ha1", "resource");
  const newest = lastOf(pair, "ha1", "status");
  const say = (by: number, info: string) =>
    pair.ha2.hear(
      "eth1",
      altered(word, { t: "ask_resources", rsc_hold: "local", info, seq: later(newest, by) }),
    );
  say(3, "me");
  say(2, "done");
  assert.equal(pair.view(pair.ha2).counters["done-late"], 1);
  assert.deepEqual(pair.pass(100).filter((line) => / start /.test(line)), []);
});

Deno.test("receive: a lost message is asked for after a moment, and sent again", () => {
  const pair = new Pair().boot();
  pair.wires(false);
  pair.pass(1_500);
  pair.wires(true);
  pair.pass(2_500);
  const { counters } = pair.view(pair.ha1);
  assert.ok((counters["requested"] ?? 0) > 0);
  assert.ok((pair.view(pair.ha2).counters["resent"] ?? 0) > 0);
  assert.equal(pair.ha1.engine?.nodes.get("ha2")?.window.gaps.size, 0);
});

Deno.test("resend: what is no longer kept is refused, nonsense is ignored, repeats are spaced", () => {
  const pair = new Pair().boot();
  const status = lastOf(pair, "ha2", "status");
  const ask = (firstseq: string, lastseq: string) => {
    const from = pair.sent.length;
    pair.ha1.hear(
      "eth1",
      altered(status, { t: "NS_rexmit", dest: "ha1", firstseq, lastseq, seq: null }),
    );
    return pair.sent.slice(from).map((one) => text(one.message, "t"));
  };
  pair.ha1.engine?.history.delete(1);
  assert.deepEqual(ask("1", "1"), ["NS_nak_rexmit"]);
  assert.deepEqual(ask("0", "1"), []);
  assert.deepEqual(ask("9", "2"), []);
  assert.deepEqual(ask("99999", "99999"), []);
  assert.equal(ask("2", "3").length, 2);
  assert.deepEqual(ask("2", "3"), [], "sent a moment ago");
  assert.deepEqual(ask("x", "y"), []);
});

Deno.test("giveUp: a refused message is no longer asked for", () => {
  const pair = new Pair().boot();
  const status = lastOf(pair, "ha2", "status");
  pair.ha1.engine?.nodes.get("ha2")?.window.gaps.set(3, { nextAskMs: Infinity, asked: 1 });
  const nak = { t: "NS_nak_rexmit", dest: "ha1", firstseq: "3", seq: null };
  pair.ha1.hear("eth1", altered(status, nak));
  pair.ha1.hear("eth1", altered(status, nak));
  assert.equal(pair.view(pair.ha1).counters["irretrievable"], 1);
  assert.ok(pair.log.some((line) => line.includes("Irretrievably lost packet: node ha2 seq 3")));
});

Deno.test("receive: a gap too wide is taken as a new beginning", () => {
  const pair = new Pair().boot();
  const status = lastOf(pair, "ha2", "status");
  pair.ha1.hear("eth1", altered(status, { seq: later(status, 1000) }));
  assert.ok(pair.log.some((line) => line.includes("lost a lot of packets")));
});

Deno.test("answerNodeList: reqnodes is answered with every name", () => {
  const pair = new Pair().boot();
  const status = lastOf(pair, "ha2", "status");
  const from = pair.sent.length;
  pair.ha1.hear("eth1", altered(status, { t: "reqnodes", dest: "ha1", seq: later(status, 1) }));
  const answer = pair.sent[from]?.message;
  assert.ok(answer !== undefined);
  assert.equal(text(answer, "t"), "repnodes");
  assert.equal(text(answer, "nodelist"), "ha1 ha2 ");
  const silent = pair.sent.length;
  pair.ha1.hear("eth1", altered(status, { t: "reqnodes", dest: "ha9", seq: later(status, 2) }));
  assert.equal(pair.sent.length, silent, "not for us");
});

Deno.test("statusHeard: a late beat is named, the peer's own deadtime is obeyed", () => {
  const pair = new Pair().boot();
  pair.ha2.freeze(3_500);
  pair.pass(5_000);
  assert.ok(
    pair.log.some((line) => /ha1 warn: Late heartbeat: Node ha2: interval \d+ ms/.test(line)),
  );
  const status = lastOf(pair, "ha2", "status");
  pair.ha1.hear("eth1", altered(status, { dt: "ea60", seq: later(status, 1) }));
  pair.ha2.powerOff();
  pair.pass(30_000);
  assert.equal(pair.view(pair.ha1).nodes[1]?.status, "active");
  pair.pass(31_000);
  assert.equal(pair.view(pair.ha1).nodes[1]?.status, "dead");
});
