/**
 * `heartbeat agent run`: one call of one agent, with the daemon's own look-up, environment and
 * deadline. It asks nobody whether the resource belongs here: that is the operator's question. After
 * a start or stop that succeeded it asks status, since what the one says the other may deny.
 */
import type { AgentWorkbench, WorkbenchCall } from "../runtime/agent_workbench.ts";
import type { Outcome } from "../types.ts";
import {
  DEADLINE_OPTION,
  deadlineMs,
  findAgent,
  namedResource,
  NO_AGENT_EXIT,
  openWorkbench,
  SUBJECT_TERMS,
  VERBOSE_OPTION,
} from "./agent_subject.ts";
import { type Call, type Command, defineCommand, UsageError } from "./command.ts";
import type { Host } from "./host.ts";

const DENIED_EXIT = 1;
const VERBS = ["start", "stop", "status", "monitor", "announce"] as const;
type RunVerb = typeof VERBS[number];

export const agentRunCommand: Command = defineCommand({
  name: "agent run",
  summary: "Call an agent once, as the daemon would",
  operands: "NAME|FILE start|stop|status|monitor|announce [ARGUMENT...]",
  maxOperands: Infinity,
  takesAgent: VERBS,
  terms: SUBJECT_TERMS,
  optionsEndAtOperand: "agent",
  options: [
    DEADLINE_OPTION,
    VERBOSE_OPTION,
    { name: "json", doc: "Print outcome, reason and time as JSON." },
  ],
  exits: [
    [0, "done; status and monitor: it is running"],
    [1, "the call failed, or status denies that it was done; the reason is on stderr"],
    [2, "the command line cannot be understood"],
    [3, "status and monitor: it is stopped"],
    [4, "not done within the deadline"],
    [
      NO_AGENT_EXIT,
      "there is no such agent, nothing that it could run, or it refuses the arguments",
    ],
  ],
  usageExit: 2,
}, run);

async function run(host: Host, call: Call): Promise<number> {
  const [word, verb, ...more] = call.operands;
  if (word === undefined) throw new UsageError("the name of an agent is missing");
  if (!isVerb(verb)) {
    throw new UsageError(`"${verb ?? ""}" is not one of ${VERBS.join(", ")}`);
  }
  const { name, args } = namedResource(word, more);
  await using bench = await openWorkbench(host, call);
  const found = await findAgent(host, bench, name);
  if (found === undefined) return NO_AGENT_EXIT;
  const beganMs = performance.now();
  const order = { agent: found.agent, args, verb, deadlineMs: deadlineMs(call) };
  const { outcome } = await bench.perform(order);
  const tookMs = Math.round(performance.now() - beganMs);
  const denied = outcome.kind === "ok" ? await denial(bench, order) : undefined;
  const title = `${[found.agent.name, ...args].join("::")} ${verb}`;
  const reason = "reason" in outcome ? outcome.reason : denied;
  const why = reason === undefined ? {} : { reason: `${title}: ${reason}` };
  if (call.count("json") > 0) {
    const answer = { outcome: outcome.kind, ...why, tookMs, runBy: found.path };
    host.out(`${JSON.stringify(answer)}\n`);
  } else if (why.reason !== undefined) host.err(`heartbeat agent run: ${why.reason}\n`);
  else host.out(`${outcome.kind}\n`);
  return denied === undefined ? exitOf(outcome) : DENIED_EXIT;
}

/** What status says against a start or stop that has just succeeded; undefined when nothing. */
async function denial(bench: AgentWorkbench, call: WorkbenchCall): Promise<string | undefined> {
  const { verb } = call;
  if (verb !== "start" && verb !== "stop") return undefined;
  const { outcome: { kind } } = await bench.perform({ ...call, verb: "status" });
  if (kind !== (verb === "start" ? "stopped" : "running")) return undefined;
  return `${verb} says ok, but status says ${kind}: one of them is not true ` +
    `("heartbeat agent test" looks closer)`;
}

function isVerb(word: string | undefined): word is RunVerb {
  const verbs: readonly (string | undefined)[] = VERBS;
  return verbs.includes(word);
}

function exitOf({ kind }: Outcome): number {
  switch (kind) {
    case "ok":
    case "running":
      return 0;
    case "failed":
      return 1;
    case "stopped":
      return 3;
    case "timeout":
      return 4;
    case "missing":
    case "refused":
      return NO_AGENT_EXIT;
    default: {
      const never: never = kind;
      return never;
    }
  }
}
