/**
 * Keeps the daemon ahead of everything else on a loaded host for as long as it lives: threads that
 * the runtime starts later are raised too. A host that refuses is told in the log, once.
 */
import { lockFileMappings, raisePriority } from "../os/scheduling.ts";
import type { LogLine } from "./identity.ts";

/** New threads of the runtime's pool appear now and then and run at normal priority until then. */
const SWEEP_MS = 5_000;

/**
 * @param priority 1 … 99
 * @returns what ends it
 */
export function keepRealtime(priority: number, log: LogLine): () => void {
  let told = "";
  const sweep = () => {
    const achieved = raisePriority(priority);
    if (achieved !== told) log("info", achieved);
    told = achieved;
  };
  log("info", lockFileMappings());
  sweep();
  const interval = setInterval(sweep, SWEEP_MS);
  return () => clearInterval(interval);
}
