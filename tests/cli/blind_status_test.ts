/** The verdict on a node that cannot hear its peer, or cannot believe it: said before all else. */
import assert from "node:assert/strict";
import { judge } from "../../core/cli/verdict.ts";
import type { EngineView } from "../../core/engine/view.ts";
import { clusterView } from "./fake_daemon.ts";

function verdictOn(change: Partial<EngineView>) {
  const { word, exit, reasons } = judge(clusterView(change));
  return { word, exit, first: reasons[0] };
}

Deno.test("judge: a node that is held back is DOWN, and says so first", () => {
  const heldBack = "This node is deaf";
  assert.deepEqual(verdictOn({ phase: "joining", peerHolds: null, heldBack }), {
    ...{ word: "DOWN", exit: 2, first: heldBack },
  });
});

Deno.test("judge: another key is DOWN where nothing else is heard, else DEGRADED", () => {
  const text = "node2 is heard with another key";
  assert.deepEqual(verdictOn({ foreignKey: { text, grave: true } }), {
    ...{ word: "DOWN", exit: 2, first: text },
  });
  assert.deepEqual(verdictOn({ foreignKey: { text, grave: false } }), {
    ...{ word: "DEGRADED", exit: 1, first: text },
  });
});
