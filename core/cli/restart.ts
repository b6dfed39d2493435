/**
 * `heartbeat restart` (`-R`): stop, then start. The configuration is checked first, because a
 * restart that can only do its first half would be an outage made by a typing error.
 */
import { type Command, defineCommand } from "./command.ts";
import { CONFIGURATION_EXIT, judgeConfiguration } from "./configuration.ts";
import type { Host } from "./host.ts";
import {
  type LaunchOptions,
  START_EXITS,
  START_OPTIONS,
  startDaemon,
  startOptions,
} from "./start.ts";
import { stopDaemon } from "./stop.ts";

export const restartCommand: Command = defineCommand({
  name: "restart",
  summary: "Check the configuration, stop the daemon and start it again",
  operands: "",
  maxOperands: 0,
  options: START_OPTIONS,
  exits: START_EXITS.map(([code, meaning]) =>
    [code, code === 0 ? "stopped, started again and ready" : meaning] as const
  ),
  usageExit: 2,
  deniedExit: 4,
}, (host, call) => restartDaemon(host, startOptions(call)));

/** @returns the exit code of what failed first, else 0 */
export async function restartDaemon(host: Host, options: LaunchOptions): Promise<number> {
  const judgement = await judgeConfiguration(host);
  if (judgement !== CONFIGURATION_EXIT.good) return judgement;
  const stopped = await stopDaemon(host);
  return stopped === 0 ? await startDaemon(host, options) : stopped;
}
