/**
 * The one table of commands: dispatch, help, manual and shell completion read it. A command that
 * is not here does not exist.
 */
import { agentCommand } from "./agent.ts";
import { checkCommand } from "./check.ts";
import { clRespawnCommand } from "./cl_respawn.ts";
import { clStatusCommand } from "./cl_status.ts";
import { classicCommand } from "./classic.ts";
import { type Command, defineCommand, guess, lastWord } from "./command.ts";
import { confirmCommand } from "./confirm.ts";
import { standbyCommand, takeoverCommand } from "./handover.ts";
import { haPropagateCommand } from "./ha_propagate.ts";
import { hbStandbyCommand, hbTakeoverCommand } from "./hb_handover.ts";
import { columns, renderHelp } from "./help.ts";
import type { Host } from "./host.ts";
import { folded } from "./layout.ts";
import { initCommand } from "./init.ts";
import { installCommand } from "./install.ts";
import { keygenCommand } from "./keygen.ts";
import { reloadCommand } from "./reload.ts";
import { restartCommand } from "./restart.ts";
import { retryCommand } from "./retry.ts";
import { startCommand } from "./start.ts";
import { statusCommand } from "./status.ts";
import { stopCommand } from "./stop.ts";
import { testMediaCommand } from "./test_media.ts";
import { versionCommand } from "./version.ts";

const helpCommand: Command = defineCommand({
  name: "help",
  summary: "Show all commands, or the help of one",
  operands: "[COMMAND [SUBCOMMAND]]",
  maxOperands: 2,
  takesCommand: true,
  options: [],
  exits: [[0, "shown"], [2, "there is no such command"]],
  usageExit: 2,
}, (host, call) => showHelp(host, call.operands));

/** Commands that follow `heartbeat` as its first word. */
export const VERBS: readonly Command[] = [
  startCommand,
  stopCommand,
  restartCommand,
  reloadCommand,
  statusCommand,
  checkCommand,
  testMediaCommand,
  agentCommand,
  standbyCommand,
  takeoverCommand,
  retryCommand,
  confirmCommand,
  initCommand,
  keygenCommand,
  installCommand(() => ({ program: CLASSIC, verbs: VERBS, tools: TOOLS })),
  helpCommand,
  versionCommand,
];

/** Commands that also go by the name under which this program is called (links to it). */
export const TOOLS: readonly Command[] = [
  clStatusCommand,
  hbStandbyCommand,
  hbTakeoverCommand,
  haPropagateCommand,
  clRespawnCommand,
];

/** The daemon binary's own options, when the first word is no verb. */
export const CLASSIC: Command = classicCommand;

export function findCommand(name: string): Command | undefined {
  return [...VERBS, ...TOOLS].find((command) => command.name === name);
}

function showHelp(host: Host, [name, sub]: readonly string[]): number {
  if (name !== undefined) {
    const command = findCommand(name);
    if (command === undefined) {
      return unknown(host, name, [...VERBS, ...TOOLS].map((one) => one.name));
    }
    if (sub === undefined) {
      host.out(renderHelp(command, host.terminal));
      return 0;
    }
    const { subcommands = [] } = command;
    const one = subcommands.find((each) => lastWord(each.name) === sub);
    const names = subcommands.map((each) => each.name);
    if (one === undefined) return unknown(host, `${name} ${sub}`, names);
    host.out(renderHelp(one, host.terminal));
    return 0;
  }
  const fold = (text: string) => folded(text, 0, host.terminal.foldAt);
  const rows = (commands: readonly Command[]) =>
    columns(commands.map((command) => [command.name, command.summary]), host.terminal);
  host.out([
    renderHelp(CLASSIC, host.terminal),
    ...fold("Commands (heartbeat help COMMAND tells more):"),
    ...rows(VERBS),
    "",
    ...fold("The original's tools, under their own names or as a command:"),
    ...rows(TOOLS),
    "",
  ].join("\n"));
  return 0;
}

function unknown(host: Host, name: string, names: readonly string[]): number {
  const meant = guess(name, names);
  host.err(`heartbeat help: there is no command "${name}"${meant}\nTry "heartbeat help".\n`);
  return 2;
}
