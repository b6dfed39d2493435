/**
 * `heartbeat agent`: the family of commands for those who write agents or wonder which one runs.
 * The first word chooses one; each has a file of its own.
 */
import { agentInfoCommand } from "./agent_info.ts";
import { agentListCommand } from "./agent_list.ts";
import { agentNewCommand } from "./agent_new.ts";
import { agentRunCommand } from "./agent_run.ts";
import { agentTestCommand } from "./agent_conformance.ts";
import { agentTypesCommand } from "./agent_types.ts";
import { type Command, defineCommand, lastWord } from "./command.ts";
import { columns } from "./help.ts";

/** The commands behind `heartbeat agent`; their names begin with that word. */
const AGENT_COMMANDS: readonly Command[] = [
  agentListCommand,
  agentInfoCommand,
  agentRunCommand,
  agentTestCommand,
  agentNewCommand,
  agentTypesCommand,
];

const family = defineCommand({
  name: "agent",
  summary: "List, describe, run, test and begin resource agents; print the types for plugins",
  terms: [["man 7 heartbeat-agent", "What an agent has to do, and how one is written."]],
  operands: "list | info | run | test | new | types",
  maxOperands: 1,
  words: AGENT_COMMANDS.map(({ name }) => lastWord(name)),
  subcommands: AGENT_COMMANDS,
  options: [],
  exits: [
    [0, "done; the help of each command tells its other codes"],
    [2, "the command line cannot be understood"],
  ],
  usageExit: 2,
}, (host) => {
  const rows = AGENT_COMMANDS.map(({ name, summary }) => [name, summary] as const);
  host.out(["Commands (each knows --help):", ...columns(rows, host.terminal), ""].join("\n"));
  return 0;
});

export const agentCommand: Command = {
  ...family,
  run(host, args) {
    const [word, ...rest] = args;
    const one = AGENT_COMMANDS.find(({ name }) => lastWord(name) === word);
    return one === undefined ? family.run(host, args.slice(0, 1)) : one.run(host, rest);
  },
};
