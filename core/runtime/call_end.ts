/** How a call that was given up came to its end, in words for its outcome. */
import type { ProgramResult } from "../os/run_program.ts";
import type { Outcome } from "../types.ts";

/** How an agent without programs ended; undefined: it did not. */
export function agentEnd(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "the agent did not return and was abandoned";
  return "reason" in outcome ? outcome.reason : "it ended when it was told to";
}

export function programsEnd(gone: boolean, result: ProgramResult | undefined): string {
  if (!gone) return "its process group got TERM and KILL and is still not gone";
  const lastLine = result?.output.trimEnd().split("\n").at(-1)?.trim() ?? "";
  const said = lastLine === "" ? "it printed nothing" : `its last line was "${lastLine}"`;
  return `its process group was ended by ${result?.endedBy ?? "KILL"}; ${said}`;
}
