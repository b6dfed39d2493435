/**
 * A pair with the original 3.0.6, either way round, and a pair of ours, through every scenario: each
 * ends with exactly one owner of each group, the right one, in the stated time. A client on the LAN
 * and the kernels' address lists judge. What an original complains of in its log is compared with a
 * recorded pair of originals.
 */
import assert from "node:assert/strict";
import { namespacePermission } from "../lab/namespaces.ts";
import { type Column, playColumn } from "./column.ts";
import { originalMissing } from "./implementation.ts";
import type { Cast } from "./pair_stage.ts";
import { readReference } from "./reference.ts";
import { drawTable } from "./table.ts";

const CASTS: readonly Cast[] = [
  { node1: "ours", node2: "original" },
  { node1: "original", node2: "ours" },
  { node1: "ours", node2: "ours" },
];

const permission = await namespacePermission();
const missing = permission.allowed ? originalMissing() : permission.reason;
if (missing !== null) console.log(`interop tests are skipped: ${missing}`);

const name = ({ node1, node2 }: Cast) => `${node1}/${node2}`;

Deno.test({
  name: "a pair with the original: every scenario, either way round, ends with the right owners",
  ignore: missing !== null,
  fn: async (test) => {
    // Side by side: most of the time is waiting, and each column has its own lab.
    const columns: readonly Column[] = await Promise.all(CASTS.map(playColumn));
    const reference = readReference();
    console.log(`\n${drawTable(columns, reference)}`);
    for (const { cast, cells, complaints } of columns) {
      for (const { autoFailback, title, problems } of cells) {
        const named = `${name(cast)}, auto_failback ${autoFailback}: ${title}`;
        await test.step(named, () => assert.deepEqual(problems, [], problems.join("\n")));
      }
      if (cast.node1 === cast.node2) continue;
      await test.step(`${name(cast)}: the original complains of nothing that two originals do not`, () => {
        const news = complaints.filter((kind) => !reference.complaints.includes(kind));
        assert.deepEqual(news, [], news.join("; "));
      });
    }
  },
});
