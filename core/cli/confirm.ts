/**
 * `heartbeat confirm NODE --is-off`: tells the daemon what it cannot know, that the other host is off,
 * so that nothing which it left running can run there any more. The words are asked for in full,
 * since a wrong answer makes two owners.
 */
import { type Command, defineCommand, UsageError } from "./command.ts";
import { giveOrder } from "./control_client.ts";
import { explainRefusal, ORDER_EXITS } from "./failure.ts";

export const confirmCommand: Command = defineCommand({
  name: "confirm",
  summary: "Say that the other host is off, so that what it left running may start here",
  operands: "NODE",
  maxOperands: 1,
  terms: [["NODE", "The other host, as ha.cf names it; it must be dead in status."]],
  options: [{
    name: "is-off",
    doc: "It has no power, or was started anew since: nothing of its groups runs there.",
  }],
  exits: ORDER_EXITS,
  usageExit: 2,
}, async (host, call) => {
  const [node] = call.operands;
  if (node === undefined || call.count("is-off") === 0) {
    throw new UsageError('write "heartbeat confirm NODE --is-off", and only when that is true');
  }
  try {
    host.out(`${await giveOrder(host.paths, { order: "confirm", node })}\n`);
    return 0;
  } catch (error) {
    return explainRefusal(host, `confirm that ${node} is off`, error);
  }
});
