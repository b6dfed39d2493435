/**
 * `heartbeat start`: starts the daemon unless it runs, and returns when it is ready. What the
 * daemon does while it starts is its own matter (core/runtime); this turns options into a launch
 * and the outcome into words and the original's exit codes (cluster-semantics §13).
 */
import type { DaemonOptions } from "../runtime/daemon_options.ts";
import { daemonize } from "../runtime/daemonize.ts";
import { daemonState } from "../runtime/pid_file.ts";
import { type Call, type Command, defineCommand, type OptionDoc } from "./command.ts";
import { askStatus, ControlError } from "./control_client.ts";
import type { Host } from "./host.ts";

/** A daemon that is too busy to answer costs only a less exact message. */
const ANSWER_MS = 500;

/** What the command line can say about a start. */
export type LaunchOptions = Omit<DaemonOptions, "root" | "colour">;

/** Options of a start, the same for `heartbeat`, `heartbeat start` and `heartbeat restart`. */
export const START_OPTIONS: readonly OptionDoc[] = [
  { name: "debug", short: "d", repeat: true, doc: "One debug level more each time." },
  { name: "foreground", short: "D", doc: "Stay in the foreground, log to stderr too." },
  { name: "stay", short: "f", doc: "The same, as 3.0.6 spells it." },
  { name: "no-realtime", short: "l", doc: "Do not use real-time priority." },
  { name: "no-resources", short: "M", doc: "Beat, but manage no resources." },
];

export const START_EXITS = [
  [0, "started and ready, or it was running already"],
  [1, "not started, or still stopping, or running deaf; the reason is on stderr and in the log"],
  [2, "the command line cannot be understood"],
  [4, "not permitted"],
  [6, "the configuration has errors"],
  [8, "in the foreground: stopped by order, and something did not stop"],
] as const;

export const startCommand: Command = defineCommand({
  name: "start",
  summary: "Start the daemon and wait until it is ready",
  operands: "",
  maxOperands: 0,
  options: START_OPTIONS,
  exits: START_EXITS,
  usageExit: 2,
  deniedExit: 4,
}, (host, call) => startDaemon(host, startOptions(call)));

export function startOptions(call: Call): LaunchOptions {
  return {
    debugLevel: call.count("debug"),
    foreground: call.count("foreground") + call.count("stay") > 0,
    realtime: call.count("no-realtime") === 0,
    manageResources: call.count("no-resources") === 0,
  };
}

/** @returns the exit code */
export async function startDaemon(host: Host, options: LaunchOptions): Promise<number> {
  const state = daemonState(host.paths);
  if (state.kind === "running") {
    if (await isLeaving(host)) {
      host.err(`heartbeat: it is stopping [pid ${state.pid}]; start it when it has ended\n`);
      return 1;
    }
    host.err(`heartbeat: already running [pid ${state.pid}].\n`);
    return 0;
  }
  const whole = { ...options, root: host.paths.root, colour: host.terminal.colour };
  if (!options.foreground) return await daemonize(whole, (text) => host.err(text));
  const { runDaemon } = await import("../runtime/daemon.ts");
  return await runDaemon(whole);
}

/** Whether the daemon that runs is on its way out; one that does not say so is not. */
async function isLeaving(host: Host): Promise<boolean> {
  try {
    const { engine: { phase } } = await askStatus(host.paths, ANSWER_MS);
    return phase === "leaving" || phase === "left";
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return false;
  }
}
