/**
 * One column of the table: every chain played with one cast, and what the originals in it complained
 * of meanwhile. After a row that ended wrongly the rest of its chain has no ground to stand on and
 * counts as not reached.
 */
import type { AutoFailback } from "../../core/types.ts";
import { complaintsIn } from "./complaints.ts";
import { type Cell, playRow } from "./judge.ts";
import { type Cast, NODES, PairStage } from "./pair_stage.ts";
import { CHAINS } from "./scenarios.ts";

export interface ColumnCell extends Cell {
  readonly autoFailback: AutoFailback;
}

export interface Column {
  readonly cast: Cast;
  readonly cells: readonly ColumnCell[];
  /** In the logs of the originals, each kind once, without numbers. */
  readonly complaints: readonly string[];
}

export async function playColumn(cast: Cast): Promise<Column> {
  await using stage = await PairStage.open();
  const cells: ColumnCell[] = [];
  const complaints = new Set<string>();
  for (const { rows, ...setUp } of CHAINS) {
    const { autoFailback } = setUp;
    await stage.setUp({ cast, ...setUp });
    let broken = false;
    for (const row of rows) {
      const cell = broken ? notReached(row.title) : await playRow(row, stage, cast);
      if (!broken && cell.problems.length > 0) {
        broken = true;
        const problems = [...cell.problems, await stage.evidence()];
        cells.push({ ...cell, problems, autoFailback });
      } else cells.push({ ...cell, autoFailback });
    }
    for (const name of NODES) {
      if (cast[name] !== "original") continue;
      for (const kind of complaintsIn(await stage.log(name), name)) complaints.add(kind);
    }
  }
  return { cast, cells, complaints: [...complaints].toSorted() };
}

function notReached(title: string): Cell {
  const problems = ["not reached: a row before it ended wrongly"];
  return { title, problems, tookMs: NaN, outageMs: NaN, moves: NaN };
}
