/**
 * What a plugin gets with `import … from "heartbeat"`: the contract, and the few helpers that every
 * other agent would write again. Nothing here touches the host.
 */
import type { AgentContext } from "./contract.ts";
import { pause } from "./programs.ts";

export { ArgumentsRefused, CONTRACT_VERSION, ProgramMissing } from "./contract.ts";
export type { Agent, AgentContext, ParameterDoc, RunResult, Status } from "./contract.ts";
export { pause, succeed } from "./programs.ts";

/**
 * Asks again and again until the answer is yes, for example whether a server accepts connections.
 * The call's own deadline is the limit.
 * @param intervalMs pause between two questions
 * @throws the signal's reason when it aborts, and what `holds` throws
 */
export async function waitUntil(
  context: AgentContext,
  holds: () => boolean | Promise<boolean>,
  intervalMs = 100,
): Promise<void> {
  while (!(await holds())) await pause(context, intervalMs);
}
