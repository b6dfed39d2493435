/**
 * The published configurations, really started on a pair of ours, and some on a pair of originals:
 * who owns what, and the order of the calls on each host, at a cold start, an orderly stop, a return
 * and a death, are those that were recorded of two originals, but for what differs by intention.
 */
import assert from "node:assert/strict";
import { type Kind, originalMissing } from "../interop/implementation.ts";
import { namespacePermission } from "./namespaces.ts";
import { forOriginal, publishedNames, readPublished } from "./published/configuration.ts";
import { asOurs } from "./published/differences.ts";
import { type Act, play } from "./published/play.ts";
import { readRecorded } from "./published/recorded.ts";

/** Whether the record still tells what the original does: a line of its own, and two homes. */
const LIVE_ORIGINALS = ["03", "06"];
/** Failback on with two homes, failback off with one; of the others the stop is enough. */
const PLAYED_WHOLE = ["06", "08"];
/** Most of the time is waiting, and each pair has its own lab. */
const SIDE_BY_SIDE = 4;
const SHORT_ACTS = 2;

const permission = await namespacePermission();
if (!permission.allowed) console.log(`skipped: published configurations: ${permission.reason}`);
const missing = originalMissing();
if (missing !== null) console.log(`published configurations run on ours only: ${missing}`);

interface Run {
  readonly title: string;
  readonly wanted: readonly Act[];
  play(): Promise<readonly Act[]>;
}

function runs(): readonly Run[] {
  const recorded = readRecorded();
  const run = (name: string, kind: Kind): Run => {
    const published = readPublished(name);
    const acts = recorded[name] ?? [];
    const length = PLAYED_WHOLE.includes(name) ? "whole" : "short";
    const end = length === "whole" ? acts.length : SHORT_ACTS;
    return {
      title: `${name} on two ${kind === "ours" ? "of ours" : "originals"}`,
      wanted: (kind === "ours" ? asOurs(published, acts) : acts).slice(0, end),
      play: () => play(kind === "ours" ? published : forOriginal(published), kind, length),
    };
  };
  const originals = missing === null ? LIVE_ORIGINALS : [];
  // The slow ones first.
  return [
    ...originals.map((name) => run(name, "original")),
    ...publishedNames().map((name) => run(name, "ours")),
  ];
}

Deno.test({
  name: "published configurations: who owns what and in which order, as two originals",
  ignore: !permission.allowed,
  fn: async (test) => {
    const results = new Map<string, PromiseSettledResult<readonly Act[]>>();
    const open = [...runs()];
    const worker = async () => {
      for (let run = open.shift(); run !== undefined; run = open.shift()) {
        const [result] = await Promise.allSettled([run.play()]);
        results.set(run.title, result);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
    for (const { title, wanted } of runs()) {
      await test.step(title, () => {
        const result = results.get(title);
        assert.ok(result !== undefined);
        if (result.status === "rejected") throw result.reason;
        assert.deepEqual(result.value, wanted);
      });
    }
  },
});
