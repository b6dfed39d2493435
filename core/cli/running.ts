/**
 * `heartbeat -s`: says from pid file and lock whether the daemon runs, in the original's words and
 * with exit codes that are those of LSB (cluster-semantics §13). It needs no socket and no permission.
 */
import { troubleText } from "../runtime/file_trouble.ts";
import { daemonState } from "../runtime/pid_file.ts";
import type { Host } from "./host.ts";

/** LSB: running; dead but a pid file is there; not running; cannot say. */
const RUNNING_EXIT = { running: 0, stale: 1, absent: 3, unknown: 4 } as const;

/** @returns the exit code */
export function sayWhetherRunning(host: Host): number {
  try {
    const state = daemonState(host.paths);
    host.out(
      state.kind === "running"
        ? `heartbeat OK [pid ${state.pid} et al] is running on ${host.hostname} ` +
          `[${host.hostname.toLowerCase()}]...\n`
        : "heartbeat is stopped. No process\n",
    );
    return RUNNING_EXIT[state.kind];
  } catch (error) {
    host.err(`heartbeat: ${troubleText(error)}\n`);
    return RUNNING_EXIT.unknown;
  }
}
