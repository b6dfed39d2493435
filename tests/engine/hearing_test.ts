/** Media that carry one way: both nodes can say who does not hear whom. */
import assert from "node:assert/strict";
import { judge } from "../../core/cli/verdict.ts";
import { clusterView } from "../cli/fake_daemon.ts";
import type { Host } from "../sim/host.ts";
import { MEDIA } from "../sim/network.ts";
import { DEADTIME_MS, Pair } from "./pair.ts";

function reasons(pair: Pair, host: Host): string {
  return judge({ ...clusterView(), engine: pair.view(host) }).reasons.join("\n");
}

Deno.test("hearing: nothing of ha1 arrives at ha2, and both say so", () => {
  const pair = new Pair().boot();
  for (const medium of MEDIA) pair.network.cut("ha1", "ha2", medium);
  pair.pass(2 * DEADTIME_MS);
  assert.match(
    reasons(pair, pair.ha1),
    /^ha2 is heard, and has not heard this node for [45]\.\ds/m,
  );
  assert.match(reasons(pair, pair.ha2), /^node ha1 has been dead for/m);
  for (const medium of MEDIA) pair.network.mend("ha1", "ha2", medium);
  pair.pass(5_000);
  assert.doesNotMatch(reasons(pair, pair.ha1), /heard/);
});

Deno.test("hearing: one medium of two carries one way, and both name it", () => {
  const pair = new Pair().boot();
  pair.network.cut("ha1", "ha2", "ttyS0");
  pair.pass(2 * DEADTIME_MS);
  assert.match(reasons(pair, pair.ha1), /^ha2 has not heard this node on its ttyS0 for/m);
  assert.match(
    reasons(pair, pair.ha2),
    /^link ttyS0 to ha1 has been dead for .*: this node does not hear ha1 on it$/m,
  );
});

Deno.test("hearing: two that have just started say nothing of it", () => {
  const pair = new Pair().boot();
  for (const host of [pair.ha1, pair.ha2]) assert.doesNotMatch(reasons(pair, host), /hear/);
});

Deno.test("hearing: the first beats of a node may be lost without a word", () => {
  const pair = new Pair().boot();
  pair.ha1.powerOff();
  pair.pass(2 * DEADTIME_MS);
  for (const medium of MEDIA) pair.network.cut("ha1", "ha2", medium);
  pair.ha1.powerOn();
  const saysNothing = (forMs: number) => {
    for (let ms = 0; ms < forMs; ms += 100) {
      pair.pass(100);
      assert.doesNotMatch(reasons(pair, pair.ha1), /has not heard/);
    }
  };
  saysNothing(1_000);
  for (const medium of MEDIA) pair.network.mend("ha1", "ha2", medium);
  saysNothing(5_000);
});
