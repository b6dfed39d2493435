/**
 * `heartbeat` with the options of the original daemon binary (cluster-semantics §13) instead of a
 * verb: without any it starts. One deliberate difference: `-D` stays in the foreground, where the
 * original printed a table of defaults.
 */
import { type Call, type Command, defineCommand, type OptionDoc, UsageError } from "./command.ts";
import type { Host } from "./host.ts";
import { reloadDaemon } from "./reload.ts";
import { restartDaemon } from "./restart.ts";
import { sayWhetherRunning } from "./running.ts";
import { START_EXITS, START_OPTIONS, startDaemon, startOptions } from "./start.ts";
import { stopDaemon } from "./stop.ts";
import { printVersion } from "./version.ts";

const ACTIONS: readonly OptionDoc[] = [
  { name: "is-running", short: "s", doc: "Say whether the daemon runs: exit code 0, 1 or 3." },
  { name: "kill", short: "k", doc: "Release all resources and stop; wait until it is done." },
  { name: "reload", short: "r", doc: "Read the configuration again, or start." },
  { name: "restart", short: "R", doc: "Check the configuration, stop, and start again." },
  { name: "version", short: "v", doc: "Print the version." },
  { name: "Version", short: "V", doc: "The same." },
];

export const classicCommand: Command = defineCommand({
  name: "heartbeat",
  summary: "Without a verb: start the daemon, or do what one of the original's options says",
  operands: "[VERB ...]",
  maxOperands: 0,
  options: [...ACTIONS, ...START_OPTIONS],
  exits: [
    ...START_EXITS.slice(0, 1),
    [1, "could not be started; with -s: a pid file without its process"],
    ...START_EXITS.slice(2, 3),
    [3, "with -s: not running"],
    [4, "not permitted; with -s: cannot say"],
    ...START_EXITS.slice(4),
  ],
  usageExit: 2,
  deniedExit: 4,
}, runClassic);

async function runClassic(host: Host, call: Call): Promise<number> {
  const given = ACTIONS.filter(({ name }) => call.count(name) > 0);
  const [action, second] = given;
  if (action !== undefined && second !== undefined) {
    throw new UsageError(`-${action.short} and -${second.short} cannot be given together`);
  }
  const options = startOptions(call);
  switch (action?.name) {
    case "is-running":
      return sayWhetherRunning(host);
    case "kill":
      return await stopDaemon(host);
    case "reload":
      return await reloadDaemon(host, () => startDaemon(host, options));
    case "restart":
      return await restartDaemon(host, options);
    case "version":
    case "Version":
      return printVersion(host);
    default:
      return await startDaemon(host, options);
  }
}
