/**
 * Finds the processes that a test has brought about, by a word in their environment, which children
 * inherit however they detach themselves. One that clears its environment is not found.
 */

export interface MarkedProcess {
  readonly pid: number;
  readonly commandLine: string;
}

/**
 * Living processes with this `NAME=value` in their environment, as far as this user may look.
 * @param excepted process ids that are not meant
 */
export function markedProcesses(mark: string, excepted: readonly number[]): MarkedProcess[] {
  const found: MarkedProcess[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const pid = /^\d+$/.test(name) ? Number(name) : Number.NaN;
    if (Number.isNaN(pid) || pid === Deno.pid || excepted.includes(pid)) continue;
    if (!read(`/proc/${pid}/environ`).split("\0").includes(mark)) continue;
    const commandLine = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    // What has no command line is dead already, and only waits to be reaped.
    if (commandLine !== "") found.push({ pid, commandLine });
  }
  return found;
}

/** Empty when it ended meanwhile, or is another user's. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
