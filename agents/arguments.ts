/**
 * What is wrong with the arguments of a resource, found without touching the host: first whether
 * all that an agent declares as required are there, then what the agent itself says. The executor,
 * plugin hosts and `heartbeat check` all ask here, so that they never disagree.
 */
import type { Agent } from "./contract.ts";

/** @returns one clause without the resource's name; undefined when nothing is wrong */
export function argumentProblem(
  agent: Pick<Agent, "parameters" | "validate">,
  args: readonly string[],
): string | undefined {
  const missing = agent.parameters.find(({ required }, index) => required && index >= args.length);
  if (missing !== undefined) return `the argument "${missing.name}" is missing`;
  return agent.validate?.(args);
}
