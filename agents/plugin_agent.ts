/**
 * What the look-up knows of TypeScript plugins: that there is a file. It is neither read nor run in
 * the process that looks; whoever performs its operations says how, with a {@link PluginAgents}.
 */
import { messageOf } from "../core/os/thrown.ts";
import { type Agent, CONTRACT_VERSION } from "./contract.ts";

/** What the names of plugin files end with; the first that is there is taken. */
export const PLUGIN_EXTENSIONS = [".ts", ".js"] as const;

/** Gives the agent in a plugin file. */
export type PluginAgents = (name: string, path: string) => Agent;

/** For those who only want to know which file it is. */
export function foundOnly(name: string, path: string): Agent {
  const refuse = () =>
    Promise.reject(new Error(`cannot perform ${path}: plugins need a plugin host`));
  return {
    name,
    contract: CONTRACT_VERSION,
    summary: "TypeScript plugin of this site",
    parameters: [],
    start: refuse,
    stop: refuse,
    status: refuse,
  };
}

/** What speaks against a file before it is read: undefined when nothing does. */
export function inspectPluginFile(
  path: string,
): { kind: "absent" } | { kind: "skipped" | "broken"; reason: string } | undefined {
  try {
    if (Deno.statSync(path).isFile) return undefined;
    return { kind: "skipped", reason: `${path} is not a regular file` };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "absent" };
    return { kind: "broken", reason: messageOf(error) };
  }
}
