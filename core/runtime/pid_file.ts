/**
 * Sees to it that one host runs one daemon, and finds it. The pid file has the original's format,
 * for the tools that read it; the truth is a lock, held for life, which no crash leaves behind. The
 * lock is on a file of its own beside the state, because people empty /run, and a lock on a file
 * that was removed keeps nobody out. An original heartbeat takes no lock, therefore a living process
 * of that name counts as well.
 */
import { flockHolders, processName } from "../os/proc.ts";
import { readTextIfThere } from "../os/read_text.ts";

/** Columns of the pid; a line feed follows (cluster-semantics §1). */
const PID_COLUMNS = 10;
const PID_FILE_MODE = 0o644;
/** Whoever can read it could lock it, and so keep the daemon from starting. */
const LOCK_FILE_MODE = 0o600;

/** Where the daemon shows itself. */
export interface DaemonFiles {
  readonly pidFile: string;
  readonly lockFile: string;
}

/** What is known of the daemon. */
export type DaemonState =
  | { readonly kind: "running"; readonly pid: number }
  /** There is a pid file, but its process is gone or is another program. */
  | { readonly kind: "stale"; readonly pid: number | null }
  | { readonly kind: "absent" };

/** A pid file that this process owns. */
export interface PidFile {
  /** A pid file was left behind: the life before this one did not end in order. */
  readonly crashedBefore: boolean;
  /** Writes it again when it is gone; @returns whether it was */
  renew(): boolean;
  /** Removes the file; only after everything that it stands for has ended. */
  release(): void;
}

/**
 * Whether the daemon of this host runs, without touching anything: by its pid file, or by its lock
 * when that file is gone or wrong. Needs no permission.
 */
export function daemonState({ pidFile, lockFile }: DaemonFiles): DaemonState {
  const named = namedBy(pidFile);
  if (named.kind === "running") return named;
  const holder = flockHolders(lockFile).find(isHeartbeat);
  return holder === undefined ? named : { kind: "running", pid: holder };
}

function namedBy(pidFile: string): DaemonState {
  const pid = readPid(pidFile);
  if (pid === undefined) return { kind: "absent" };
  return pid !== null && isHeartbeat(pid) ? { kind: "running", pid } : { kind: "stale", pid };
}

/**
 * Makes this process the daemon of the host, or says that another is; its pid is null when it
 * cannot be seen from here.
 * @param files the lock file is made when it is missing, and never removed
 * @throws {Error} the system's, when a file cannot be written
 */
export function claimPidFile(
  files: DaemonFiles,
  pid: number,
): PidFile | { readonly runningPid: number | null } {
  const { pidFile } = files;
  const lock = openLock(files.lockFile);
  const free = lock.tryLockSync(true);
  const before = free ? namedBy(pidFile) : daemonState(files);
  if (!free || (before.kind === "running" && before.pid !== pid)) {
    lock.close();
    return { runningPid: before.kind === "absent" ? null : before.pid };
  }
  const write = () => {
    const line = `${String(pid).padStart(PID_COLUMNS)}\n`;
    Deno.writeTextFileSync(pidFile, line, { mode: PID_FILE_MODE });
  };
  write();
  return {
    crashedBefore: before.kind !== "absent",
    renew: () => {
      if (readPid(pidFile) !== undefined) return false;
      write();
      return true;
    },
    release: () => {
      // Whoever removed it, or put another in its place, did not make the end disorderly.
      if (readPid(pidFile) === pid) Deno.removeSync(pidFile);
      lock.close();
    },
  };
}

/** Reading is enough for a lock, on a disk that has become read-only. */
function openLock(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true, write: true, create: true, mode: LOCK_FILE_MODE });
  } catch (error) {
    try {
      return Deno.openSync(path, { read: true });
    } catch {
      throw error;
    }
  }
}

/** Null: what is there is no pid; undefined: nothing is there. */
function readPid(path: string): number | null | undefined {
  const text = readTextIfThere(path);
  if (text === undefined) return undefined;
  return /^ *[1-9][0-9]{0,9}\n?$/.test(text) ? Number(text) : null;
}

/** Whether that process lives and is a heartbeat daemon, ours or the original. */
function isHeartbeat(pid: number): boolean {
  return processName(pid).startsWith("heartbeat");
}
