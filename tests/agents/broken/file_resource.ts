/** A plugin that keeps every promise, and what the broken ones beside it are made of: a file. */
import { type Agent, type AgentContext, CONTRACT_VERSION, type Status } from "heartbeat";
import { existsSync, rmSync, writeFileSync } from "node:fs";

export function file({ args: [path = ""] }: AgentContext): string {
  return path;
}

export function up(context: AgentContext): void {
  writeFileSync(file(context), "");
}

export function isUp(context: AgentContext): boolean {
  return existsSync(file(context));
}

/** @param change what the agent does otherwise than well */
export function fileResource(change: Partial<Agent> = {}): Agent {
  return {
    name: "file",
    contract: CONTRACT_VERSION,
    summary: "A file that is there",
    parameters: [{ name: "file", required: true, doc: "Its path." }],
    start: (context) => Promise.resolve(up(context)),
    stop: (context) => Promise.resolve(rmSync(file(context), { force: true })),
    status: (context): Promise<Status> => Promise.resolve(isUp(context) ? "running" : "stopped"),
    ...change,
  };
}

export default fileResource();
