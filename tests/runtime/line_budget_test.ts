/** How much one source may write into the log. */
import assert from "node:assert/strict";
import { LineBudget, LINES_PER_S } from "../../core/runtime/plugins/line_budget.ts";

Deno.test("admit: so many lines a second, the rest is counted once", () => {
  const budget = new LineBudget();
  const admitted = (fromMs: number) =>
    Array.from({ length: 200 }, (_, i) => budget.admit(fromMs + i)).filter(Boolean).length;
  assert.equal(admitted(0), LINES_PER_S);
  assert.equal(budget.takeDropped(), 200 - LINES_PER_S);
  assert.equal(budget.takeDropped(), 0);
  assert.equal(admitted(1000), LINES_PER_S);
});
