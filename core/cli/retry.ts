/**
 * `heartbeat retry GROUP`: tries at once what failed of a group, or tells the daemon that nothing of
 * the group runs here any more. Whether it may be told so, the daemon decides.
 */
import { type Command, defineCommand, UsageError } from "./command.ts";
import { giveOrder } from "./control_client.ts";
import { explainRefusal, ORDER_EXITS } from "./failure.ts";

export const retryCommand: Command = defineCommand({
  name: "retry",
  summary: "Try again at once what failed of a group on this host",
  operands: "GROUP",
  maxOperands: 1,
  terms: [["GROUP", "The name that status shows: the first resource of its line in haresources."]],
  options: [{
    name: "is-stopped",
    doc: "Try nothing: believe that all of it was stopped by hand.",
  }],
  exits: ORDER_EXITS,
  usageExit: 2,
}, async (host, call) => {
  const [group] = call.operands;
  if (group === undefined) throw new UsageError("which group? heartbeat status shows their names");
  try {
    const isStopped = call.count("is-stopped") > 0;
    host.out(`${await giveOrder(host.paths, { order: "retry", group, isStopped })}\n`);
    return 0;
  } catch (error) {
    return explainRefusal(host, `retry ${group}`, error);
  }
});
