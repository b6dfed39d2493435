/**
 * `heartbeat agent test`: shows promise by promise whether an agent keeps the contract. It really
 * starts and stops the resource that its arguments name, and refuses when that is running.
 */
import type { AgentReport } from "../runtime/agent_trial.ts";
import {
  DEADLINE_OPTION,
  deadlineMs,
  findAgent,
  misnamed,
  namedResource,
  NO_AGENT_EXIT,
  openWorkbench,
  SUBJECT_TERMS,
  VERBOSE_OPTION,
} from "./agent_subject.ts";
import { type Call, type Command, defineCommand, UsageError } from "./command.ts";
import type { Host } from "./host.ts";
import { type Style, styleFor } from "./style.ts";

const IN_USE_EXIT = 3;

export const agentTestCommand: Command = defineCommand({
  name: "agent test",
  summary: "Start and stop a resource in every way, and say which promises its agent keeps",
  operands: "NAME|FILE [ARGUMENT...]",
  maxOperands: Infinity,
  takesAgent: [],
  terms: SUBJECT_TERMS,
  optionsEndAtOperand: "agent",
  options: [
    DEADLINE_OPTION,
    VERBOSE_OPTION,
    { name: "json", doc: "Print the verdicts as JSON." },
  ],
  exits: [
    [0, "no promise is broken"],
    [1, "promises are broken; the report names them"],
    [2, "the command line cannot be understood"],
    [IN_USE_EXIT, "not tested: the resource is running"],
    [NO_AGENT_EXIT, "there is no such agent, it does not load, or it refuses the arguments"],
  ],
  usageExit: 2,
}, test);

async function test(host: Host, call: Call): Promise<number> {
  const [word, ...more] = call.operands;
  if (word === undefined) throw new UsageError("the name or the file of an agent is missing");
  const { text, name, args } = namedResource(word, more);
  await using bench = await openWorkbench(host, call);
  const found = await findAgent(host, bench, name);
  if (found === undefined) return NO_AGENT_EXIT;
  const { testOnWorkbench } = await import("../runtime/agent_trial.ts");
  const report = await testOnWorkbench(bench, found, { text, args }, deadlineMs(call));
  switch (report.kind) {
    case "in use":
      host.err(`heartbeat agent test: ${report.reason}${inUseAdvice(word, more)}\n`);
      return IN_USE_EXIT;
    case "untestable":
      host.err(`heartbeat agent test: ${report.reason}\n`);
      return NO_AGENT_EXIT;
    case "tested":
      break;
    default: {
      const never: never = report;
      return never;
    }
  }
  if (report.ownName !== undefined) host.err(`warning: ${misnamed(report.ownName, name)}\n`);
  if (call.count("json") > 0) host.out(`${JSON.stringify(report, null, 2)}\n`);
  else host.out(render(report, styleFor(host.terminal)));
  return report.broken.length === 0 ? 0 : 1;
}

/** It may run, and somebody may need it; or its status is not true, which only a stop can show. */
function inUseAdvice(word: string, args: readonly string[]): string {
  const call = ["heartbeat agent run", word, "stop", ...args].join(" ");
  return `; if nobody needs it, stop it first, as the test would: ${call}\n` +
    "(that says so if status still answers running afterwards: then status is not true, and no " +
    "cluster would ever start it)";
}

function render(report: AgentReport, style: Style): string {
  const { resource, runBy, verdicts, broken, notReached } = report;
  const reached = verdicts.filter(({ name }) => !notReached.includes(name));
  const width = Math.max(...verdicts.map(({ name }) => name.length));
  const lines = reached.flatMap(({ name, rule, result, evidence }) => {
    const mark = {
      "kept": style.good("kept   "),
      "broken": style.bad("BROKEN "),
      "not applicable": style.dim("no test"),
    }[result];
    return [
      `${mark}  ${name.padEnd(width)}  ${rule}`,
      style.dim(`${" ".repeat(width + 11)}${evidence}`),
    ];
  });
  const kept = verdicts.filter(({ result }) => result === "kept").length;
  const end = broken.length === 0
    ? `${kept} promises kept, ${verdicts.length - kept} not applicable.`
    : `Broken: ${broken.join(", ")}.`;
  const rest = notReached.length === 0
    ? []
    : ["", `Not tested after that: ${notReached.join(", ")}.`];
  return [`${resource}, run by ${runBy}`, "", ...lines, ...rest, "", end, ""].join("\n");
}
