/** What a link is said to have lost, against a model that remembers everything. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { newQuality, notePacket, qualityView } from "../../core/engine/link_quality.ts";
import { snapshot } from "../../core/engine/snapshot.ts";
import { Pair } from "./pair.ts";

const KEEPALIVE_MS = 1_000;

Deno.test("notePacket: numbers heard once, in any near order, loss counted when surely lost", () => {
  const steps = fc.array(
    fc.record({ lost: fc.boolean(), repeat: fc.boolean(), late: fc.nat(20) }),
    { minLength: 100, maxLength: 300 },
  );
  fc.assert(
    fc.property(steps, (numbers) => {
      const quality = newQuality();
      const arrivals = numbers
        .flatMap(({ lost, repeat, late }, at) => {
          const seq = at + 1;
          if (lost) return [];
          return repeat ? [[seq + late, seq], [seq + late, seq]] : [[seq + late, seq]];
        })
        .sort(([a = 0], [b = 0]) => a - b)
        .map(([, seq = 0]) => seq);
      for (const seq of arrivals) notePacket(quality, 1, seq, 10, KEEPALIVE_MS);
      const [first = 0] = arrivals;
      const highest = Math.max(...arrivals);
      const judged = (seq: number) => seq > first && seq <= highest - 32;
      const missing = numbers.filter(({ lost }, at) => lost && judged(at + 1)).length;
      assert.equal(quality.lost, missing);
      assert.ok(quality.heard <= new Set(arrivals).size);
      assert.ok(quality.heard >= new Set(arrivals.filter((seq) => seq >= first)).size);
    }),
  );
});

Deno.test("notePacket: a long cut is all loss; a new life of the sender is none", () => {
  const quality = newQuality();
  for (const seq of [1, 2, 3]) notePacket(quality, 1, seq, 1_000, KEEPALIVE_MS);
  notePacket(quality, 1, 1_003, 1_000_000, KEEPALIVE_MS);
  for (let seq = 1_004; seq < 1_100; seq++) notePacket(quality, 1, seq, 1_000, KEEPALIVE_MS);
  assert.equal(quality.lost, 999);
  assert.equal(quality.worstGapMs, 1_000_000);
  notePacket(quality, 2, 1, 9_000_000, KEEPALIVE_MS);
  notePacket(quality, 1, 2_000, 5, KEEPALIVE_MS);
  assert.equal(quality.lost, 999);
  assert.equal(quality.worstGapMs, 1_000_000);
});

Deno.test("qualityView: each gap stands in its class", () => {
  const quality = newQuality();
  notePacket(quality, 1, 1, null, KEEPALIVE_MS);
  for (const gapMs of [1, 1_500, 1_501, 2_500, 60_000]) {
    notePacket(quality, 1, undefined, gapMs, KEEPALIVE_MS);
  }
  assert.deepEqual(qualityView(quality, KEEPALIVE_MS), {
    ...{ heard: 1, lost: 0, worstGapMs: 60_000 },
    gaps: [
      { upToMs: 1_500, count: 2 },
      { upToMs: 2_000, count: 1 },
      { upToMs: 3_000, count: 1 },
      { upToMs: 5_000, count: 0 },
      { upToMs: 10_000, count: 0 },
      { upToMs: null, count: 1 },
    ],
  });
});

Deno.test("snapshot: each link of the pair is heard all the time and loses nothing", () => {
  const pair = new Pair({ groups: ["ha1 ip"] }).boot();
  pair.pass(120_000);
  const links = pair.view(pair.ha1).nodes.find(({ name }) => name === "ha2")?.links ?? [];
  assert.ok(links.length >= 2);
  for (const { late, heardMs, quality } of links) {
    assert.equal(late, false);
    assert.ok(heardMs !== null && heardMs <= KEEPALIVE_MS + 10);
    assert.equal(quality.lost, 0);
    assert.ok(quality.heard > 100);
  }
});

Deno.test("snapshot: ages are whole milliseconds, however fine the clock is", () => {
  const { ha1 } = new Pair({ groups: ["ha1 ip"] }).boot();
  assert.ok(ha1.engine !== null);
  const text = JSON.stringify(snapshot(ha1.engine, ha1.at.monoMs + 0.373773));
  assert.match(text, /"ageMs":\d+,/);
  assert.doesNotMatch(text, /Ms":\d+\.\d/);
});
