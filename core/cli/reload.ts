/**
 * `heartbeat reload` (`-r`): makes the daemon read its files again. A daemon that is not running is
 * started instead, as the original does.
 */
import { type Command, defineCommand } from "./command.ts";
import { ControlError, giveOrder } from "./control_client.ts";
import { explainRefusal, ORDER_EXITS } from "./failure.ts";
import type { Host } from "./host.ts";
import { startDaemon, startOptions } from "./start.ts";

export const reloadCommand: Command = defineCommand({
  name: "reload",
  summary: "Make the daemon read ha.cf, haresources and authkeys again, or start it",
  operands: "",
  maxOperands: 0,
  options: [],
  exits: [...ORDER_EXITS.filter(([code]) => code !== 3), [6, "the configuration has errors"]],
  usageExit: 2,
}, (host, call) => reloadDaemon(host, () => startDaemon(host, startOptions(call))));

/** @param start what to do when nothing runs; @returns the exit code */
export async function reloadDaemon(host: Host, start: () => Promise<number>): Promise<number> {
  try {
    host.err(`${await giveOrder(host.paths.controlSocket, { order: "reload" })}\n`);
    return 0;
  } catch (error) {
    if (error instanceof ControlError && error.kind === "absent") return await start();
    return explainRefusal(host, "reload", error);
  }
}
