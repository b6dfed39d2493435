/**
 * The simulator in the normal test run: enough seeds to trust a change, the seeds that once found
 * a bug, and the proof that a seed decides everything.
 */
import assert from "node:assert/strict";
import type { Fault } from "./faults.ts";
import { KEPT_RUNS } from "./kept_runs.ts";
import { run } from "./run.ts";

const SEEDS = 250;
const STEPS_AT_LEAST = 1_000_000;

function mustHold(seed: number, faults?: readonly Fault[]): number {
  const result = run(faults === undefined ? { seed } : { seed, faults });
  assert.deepEqual(result.violations, [], `play it again with: deno task sim --seed ${seed}`);
  return result.steps;
}

Deno.test("run: 250 seeds and at least a million steps keep every promise", () => {
  let steps = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) steps += mustHold(seed);
  assert.ok(steps >= STEPS_AT_LEAST, `only ${steps} steps`);
});

for (const { seed, found, faults } of KEPT_RUNS) {
  Deno.test(`run: kept seed ${seed} (${found})`, () => {
    mustHold(seed, faults);
  });
}

Deno.test("run: the same seed gives the same trace", () => {
  assert.equal(run({ seed: 7 }).traceHash, run({ seed: 7 }).traceHash);
  assert.notEqual(run({ seed: 7 }).traceHash, run({ seed: 8 }).traceHash);
});
