/**
 * Draws the table of the interop tests: a row for each scenario, a column for each cast, in each
 * cell the time until the end stood and the longest time that a page was not served.
 */
import type { Column, ColumnCell } from "./column.ts";
import type { Reference } from "./reference.ts";

const seconds = (ms: number | null) =>
  ms === null || Number.isNaN(ms) ? "–" : (ms / 1000).toFixed(1);

function cellText(cell: ColumnCell | undefined): string {
  if (cell === undefined) return "–";
  return cell.problems.length > 0 ? "WRONG" : `${seconds(cell.tookMs)} / ${seconds(cell.outageMs)}`;
}

function nameOf({ autoFailback, title }: Reference["cells"][number] | ColumnCell): string {
  return `${autoFailback}: ${title}`;
}

/** Lines of text, the same in every terminal; the last column is the recorded pair of originals. */
export function drawTable(columns: readonly Column[], reference: Reference): string {
  const casts = columns.map(({ cast }) => `${cast.node1}/${cast.node2}`);
  const head = ["scenario (s until right / s without page)", ...casts, "recorded originals"];
  const recordedRows = Map.groupBy(reference.cells, nameOf);
  const rows = (columns[0]?.cells ?? []).map((cell, at) => {
    // A title that comes twice was recorded twice, in the same order.
    const recorded = recordedRows.get(nameOf(cell))?.shift();
    const last = recorded === undefined
      ? "–"
      : `${seconds(recorded.tookMs)} / ${seconds(recorded.outageMs)}`;
    return [
      nameOf(cell),
      ...columns.map(({ cells }) => cellText(cells[at])),
      recorded?.ended === "wrong" ? "wrong" : last,
    ];
  });
  const widths = head.map((_, at) =>
    Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0))
  );
  return [head, ...rows]
    .map((row) => row.map((text, at) => text.padEnd(widths[at] ?? 0)).join("  ").trimEnd())
    .join("\n");
}
