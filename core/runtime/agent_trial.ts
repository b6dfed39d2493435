/**
 * Puts an agent of this host through the conformance kit and sums up what came out. A plugin that
 * does not load, and arguments that are refused, are one cause, and no breach of any promise.
 */
import { ResourceInUse, testAgent, Untestable } from "../../agents/conformance.ts";
import { NOT_REACHED, type PromiseName, type Verdict } from "../../agents/conformance/promises.ts";
import type { AgentWorkbench, Found } from "./agent_workbench.ts";

export interface AgentReport {
  readonly kind: "tested";
  readonly resource: string;
  readonly runBy: string;
  /** What a plugin calls itself in its file, if haresources has to call it otherwise. */
  readonly ownName?: string;
  readonly broken: readonly PromiseName[];
  /** Those that a breach left nothing to test of. */
  readonly notReached: readonly PromiseName[];
  readonly verdicts: readonly Verdict[];
}

export type TrialEnd =
  | AgentReport
  | { readonly kind: "in use" | "untestable"; readonly reason: string };

/** @param deadlineMs of each call */
export async function testOnWorkbench(
  bench: AgentWorkbench,
  found: Found,
  { text, args }: { readonly text: string; readonly args: readonly string[] },
  deadlineMs: number,
): Promise<TrialEnd> {
  const { agent, origin, path } = found;
  const isScript = origin === "resource.d" || origin === "init.d";
  const subject = { text, agent, args, ...(isScript ? { script: path } : {}) };
  try {
    const ownName = origin === "plugin" ? await nameInFile(bench, found) : undefined;
    const verdicts = await testAgent(subject, bench, deadlineMs);
    const names = (which: (one: Verdict) => boolean) =>
      verdicts.filter(which).map((one) => one.name);
    const broken = names(({ result }) => result === "broken");
    const notReached = names(({ evidence }) => evidence === NOT_REACHED);
    const named = ownName === undefined ? {} : { ownName };
    return { kind: "tested", resource: text, runBy: path, ...named, broken, notReached, verdicts };
  } catch (error) {
    if (error instanceof ResourceInUse) return { kind: "in use", reason: error.message };
    if (error instanceof Untestable) return { kind: "untestable", reason: error.message };
    throw error;
  }
}

/** @throws {Untestable} when the plugin does not load */
async function nameInFile(bench: AgentWorkbench, found: Found): Promise<string | undefined> {
  try {
    return (await bench.describe(found)).ownName;
  } catch (error) {
    if (error instanceof Error) throw new Untestable(error.message);
    throw error;
  }
}
