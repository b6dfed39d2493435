/**
 * Which programs run for the daemon, noted where the next daemon finds it. When this one is killed
 * they go on: a start could complete after the next daemon was told "stopped" and has left the
 * resource to the peer. Therefore the next one ends them before it asks anything.
 *
 * A program is known by its pid and start time, which no other process of this boot shares. Only
 * programs that still run are ended, each with its process group; daemons that a script left behind
 * when it ended belong to a resource and are none of this file's business. A kill in the tenth of a
 * millisecond between the start of a program and its note is not covered.
 */
import { setTimeout as delay } from "node:timers/promises";
import { SIGKILL, SIGTERM } from "../os/abi.ts";
import { libc } from "../os/libc.ts";
import { processStat } from "../os/proc.ts";
import type { LogLevel } from "../types.ts";

/** How long an orphan may take to obey TERM, and then KILL; the start of the daemon waits for it. */
const TERM_MS = 2000;
const KILL_MS = 1000;
const CHECK_MS = 20;
const NOTE_MODE = 0o600;

type LogLine = (level: LogLevel, text: string) => void;

interface Program {
  readonly pid: number;
  /** In ticks since boot, as the kernel writes it. */
  readonly startTime: string;
}

export class RunningPrograms {
  readonly #path: string;
  readonly #log: LogLine;
  readonly #running = new Map<number, Program>();
  #trouble = false;

  /** @param path on a file system in memory; the note is replaced with each start and end */
  constructor(path: string, log: LogLine) {
    this.#path = path;
    this.#log = log;
  }

  /** @param pid of a child that leads its own process group and was not waited for */
  started(pid: number): void {
    const process = processStat(pid);
    if (process === undefined) return;
    this.#running.set(pid, { pid, startTime: process.startTime });
    this.#store();
  }

  ended(pid: number): void {
    if (this.#running.delete(pid)) this.#store();
  }

  #store(): void {
    const beside = `${this.#path}.new`;
    try {
      Deno.writeTextFileSync(beside, JSON.stringify([...this.#running.values()]), {
        mode: NOTE_MODE,
      });
      Deno.renameSync(beside, this.#path);
      this.#trouble = false;
    } catch (error) {
      if (!this.#trouble) this.#log("error", `Cannot note which programs run: ${error}`);
      this.#trouble = true;
    }
  }
}

/**
 * Ends what an earlier daemon left running: TERM, then KILL, to the group of each program.
 * Resolves when they are gone, after three seconds at the latest.
 */
export async function endOrphans(path: string, log: LogLine): Promise<void> {
  await Promise.all(notedPrograms(path).filter(runs).map((orphan) => endOrphan(orphan, log)));
}

async function endOrphan({ pid }: Program, log: LogLine): Promise<void> {
  log("warn", `Process ${pid} still runs for a daemon that was killed: ending its group`);
  libc.kill(-pid, SIGTERM);
  if (await isGone(pid, TERM_MS)) return;
  libc.kill(-pid, SIGKILL);
  if (await isGone(pid, KILL_MS)) return;
  log("crit", `Process group ${pid} got TERM and KILL and is still not gone: going on without it`);
}

/** While the group has members its number cannot be used again. */
async function isGone(group: number, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (libc.kill(-group, 0) === 0) {
    if (performance.now() > endMs) return false;
    await delay(CHECK_MS);
  }
  return true;
}

function runs({ pid, startTime }: Program): boolean {
  const process = processStat(pid);
  return process !== undefined && process.group === pid && process.startTime === startTime;
}

/** Nothing when there is no note, or none that this program wrote. */
function notedPrograms(path: string): Program[] {
  try {
    const note: unknown = JSON.parse(Deno.readTextFileSync(path));
    return Array.isArray(note) ? note.filter(isProgram) : [];
  } catch {
    return [];
  }
}

function isProgram(value: unknown): value is Program {
  if (typeof value !== "object" || value === null) return false;
  const { pid, startTime }: Record<string, unknown> = { ...value };
  return Number.isInteger(pid) && Number(pid) > 1 && typeof startTime === "string";
}
