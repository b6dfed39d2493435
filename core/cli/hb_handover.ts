/**
 * `hb_standby` and `hb_takeover` with the original's syntax, texts and exit codes
 * (cluster-semantics §18.2), for scripts that call them. Unlike the original, exit code 0 means
 * that both daemons accepted the order, not merely that it was written somewhere.
 */
import { stampTime } from "../runtime/log_lines.ts";
import type { Command } from "./command.ts";
import { ControlError, giveOrder } from "./control_client.ts";
import { ORDER_DEADLINE_MS, SHARE_TERMS, SHARE_WORDS, shareMeant } from "./handover.ts";
import type { Host } from "./host.ts";

export const hbStandbyCommand: Command = originalTool("standby", "Going standby");
export const hbTakeoverCommand: Command = originalTool("takeover", "Taking over");

function originalTool(order: "standby" | "takeover", announcement: string): Command {
  return {
    name: `hb_${order}`,
    summary: `As heartbeat ${order}, with the syntax of the original tool`,
    operands: "[all|foreign|local|failback]",
    maxOperands: 1,
    words: SHARE_WORDS,
    terms: SHARE_TERMS,
    options: [],
    exits: [
      [0, "this node and the other one have accepted the order"],
      [1, "wrong usage, refused, no answer, or not running"],
    ],
    usageExit: 1,
    run: (host, args) => handOver(host, args, order, announcement),
  };
}

async function handOver(
  host: Host,
  args: readonly string[],
  order: "standby" | "takeover",
  announcement: string,
): Promise<number> {
  if (args.length > 1) return usage(host, `${host.program}: too many arguments\n`);
  if (args[0] === "--help" || args[0] === "-h") return usage(host, "");
  const share = shareMeant(args[0]);
  if (share === undefined) return usage(host, `${host.program}: wrong resources(${args[0]}).\n`);
  try {
    await giveOrder(host.paths, { order, share }, ORDER_DEADLINE_MS);
    host.err(`${stampTime(new Date())} ${announcement} [${share}].\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    host.err(`${host.program}: ${error.message}\n`);
    return 1;
  }
}

/** The original writes half of its usage to each stream. */
function usage(host: Host, complaint: string): number {
  host.out(`${complaint}usage:\n`);
  host.err(`${host.program} [all|foreign|local|failback]\n`);
  return 1;
}
