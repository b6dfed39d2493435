/**
 * `heartbeat.d.ts`: what a plugin imports from "heartbeat", as one file without imports. The
 * contract is taken from its own source, so that it cannot differ; the helpers are declared here,
 * and a test holds them against the functions themselves.
 */
import contract from "../../../agents/contract.ts" with { type: "text" };

const HEAD = `/**
 * Types of Heartbeat's plugins. Printed by \`heartbeat agent types > heartbeat.d.ts\`; put it beside
 * the plugin and let the plugin begin with
 *     /// <reference path="./heartbeat.d.ts" />
 * The daemon reads neither of the two.
 */
declare module "heartbeat" {
`;

const HELPERS = `
/**
 * Runs a program that has to succeed.
 * @throws {Error} with its exit code and its last line; its arguments are only in the debug log
 */
export function succeed(
  context: AgentContext,
  program: string,
  ...args: readonly string[]
): Promise<RunResult>;

/** Waits, unless the call is given up first. @throws what the signal was aborted with */
export function pause(context: AgentContext, ms: number): Promise<void>;

/**
 * Asks again and again until the answer is yes, for example whether a server accepts connections.
 * The call's own deadline is the limit.
 * @param intervalMs pause between two questions; 100 if not given
 * @throws the signal's reason when it aborts, and what \`holds\` throws
 */
export function waitUntil(
  context: AgentContext,
  holds: () => boolean | Promise<boolean>,
  intervalMs?: number,
): Promise<void>;
`;

/** The text of the file; every line that came from the contract is indented. */
export function pluginTypes(): string {
  const declared = contract
    .replace(/^\/\*\*[\s\S]*?\*\/\n/, "")
    .replace(/override readonly name = "(\w+)";/g, 'readonly name: "$1";');
  const body = `${declared}${HELPERS}`.trim().replaceAll(/^(?=.)/gm, "  ");
  return `${HEAD}${body}\n}\n`;
}
