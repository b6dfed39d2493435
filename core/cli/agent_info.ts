/** `heartbeat agent info`: what one agent is, its arguments, and where it comes from. */
import type { AgentDescription } from "../runtime/agent_workbench.ts";
import {
  findAgent,
  misnamed,
  NO_AGENT_EXIT,
  openWorkbench,
  VERBOSE_OPTION,
} from "./agent_subject.ts";
import { type Call, type Command, defineCommand, UsageError } from "./command.ts";
import { columns } from "./help.ts";
import type { Host, Terminal } from "./host.ts";

export const agentInfoCommand: Command = defineCommand({
  name: "agent info",
  summary: "Describe one agent and its arguments",
  operands: "NAME|FILE",
  maxOperands: 1,
  takesAgent: [],
  options: [VERBOSE_OPTION, { name: "json", doc: "Print the description as JSON." }],
  exits: [
    [0, "shown"],
    [1, "the agent is there, but does not say what it is; the reason is on stderr"],
    [2, "the command line cannot be understood"],
    [NO_AGENT_EXIT, "there is no such agent"],
  ],
  usageExit: 2,
}, info);

async function info(host: Host, call: Call): Promise<number> {
  const [name] = call.operands;
  if (name === undefined) throw new UsageError("the name or the file of an agent is missing");
  await using bench = await openWorkbench(host, call);
  const found = await findAgent(host, bench, name);
  if (found === undefined) return NO_AGENT_EXIT;
  try {
    const description = await bench.describe(found);
    if (call.count("json") > 0) host.out(`${JSON.stringify(description, null, 2)}\n`);
    else host.out(render(description, host.terminal));
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    host.err(`heartbeat agent info: ${error.message}\n`);
    return 1;
  }
}

function render(description: AgentDescription, terminal: Terminal): string {
  const { name, ownName, summary, parameters, functions, origin, path, why, shadows } = description;
  const words = parameters.map((one) => one.required ? one.name : `[${one.name}]`);
  const docs = parameters.map((one): [string, string] => [
    one.name,
    one.required ? one.doc : `${one.doc} (may be left out)`,
  ]);
  return [
    `${name}: ${summary}`,
    "",
    `In haresources: ${[name, ...words].join("::")}`,
    ...columns(docs, terminal),
    "",
    ...columns([
      ["from", origin === "built-in" ? "heartbeat itself" : `${path} (${origin})`],
      ["because", why],
      ...(ownName === undefined ? [] : [["name", misnamed(ownName, name)] as const]),
      ...shadows.map((hidden): [string, string] => ["hides", hidden]),
      ["knows", functions.join(", ")],
    ], terminal),
    "",
  ].join("\n");
}
