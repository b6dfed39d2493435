/** Packets in the peer's name with another key: what they may hold up, and what they may not. */
import assert from "node:assert/strict";
import { MEDIA } from "../sim/network.ts";
import { DEADTIME_MS, INITDEAD_MS, KEEPALIVE_MS, Pair } from "./pair.ts";

/**
 * From now on beats, or else other packets, in the name of ha2 that do not verify come to ha1 on these
 * media.
 */
function forge(pair: Pair, media: readonly string[], everyMs: number, isBeat = true): () => void {
  let going = true;
  const once = () => {
    if (!going) return;
    for (const medium of media) {
      pair.ha1.dispatch({
        ...{ kind: "unverified", at: pair.ha1.at },
        ...{ medium, source: "ha2", isBeat, cause: "bad-signature" },
      });
    }
    pair.clock.after(everyMs, once);
  };
  once();
  return () => void (going = false);
}

/** ha1 alone, started a moment ago. */
function lonely(): Pair {
  const pair = new Pair();
  pair.ha1.powerOn();
  return pair;
}

Deno.test("another key: a node that starts beside such beats on every medium takes nothing", () => {
  const pair = lonely();
  const end = forge(pair, MEDIA, KEEPALIVE_MS);
  pair.pass(3 * INITDEAD_MS);
  assert.deepEqual(pair.runs(pair.ha1), []);
  const view = pair.view(pair.ha1);
  assert.match(view.heldBack ?? "", /ha2 come with another key.*--although-key-differs/);
  assert.deepEqual(view.foreignKey?.grave, true);
  assert.ok(pair.log.some((line) => /^ha1 crit: ha2 is heard with another key/.test(line)));
  end();
  pair.pass(DEADTIME_MS + 200);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});

Deno.test("another key: nobody can keep a node from its start for ever", () => {
  const pair = lonely();
  forge(pair, MEDIA, KEEPALIVE_MS);
  pair.pass(10 * INITDEAD_MS - 100);
  assert.deepEqual(pair.runs(pair.ha1), []);
  pair.pass(300);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});

Deno.test("another key: such beats on one medium of two hold up nothing", () => {
  const pair = lonely();
  forge(pair, ["eth1"], KEEPALIVE_MS);
  pair.pass(INITDEAD_MS + 200);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});

Deno.test("another key: what is no beat is told, and holds up nothing", () => {
  const pair = lonely();
  forge(pair, MEDIA, KEEPALIVE_MS, false);
  pair.pass(INITDEAD_MS + 200);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
  assert.notEqual(pair.view(pair.ha1).foreignKey, null);
});

Deno.test("another key: a person may say that the peer does not serve", () => {
  const pair = lonely();
  forge(pair, MEDIA, KEEPALIVE_MS);
  pair.pass(INITDEAD_MS + 200);
  pair.order(pair.ha1, "takeover", "all");
  assert.deepEqual(pair.runs(pair.ha1), []);
  pair.ha1.order({ kind: "takeover", share: "all", although: "key-differs" });
  pair.pass(1_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});

Deno.test("another key: a flood in the peer's name delays no takeover from a peer that was heard", () => {
  const diesAfter = (forged: boolean) => {
    const pair = new Pair().boot();
    if (forged) forge(pair, MEDIA, 5);
    pair.pass(3_000);
    pair.ha2.powerOff();
    let waitedMs = 0;
    while (pair.runs(pair.ha1).length < 2 && waitedMs < 2 * DEADTIME_MS) {
      pair.pass(10);
      waitedMs += 10;
    }
    return waitedMs;
  };
  assert.equal(diesAfter(true), diesAfter(false));
});

Deno.test("another key: beside a living peer they are told, and change nothing", () => {
  const pair = new Pair().boot();
  forge(pair, ["eth1"], 5);
  pair.pass(10_000);
  assert.deepEqual(pair.view(pair.ha1).foreignKey?.grave, false);
  assert.match(pair.view(pair.ha1).foreignKey?.text ?? "", /ha2 .* eth1 \(bad-signature\)/);
  assert.deepEqual([pair.runs(pair.ha1), pair.runs(pair.ha2)], [["ip1"], ["ip2"]]);
});

Deno.test("another key: a pause of this host does not end the wait", () => {
  const pair = lonely();
  const { ha1 } = pair;
  const end = forge(pair, MEDIA, KEEPALIVE_MS);
  pair.pass(INITDEAD_MS + 10_000);
  end();
  ha1.freeze(DEADTIME_MS + 3_300);
  pair.pass(DEADTIME_MS + 3_300);
  forge(pair, MEDIA, KEEPALIVE_MS);
  pair.pass(INITDEAD_MS);
  assert.deepEqual(pair.runs(ha1), []);
});

Deno.test("another key: a peer that begins a life with the right one hears us announce our addresses", () => {
  const pair = new Pair().boot();
  pair.ha2.powerOff();
  pair.pass(2 * DEADTIME_MS);
  const end = forge(pair, MEDIA, KEEPALIVE_MS);
  pair.pass(3_000);
  end();
  pair.announced.length = 0;
  pair.ha2.powerOn();
  pair.pass(1_000);
  assert.ok(pair.announced.includes("ha1 ip1"), pair.announced.join());
});
