/**
 * `heartbeat stop` (`-k`): asks the daemon to release everything in order and waits until its
 * process has gone. It never kills: a daemon that dies without releasing leaves resources behind.
 */
import { setTimeout as delay } from "node:timers/promises";
import { processStat } from "../os/proc.ts";
import { leftBehind } from "../runtime/held_groups.ts";
import { daemonState } from "../runtime/pid_file.ts";
import { type Command, defineCommand } from "./command.ts";
import { askStatus, ControlError } from "./control_client.ts";
import type { Host } from "./host.ts";

const POLL_MS = 50;
/** A stop that takes longer than this tells what it is waiting for. */
const PROGRESS_AFTER_MS = 1000;
const PROGRESS_EVERY_MS = 1000;
/** A daemon that does not answer quickly while it stops costs only a line of progress. */
const PROGRESS_DEADLINE_MS = 500;
/** Longer than any chain of resources takes; the daemon goes on stopping after we gave up. */
const MAX_STOP_MS = 3_600_000;

export const stopCommand: Command = defineCommand({
  name: "stop",
  summary: "Release all resources in order and stop the daemon",
  operands: "",
  maxOperands: 0,
  options: [],
  exits: [
    [0, "stopped, or was not running"],
    [1, "ended with something left running, or still stopping after an hour"],
    [2, "the command line cannot be understood"],
    [4, "not permitted"],
  ],
  usageExit: 2,
  deniedExit: 4,
}, stopDaemon);

/** Stops the daemon of this host; @returns the exit code */
export async function stopDaemon(host: Host): Promise<number> {
  const state = daemonState(host.paths);
  if (state.kind !== "running") {
    host.err("INFO: Heartbeat already stopped.\n");
    return 0;
  }
  // Another process may get its number later.
  const startTime = processStat(state.pid)?.startTime;
  try {
    Deno.kill(state.pid, "SIGTERM");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    host.err(`heartbeat: cannot stop pid ${state.pid} (EPERM): only root may stop Heartbeat\n`);
    return 4;
  }
  return await waitUntilGone(host, state.pid, startTime);
}

async function waitUntilGone(host: Host, pid: number, startTime?: string): Promise<number> {
  const since = performance.now();
  let nextProgressMs = PROGRESS_AFTER_MS;
  const told = new Set<string>();
  while (startTime !== undefined && processStat(pid)?.startTime === startTime) {
    const waitedMs = performance.now() - since;
    if (waitedMs >= MAX_STOP_MS) {
      host.err(`heartbeat: pid ${pid} is still stopping after ${MAX_STOP_MS / 60_000} minutes\n`);
      return 1;
    }
    if (waitedMs >= nextProgressMs) {
      nextProgressMs = waitedMs + PROGRESS_EVERY_MS;
      for (const line of await progress(host, pid)) {
        if (!told.has(line)) host.err(`${line}\n`);
        told.add(line);
      }
    }
    await delay(POLL_MS);
  }
  return await hasEndedInOrder(host, pid) ? 0 : 1;
}

/** A daemon that left something running, or crashed meanwhile, leaves its pid file as well. */
async function hasEndedInOrder({ paths, err }: Host, pid: number): Promise<boolean> {
  const state = daemonState(paths);
  if (state.kind === "absent" || state.pid !== pid) return true;
  const lines = await leftBehind(paths.heldGroupsFile);
  err(
    lines.length === 0
      ? `heartbeat: pid ${pid} has ended, but not in order; the log says why\n`
      : `heartbeat: still running on this host, or may be:\n  ${lines.join("\n  ")}\n` +
        'Stop it by hand, or start Heartbeat again. If the log says "Ending all the same", another ' +
        'node of this program waits for that start, or for "heartbeat confirm NODE --is-off" there; ' +
        "otherwise the other node takes over.\n",
  );
  return false;
}

/** What it waits for, in lines that are each worth saying once. */
async function progress(host: Host, pid: number): Promise<string[]> {
  try {
    const { engine } = await askStatus(host.paths, PROGRESS_DEADLINE_MS);
    const left = engine.groups.flatMap(({ resources }) =>
      resources.filter(({ running }) => running !== false)
    );
    const stuck = engine.groups.filter(({ failedStops }) => failedStops > 0)
      .map(({ problem }) => `cannot release: ${problem} (tried again; or stop it by hand)`);
    if (left.length > 0) {
      return [`releasing ${left.map(({ text }) => text).join(", ")}`, ...stuck];
    }
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
  }
  return [`waiting for heartbeat (pid ${pid}) to end`];
}
