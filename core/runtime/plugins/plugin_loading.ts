/** What a plugin is given while it is only looked at: a short time, no log and no programs. */
import { ProgramMissing } from "../../../agents/contract.ts";
import type { CallContext } from "./plugin_process.ts";

/** Loading a plugin, or letting it look at arguments, may take so long. */
const LOAD_LIMIT_MS = 2000;

/** A context for one call that starts now. */
export function loading(deadlineMs = LOAD_LIMIT_MS): CallContext {
  return {
    deadlineMs,
    signal: AbortSignal.timeout(deadlineMs),
    log: () => {},
    secret: (value) => value,
    run: () => Promise.reject(new ProgramMissing("no program can be run while a plugin is loaded")),
  };
}
