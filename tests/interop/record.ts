/**
 * Records what two originals do with the rows of the table, as the reference of the interop tests.
 * To be run by hand when rows were added. usage: deno run -A tests/interop/record.ts
 */
import { playColumn } from "./column.ts";
import { originalMissing } from "./implementation.ts";
import { readReference, type Reference, REFERENCE_FILE } from "./reference.ts";

const missing = originalMissing();
if (missing !== null) throw new Error(`nothing to record: ${missing}`);
const { cells, complaints } = await playColumn({ node1: "original", node2: "original" });
const reference: Reference = {
  version: "3.0.6",
  cells: cells.map(({ autoFailback, title, problems, tookMs, outageMs }) => ({
    ...{ autoFailback, title, ended: problems.length === 0 ? "right" : "wrong" },
    ...{ tookMs: Math.round(tookMs), outageMs: Math.round(outageMs) },
  })),
  // Some are races of the original with itself (two of its scripts on one FIFO): not in every run.
  complaints: [...new Set([...readReference().complaints, ...complaints])].toSorted(),
};
Deno.writeTextFileSync(REFERENCE_FILE, JSON.stringify(reference, null, 1) + "\n");
for (const { title, problems } of cells) {
  if (problems.length > 0) console.log(`${title}: ${problems.join("; ")}`);
}
