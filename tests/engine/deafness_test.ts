/** A node that cannot open its media: the silence it hears means nothing, and it takes nothing. */
import assert from "node:assert/strict";
import type { MediumName } from "../sim/network.ts";
import { DEADTIME_MS, INITDEAD_MS, Pair } from "./pair.ts";

const BOTH: readonly MediumName[] = ["eth1", "ttyS0"];

/** ha2 serves; ha1 starts and cannot open some of its media. */
function pairWithout(media: readonly MediumName[]): Pair {
  const pair = new Pair();
  pair.ha2.powerOn();
  pair.pass(INITDEAD_MS + 5_500);
  pair.ha1.shut(media, 1);
  for (const medium of media) {
    pair.network.cut("ha1", "ha2", medium);
    pair.network.cut("ha2", "ha1", medium);
  }
  pair.ha1.powerOn();
  return pair;
}

function open(pair: Pair, media: readonly MediumName[]): void {
  for (const medium of media) {
    pair.network.mend("ha1", "ha2", medium);
    pair.network.mend("ha2", "ha1", medium);
  }
  pair.ha1.shut(media, -1);
}

Deno.test("deafness: without any open medium nobody is dead and nothing is taken", () => {
  const pair = pairWithout(BOTH);
  pair.pass(10 * INITDEAD_MS);
  assert.deepEqual(pair.runs(pair.ha1), []);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
  const view = pair.view(pair.ha1);
  assert.match(view.heldBack ?? "", /deaf.*eth1 \(ENODEV\), ttyS0 \(ENODEV\)/);
  assert.equal(view.nodes[1]?.status, "init");
  pair.order(pair.ha1, "takeover", "all");
  assert.ok(pair.log.some((line) => /^ha1 reply: false This node is deaf/.test(line)));
  assert.deepEqual(pair.runs(pair.ha1), []);
});

Deno.test("deafness: it joins as usual once a medium is open and the peer is heard", () => {
  const pair = pairWithout(BOTH);
  pair.pass(3 * INITDEAD_MS);
  open(pair, ["eth1"]);
  pair.pass(10_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip2"]);
  assert.equal(pair.view(pair.ha1).heldBack, undefined);
});

Deno.test("deafness: one medium that is not open holds back a node that never heard its peer", () => {
  const pair = pairWithout(["eth1"]);
  // The other one is open, and its cable is not plugged in.
  pair.network.cut("ha1", "ha2", "ttyS0");
  pair.network.cut("ha2", "ha1", "ttyS0");
  pair.pass(10 * INITDEAD_MS);
  assert.deepEqual(pair.runs(pair.ha1), []);
  assert.match(
    pair.view(pair.ha1).heldBack ?? "",
    /^eth1 is not open \(ENODEV\) and ha2 was never/,
  );
  // It opens, and stays silent as well: then the peer is dead after initdead.
  pair.ha1.shut(["eth1"], -1);
  pair.pass(INITDEAD_MS - 100);
  assert.match(pair.view(pair.ha1).heldBack ?? "", /^eth1 was opened late/);
  assert.deepEqual(pair.runs(pair.ha1), []);
  pair.pass(200);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});

Deno.test("deafness: a person may say that the peer is gone", () => {
  const pair = pairWithout(["eth1"]);
  pair.ha2.powerOff();
  pair.pass(2 * INITDEAD_MS);
  assert.deepEqual(pair.runs(pair.ha1), []);
  pair.order(pair.ha1, "takeover", "local");
  assert.deepEqual(pair.runs(pair.ha1), []);
  pair.order(pair.ha1, "takeover", "all");
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});

Deno.test("deafness: a peer that was heard is dead after deadtime, whatever else is not open", () => {
  const pair = pairWithout(["eth1"]);
  pair.pass(10_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  pair.ha2.powerOff();
  pair.pass(DEADTIME_MS + 200);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});

Deno.test("deafness: a node that loses its last medium later takes nothing either", () => {
  const pair = new Pair().boot();
  pair.wires(false);
  pair.ha1.shut(BOTH, 1);
  pair.pass(10 * DEADTIME_MS);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.match(pair.view(pair.ha1).heldBack ?? "", /deaf/);
  // From the moment on at which it could hear again, silence counts.
  pair.ha1.shut(["eth1"], -1);
  pair.pass(DEADTIME_MS - 100);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  pair.pass(200);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});
