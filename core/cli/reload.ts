/**
 * `heartbeat reload` (`-r`): makes the daemon read its files again. A daemon that is not running is
 * started instead, as the original does. When the daemon refuses, the files are checked here too,
 * since its answer has no room for all that is wrong.
 */
import { type Command, defineCommand } from "./command.ts";
import { CONFIGURATION_EXIT, judgeConfiguration } from "./configuration.ts";
import { ControlError, giveOrder } from "./control_client.ts";
import { explainRefusal, ORDER_EXITS } from "./failure.ts";
import type { Host } from "./host.ts";
import { startDaemon, startOptions } from "./start.ts";

export const reloadCommand: Command = defineCommand({
  name: "reload",
  summary: "Make the daemon read ha.cf, haresources and authkeys again, or start it",
  operands: "",
  maxOperands: 0,
  options: [{
    name: "dry-run",
    doc: "Check the files, say what would be started, stopped and kept here.",
  }],
  exits: [...ORDER_EXITS, [
    CONFIGURATION_EXIT.wrong,
    "the configuration has errors",
  ]],
  usageExit: 2,
  deniedExit: 4,
}, (host, call) => {
  if (call.count("dry-run") > 0) return foretellReload(host);
  return reloadDaemon(host, () => startDaemon(host, startOptions(call)));
});

async function foretellReload(host: Host): Promise<number> {
  try {
    host.out(`${await giveOrder(host.paths, { order: "reload", dryRun: true })}\n`);
    return 0;
  } catch (error) {
    return explainRefusal(host, "say what a reload would do", error);
  }
}

/** @param start what to do when nothing runs; @returns the exit code */
export async function reloadDaemon(host: Host, start: () => Promise<number>): Promise<number> {
  try {
    host.err(`${await giveOrder(host.paths, { order: "reload" })}\n`);
    return 0;
  } catch (error) {
    if (error instanceof ControlError && error.kind === "absent") return await start();
    const code = explainRefusal(host, "reload", error);
    const refused = error instanceof ControlError && error.kind === "refused";
    if (!refused) return code;
    // Whoever may ask the daemon need not be allowed to read what it read.
    const wrong = await judgeConfiguration(host) === CONFIGURATION_EXIT.wrong;
    return wrong ? CONFIGURATION_EXIT.wrong : code;
  }
}
