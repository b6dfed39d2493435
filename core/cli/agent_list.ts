/** `heartbeat agent list`: for each name the agent that would run, why it does, and what it hides. */
import { type Call, type Command, defineCommand } from "./command.ts";
import { columns } from "./help.ts";
import type { Host } from "./host.ts";

export const agentListCommand: Command = defineCommand({
  name: "agent list",
  summary: "Show which agent each name leads to, and why",
  operands: "",
  maxOperands: 0,
  options: [
    { name: "all", short: "a", doc: "With all OCF agents of this host." },
    { name: "json", doc: "Print the list as JSON." },
  ],
  exits: [
    [0, "shown"],
    [1, "a file or directory cannot be read; the reason is on stderr"],
    [2, "the command line cannot be understood"],
  ],
  usageExit: 2,
}, list);

const STOCK =
  "the original package's own, unchanged: it only calls the OCF agent, which is slower; " +
  "delete it, and the built-in one serves";

interface Entry {
  readonly name: string;
  readonly origin: string | null;
  readonly path: string | null;
  readonly summary: string;
  readonly why: string;
  /** Agents of the same name that are never reached. */
  readonly shadows: readonly string[];
  /** What else there is to know: files that were passed over, and why. */
  readonly remarks: readonly string[];
}

async function list(host: Host, call: Call): Promise<number> {
  const { createRegistry } = await import("../../agents/registry.ts");
  const { agentNames } = await import("../runtime/agent_names.ts");
  const registry = createRegistry(host.paths);
  const entries = agentNames(host.paths, call.count("all") > 0).flatMap((name): Entry[] => {
    const finding = registry.find(name);
    if (finding.kind === "missing") {
      // A text or a directory among the scripts is no agent, and nobody asked for it.
      if (finding.searched.length > 1) return [];
      const nothing = { origin: null, path: null, summary: "", shadows: [], remarks: [] };
      return [{ name, ...nothing, why: finding.reason }];
    }
    const { origin, path, agent: { summary }, why } = finding;
    const stock = registry.stockWrapper(name) === null ? [] : [STOCK];
    const remarks = [...stock, ...finding.remarks];
    return [{ name, origin, path, summary, why, shadows: registry.shadowed(name), remarks }];
  });
  const rows = entries.map((entry) => [entry.name, describe(entry)] as const);
  if (call.count("json") > 0) host.out(`${JSON.stringify(entries, null, 2)}\n`);
  else host.out([...columns(rows, host.terminal), ""].join("\n"));
  return 0;
}

function describe({ origin, path, summary, why, shadows, remarks }: Entry): string {
  if (origin === null) return `broken: ${why}`;
  const what = origin === "built-in" ? `built-in: ${summary}` : `${origin}: ${path}`;
  const notes = [
    why,
    ...(shadows.length === 0 ? [] : [`hides ${shadows.map(shownPath).join(", ")}`]),
    ...remarks,
  ];
  return `${what} (${notes.join("; ")})`;
}

/** Only a built-in agent has a name instead of a path. */
function shownPath(path: string): string {
  return path.startsWith("/") ? path : `the built-in ${path}`;
}
