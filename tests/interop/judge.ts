/**
 * Plays one row of the table and judges its end: for each group the right node, and only that one,
 * holds the address by its kernel's word and answers the client. No log is believed.
 */
import { outageMs } from "../lab/demo/watch.ts";
import { type Cast, NODES, type PairStage } from "./pair_stage.ts";
import type { Owners, Row } from "./rows.ts";

export interface Cell {
  readonly title: string;
  /** What is wrong; empty when the row ended as it should. */
  readonly problems: readonly string[];
  /** From the beginning of the row until the end stood. */
  readonly tookMs: number;
  /** Longest time that a page was not served to the client. */
  readonly outageMs: number;
  /** How often a page came from another node than before. */
  readonly moves: number;
}

const POLL_MS = 50;
/** How long an end has to stand unchanged before it counts. */
const SETTLED_MS = 1_000;

export async function playRow(row: Row, stage: PairStage, cast: Cast): Promise<Cell> {
  const beganMs = stage.nowMs();
  const owners = typeof row.owners === "function" ? row.owners(cast) : row.owners;
  let problems: readonly string[] = ["it was not even looked at"];
  let rightSinceMs: number | null = null;
  try {
    await row.play(stage);
    // An end that took too long is seen and judged all the same.
    const limitMs = beganMs + row.withinMs + SETTLED_MS;
    while (stage.nowMs() < limitMs || rightSinceMs !== null) {
      problems = await problemsNow(owners, stage);
      if (problems.length > 0) rightSinceMs = null;
      else rightSinceMs ??= stage.nowMs();
      if (rightSinceMs !== null && stage.nowMs() - rightSinceMs >= SETTLED_MS) break;
      await stage.sleep(POLL_MS);
    }
  } catch (error) {
    problems = [String(error)];
  }
  const tookMs = (rightSinceMs ?? stage.nowMs()) - beganMs;
  if (problems.length === 0 && tookMs > row.withinMs) {
    problems = [`right after ${Math.round(tookMs)} ms, wanted within ${row.withinMs} ms`];
  }
  const changes = NODES.flatMap((home) => stage.changesSince(home, beganMs));
  return {
    title: row.title,
    problems,
    tookMs,
    outageMs: Math.max(0, ...changes.map(outageMs)),
    moves: changes.filter(({ before, after }) => before !== null && before !== after).length,
  };
}

async function problemsNow(owners: Owners, stage: PairStage): Promise<string[]> {
  const problems: string[] = [];
  for (const home of NODES) {
    const holders = (await stage.holders(home)).join(" and ") || "nobody";
    const answering = stage.answering(home) ?? "nobody";
    const wanted = `, wanted ${owners[home]}`;
    if (holders !== owners[home]) problems.push(`group of ${home}: held by ${holders}${wanted}`);
    if (answering !== owners[home]) problems.push(`page of ${home}: from ${answering}${wanted}`);
  }
  return problems;
}
