/**
 * A rolling migration, as docs/migration.md tells it: a living pair of originals becomes a pair of
 * ours, one node after the other, and then a pair of originals again. No step costs more than one
 * planned handover: each page is stopped and moved once, by a living pair, and never by the exchange
 * of a program. The nodes keep their identities. How long a page was away is printed, not judged.
 */
import assert from "node:assert/strict";
import { originalMissing } from "./implementation.ts";
import { playRow } from "./judge.ts";
import { type Cast, type NodeName, NODES, PairStage } from "./pair_stage.ts";
import { ALL_ON, COLD_START, deathsSeen, order, type Row } from "./rows.ts";
import { NOBODY_DIES } from "./scenarios.ts";
import { namespacePermission } from "../lab/namespaces.ts";

const EXCHANGE_LIMIT_MS = 120_000;
const ORIGINALS: Cast = { node1: "original", node2: "original" };

interface Step extends Row {
  /** How often a page may come from another node than before. */
  readonly maxMoves: number;
}

function handOver(
  node: NodeName,
  how: "standby" | "takeover",
  owner: NodeName,
): Step {
  return { ...order(node, how, "all", ALL_ON[owner]), maxMoves: 2 };
}

/** Stops a node that serves nothing, gives it to the other program, and starts it. */
function exchange(node: NodeName, kind: "ours" | "original", owner: NodeName): Step {
  return {
    title: `${node} becomes ${kind}`,
    play: async (stage) => {
      await stage.program(node).stop(stage.host(node));
      const before = await identity(stage, node);
      stage.cast(node, kind);
      await stage.start(node);
      const after = await identity(stage, node);
      assert.equal(after.uuid, before.uuid, `${node} has another uuid`);
      assert.ok(after.generation > before.generation, JSON.stringify({ before, after }));
    },
    owners: ALL_ON[owner],
    withinMs: EXCHANGE_LIMIT_MS,
    maxMoves: 0,
  };
}

async function identity(stage: PairStage, node: NodeName) {
  const host = stage.host(node);
  const uuid = (await host.must("od -An -tx1 /var/lib/heartbeat/hb_uuid")).trim();
  return { uuid, generation: await stage.generation(node) };
}

async function stopsAndDeaths(stage: PairStage) {
  const sum = async (count: (node: NodeName) => Promise<number>) =>
    (await Promise.all(NODES.map(count))).reduce((total, one) => total + one);
  return {
    stops: await sum((node) => stage.pagesStopped(node)),
    deaths: await sum((node) => deathsSeen(stage, node)),
  };
}

const STEPS: readonly Step[] = [
  { ...COLD_START, maxMoves: Infinity },
  handOver("node2", "standby", "node1"),
  exchange("node2", "ours", "node1"),
  handOver("node1", "standby", "node2"),
  exchange("node1", "ours", "node2"),
  handOver("node1", "takeover", "node1"),
  exchange("node2", "original", "node1"),
  handOver("node1", "standby", "node2"),
  exchange("node1", "original", "node2"),
];

const permission = await namespacePermission();
const missing = permission.allowed ? originalMissing() : permission.reason;
if (missing !== null) console.log(`the migration test is skipped: ${missing}`);

Deno.test({
  name: "rolling migration: no step costs more than one planned handover, there and back",
  ignore: missing !== null,
  fn: async () => {
    await using stage = await PairStage.open();
    await stage.setUp({ cast: ORIGINALS, autoFailback: "off", extra: NOBODY_DIES });
    for (const step of STEPS) {
      const before = await stopsAndDeaths(stage);
      const cell = await playRow(step, stage, ORIGINALS);
      console.log(
        `  ${step.title}: ${(cell.tookMs / 1000).toFixed(1)} s, ` +
          `longest without a page ${Math.round(cell.outageMs)} ms`,
      );
      assert.deepEqual(cell.problems, [], `${step.title}\n${await stage.evidence()}`);
      const after = await stopsAndDeaths(stage);
      const seen = { moves: cell.moves, stops: after.stops - before.stops };
      const all = `${step.title}: ${JSON.stringify(seen)}\n${await stage.evidence()}`;
      assert.ok(seen.moves <= step.maxMoves && seen.stops <= step.maxMoves, all);
      assert.equal(after.deaths, before.deaths, all);
    }
    for (const node of NODES) assert.equal(stage.program(node).kind, "original");
  },
});
