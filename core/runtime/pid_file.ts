/**
 * Sees to it that one host runs one daemon. The pid file has the original's format, for the tools
 * that read it; the truth is a lock, held for life, which no crash leaves behind. The lock is on a
 * file of its own beside the state, because people empty /run, and a lock on a file that was removed
 * keeps nobody out. An original heartbeat takes no lock, therefore a living process of that name
 * counts as well.
 */
import { readTextIfThere } from "../os/read_text.ts";

/** Columns of the pid; a line feed follows (cluster-semantics §1). */
const PID_COLUMNS = 10;
const PID_FILE_MODE = 0o644;
/** Whoever can read it could lock it, and so keep the daemon from starting. */
const LOCK_FILE_MODE = 0o600;

/** What a pid file tells about the daemon. */
export type PidState =
  | { readonly kind: "running"; readonly pid: number }
  /** There is a file, but its process is gone or is another program. */
  | { readonly kind: "stale"; readonly pid: number | null }
  | { readonly kind: "absent" };

/** A pid file that this process owns. */
export interface PidFile {
  /** Removes the file; only after everything that it stands for has ended. */
  release(): void;
}

/** Looks at the pid file without touching it. */
export function pidState(path: string): PidState {
  const pid = readPid(path);
  if (pid === undefined) return { kind: "absent" };
  return pid !== null && isHeartbeat(pid) ? { kind: "running", pid } : { kind: "stale", pid };
}

/**
 * Makes this process the daemon of the host, or says that another is; its pid is null when its pid
 * file is gone.
 * @param lockFile is made when it is missing, and never removed
 * @throws {Error} the system's, when a file cannot be written
 */
export function claimPidFile(
  path: string,
  lockFile: string,
  pid: number,
): PidFile | { readonly runningPid: number | null } {
  const lock = openLock(lockFile);
  const free = lock.tryLockSync(true);
  const before = pidState(path);
  if (!free || (before.kind === "running" && before.pid !== pid)) {
    lock.close();
    return { runningPid: before.kind === "absent" ? null : before.pid };
  }
  const line = `${String(pid).padStart(PID_COLUMNS)}\n`;
  Deno.writeTextFileSync(path, line, { mode: PID_FILE_MODE });
  return {
    release: () => {
      // Whoever removed it, or put another in its place, did not make the end disorderly.
      if (readPid(path) === pid) Deno.removeSync(path);
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
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`).startsWith("heartbeat");
  } catch {
    return false;
  }
}
