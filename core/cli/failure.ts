/** Turns an unanswered or refused question to the daemon into words on stderr and an exit code. */
import { ControlError } from "./control_client.ts";
import type { Host } from "./host.ts";

/** Exit codes of everything that talks to the daemon, except `status` and the original's tools. */
export const ORDER_EXITS = [
  [0, "done, or the daemon has accepted it"],
  [1, "the daemon refused or could not do it; the reason is on stderr"],
  [2, "the command line cannot be understood"],
  [3, "Heartbeat is not running"],
  [4, "not permitted"],
] as const;

/**
 * Says why an order was not carried out.
 * @returns the exit code of ORDER_EXITS
 * @throws whatever is not a ControlError
 */
export function explainRefusal(host: Host, what: string, error: unknown): number {
  if (!(error instanceof ControlError)) throw error;
  host.err(`heartbeat: cannot ${what}: ${error.message}\n`);
  switch (error.kind) {
    case "absent":
      return 3;
    case "denied":
      return 4;
    case "silent":
    case "garbled":
    case "refused":
      return 1;
    default: {
      const never: never = error.kind;
      return never;
    }
  }
}
