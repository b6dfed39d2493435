/**
 * A rolling migration, as docs/migration.md tells it: a living pair of originals becomes a pair of
 * ours, one node after the other, and then a pair of originals again. No step keeps a page from the
 * client for longer than one planned handover, and the nodes keep their identities.
 */
import assert from "node:assert/strict";
import { originalMissing } from "./implementation.ts";
import { playRow } from "./judge.ts";
import { type Cast, type NodeName, NODES, PairStage } from "./pair_stage.ts";
import { ALL_ON, COLD_START, order, type Row } from "./scenarios.ts";
import { namespacePermission } from "../lab/namespaces.ts";

/**
 * Two originals need up to two seconds for a planned handover of both groups, one after the other,
 * and their scripts more on a slow machine. Had the other node to die first, it would be five.
 */
const PLANNED_HANDOVER_MS = 4_500;
/** A node that serves nothing comes and goes: nobody may notice, but the client itself may pause. */
const UNNOTICED_MS = 1_500;
const EXCHANGE_LIMIT_MS = 60_000;
const ORIGINALS: Cast = { node1: "original", node2: "original" };

interface Step extends Row {
  readonly maxOutageMs: number;
  /** How often a page may come from another node than before. */
  readonly maxMoves: number;
}

function handOver(
  node: NodeName,
  how: "standby" | "takeover",
  owner: NodeName,
): Step {
  return {
    ...order(node, how, "all", ALL_ON[owner]),
    maxOutageMs: PLANNED_HANDOVER_MS,
    maxMoves: 2,
  };
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
    maxOutageMs: UNNOTICED_MS,
    maxMoves: 0,
  };
}

async function identity(stage: PairStage, node: NodeName) {
  const host = stage.host(node);
  const uuid = (await host.must("od -An -tx1 /var/lib/heartbeat/hb_uuid")).trim();
  return { uuid, generation: Number(await host.must("cat /var/lib/heartbeat/hb_generation")) };
}

const STEPS: readonly Step[] = [
  { ...COLD_START, maxOutageMs: Infinity, maxMoves: Infinity },
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
    await stage.setUp({ cast: ORIGINALS, autoFailback: "off" });
    for (const step of STEPS) {
      const cell = await playRow(step, stage, ORIGINALS);
      assert.deepEqual(cell.problems, [], `${step.title}\n${await stage.evidence()}`);
      console.log(
        `  ${step.title}: ${(cell.tookMs / 1000).toFixed(1)} s, ` +
          `longest without a page ${Math.round(cell.outageMs)} ms`,
      );
      if (cell.outageMs > step.maxOutageMs || cell.moves > step.maxMoves) {
        const seen = `${step.title}: ${cell.outageMs} ms, ${cell.moves} moves`;
        assert.fail(`${seen}\n${await stage.evidence()}`);
      }
    }
    for (const node of NODES) assert.equal(stage.program(node).kind, "original");
  },
});
