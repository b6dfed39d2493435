/**
 * What the agent commands share: opening the workbench, and the resource that words name. All
 * agents come with the workbench, so it is loaded only here.
 */
import type { AgentWorkbench, Found } from "../runtime/agent_workbench.ts";
import type { LogLevel } from "../types.ts";
import { type Call, type CommandDoc, guess, type OptionDoc, UsageError } from "./command.ts";
import type { Host } from "./host.ts";

/** Exit code of all agent commands for a name behind which there is no agent. */
export const NO_AGENT_EXIT = 5;
/** As in heartbeat.toml, when nothing is said there. */
const DEFAULT_DEADLINE_S = 90;
const MAX_DEADLINE_S = 86_400;
const SHOWN_LEVELS: readonly LogLevel[] = ["notice", "warn", "error", "crit"];

export const DEADLINE_OPTION: OptionDoc = {
  name: "deadline",
  value: "SECONDS",
  doc: `Time that one call may take; ${DEFAULT_DEADLINE_S} if not given.`,
};

export const VERBOSE_OPTION: OptionDoc = {
  name: "verbose",
  short: "v",
  doc: "Show on stderr what the daemon would log, with all that programs print.",
};

/** What the operands of run and test are, for help and manual. */
export const SUBJECT_TERMS: NonNullable<CommandDoc["terms"]> = [
  ["NAME", "An agent, as haresources writes it; options stand before it."],
  ["FILE", "The path of an agent with a slash in it, such as ./web.ts."],
  ["ARGUMENT", "What haresources writes behind ::, a word each."],
];

/** A resource as the words of a command line name it. */
export interface NamedResource {
  /** As haresources would have it. */
  readonly text: string;
  readonly name: string;
  readonly args: readonly string[];
}

/** `NAME::a::b c` is the same as `NAME a b c`; a path is taken as it is. */
export function namedResource(word: string, args: readonly string[]): NamedResource {
  const [name = "", ...written] = word.split("::");
  const all = [...written, ...args];
  return { text: [name, ...all].join("::"), name, args: all };
}

/** What is said of a plugin that calls itself otherwise than its file. */
export function misnamed(ownName: string, name: string): string {
  return `the file says "${ownName}", haresources has to say "${name}": the file's name counts`;
}

/** @throws {UsageError} for something that is no time */
export function deadlineMs(call: Call): number {
  const text = call.value("deadline") ?? String(DEFAULT_DEADLINE_S);
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds > 0 && seconds <= MAX_DEADLINE_S) return seconds * 1000;
  throw new UsageError(`--deadline "${text}" is not a number of seconds up to ${MAX_DEADLINE_S}`);
}

/** The workbench of one command; with `--verbose`, its log is shown as a whole. */
export async function openWorkbench(host: Host, call: Call): Promise<AgentWorkbench> {
  const { AgentWorkbench } = await import("../runtime/agent_workbench.ts");
  const all = call.count("verbose") > 0;
  return new AgentWorkbench(host.paths, (level, text) => {
    if (all || SHOWN_LEVELS.includes(level)) host.err(`${level}: ${text}\n`);
  });
}

/** @returns undefined after saying where it was looked for, and what was probably meant */
export async function findAgent(
  host: Host,
  bench: AgentWorkbench,
  name: string,
): Promise<Found | undefined> {
  const finding = bench.find(name);
  if (finding.kind === "found") return finding;
  host.err(`heartbeat agent: ${finding.reason}${await meant(host, name)}\n`);
  return undefined;
}

async function meant(host: Host, name: string): Promise<string> {
  if (name.includes("/")) return "";
  if (isFile(name)) return `; for the file in this directory write ./${name}`;
  const { agentNames } = await import("../runtime/agent_names.ts");
  return guess(name, agentNames(host.paths, true));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
