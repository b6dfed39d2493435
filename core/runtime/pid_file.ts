/**
 * Sees to it that one host runs one daemon. The pid file has the original's format, for the tools
 * that read it; the truth is a lock on it, held for life, which no crash leaves behind. An
 * original heartbeat takes no lock, therefore a living process of that name counts as well.
 */

/** Columns of the pid; a line feed follows (cluster-semantics §1). */
const PID_COLUMNS = 10;
const PID_FILE_MODE = 0o644;

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
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "absent" };
    throw error;
  }
  const pid = /^ *[1-9][0-9]{0,9}\n?$/.test(text) ? Number(text) : null;
  return pid !== null && isHeartbeat(pid) ? { kind: "running", pid } : { kind: "stale", pid };
}

/**
 * Makes this process the daemon of the host, or names the one that is.
 * @throws {Error} the system's, when the file cannot be written
 */
export function claimPidFile(path: string, pid: number): PidFile | { readonly runningPid: number } {
  for (;;) {
    const file = Deno.openSync(path, {
      read: true,
      write: true,
      create: true,
      mode: PID_FILE_MODE,
    });
    const locked = file.tryLockSync(true);
    const before = pidState(path);
    if (!locked || (before.kind === "running" && before.pid !== pid)) {
      file.close();
      return { runningPid: before.kind === "absent" ? 0 : before.pid ?? 0 };
    }
    if (!isSameFile(file, path)) {
      // Its last owner removed it between our open and our lock.
      file.close();
      continue;
    }
    const line = `${String(pid).padStart(PID_COLUMNS)}\n`;
    file.writeSync(new TextEncoder().encode(line));
    file.truncateSync(line.length);
    return {
      release: () => {
        Deno.removeSync(path);
        file.close();
      },
    };
  }
}

function isSameFile(file: Deno.FsFile, path: string): boolean {
  try {
    return file.statSync().ino === Deno.statSync(path).ino;
  } catch {
    return false;
  }
}

/** Whether that process lives and is a heartbeat daemon, ours or the original. */
function isHeartbeat(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`).startsWith("heartbeat");
  } catch {
    return false;
  }
}
