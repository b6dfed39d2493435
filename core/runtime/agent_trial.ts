/** Puts an agent of this host through the conformance kit and sums up what came out. */
import { ResourceInUse, testAgent } from "../../agents/conformance.ts";
import type { PromiseName, Verdict } from "../../agents/conformance/promises.ts";
import type { AgentWorkbench, Found } from "./agent_workbench.ts";

export interface AgentReport {
  readonly kind: "tested";
  readonly resource: string;
  readonly runBy: string;
  readonly broken: readonly PromiseName[];
  readonly verdicts: readonly Verdict[];
}

export type TrialEnd = AgentReport | { readonly kind: "in use"; readonly reason: string };

/** @param deadlineMs of each call */
export async function testOnWorkbench(
  bench: AgentWorkbench,
  { agent, origin, path }: Found,
  { text, args }: { readonly text: string; readonly args: readonly string[] },
  deadlineMs: number,
): Promise<TrialEnd> {
  const isScript = origin === "resource.d" || origin === "init.d";
  const subject = { text, agent, args, ...(isScript ? { script: path } : {}) };
  try {
    const verdicts = await testAgent(subject, bench, deadlineMs);
    const broken = verdicts.filter(({ result }) => result === "broken").map(({ name }) => name);
    return { kind: "tested", resource: text, runBy: path, broken, verdicts };
  } catch (error) {
    if (error instanceof ResourceInUse) return { kind: "in use", reason: error.message };
    throw error;
  }
}
