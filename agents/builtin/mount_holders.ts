/**
 * Who keeps a mounted file system busy: processes that stand in it, run from it, or have a file of
 * it open or mapped. Judged by path, in our mount namespace only, so that neither another view of
 * the same file system nor a container is taken for a holder.
 */
import { isWithin } from "../../core/os/mounts.ts";
import { processName } from "../../core/os/proc.ts";
import { linkOf, pacedProcesses, textOf } from "./paced_processes.ts";

export interface Holder {
  readonly pid: number;
  /** Name of its program, at most 15 characters. */
  readonly name: string;
}

const INIT = 1;

/** Every holder but process 1 and this process, which nobody may kill. */
export async function mountHolders(mountpoint: string): Promise<Holder[]> {
  const namespace = linkOf("/proc/self/ns/mnt");
  const holders: Holder[] = [];
  for await (const pid of pacedProcesses()) {
    if (pid === INIT || linkOf(`/proc/${pid}/ns/mnt`) !== namespace) continue;
    if (!holds(pid, mountpoint)) continue;
    holders.push({ pid, name: processName(pid) });
  }
  return holders;
}

function holds(pid: number, mountpoint: string): boolean {
  const links = ["cwd", "root", "exe", ...descriptors(pid).map((fd) => `fd/${fd}`)];
  if (links.some((link) => isWithin(linkOf(`/proc/${pid}/${link}`), mountpoint))) return true;
  return textOf(`/proc/${pid}/maps`).split("\n").some((line) => {
    const at = line.indexOf("/");
    return at !== -1 && isWithin(line.slice(at), mountpoint);
  });
}

/** A process may end while it is looked at; then it holds nothing any more. */
function descriptors(pid: number): string[] {
  try {
    return Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => name);
  } catch {
    return [];
  }
}
