/**
 * Who keeps a mounted file system busy: processes that stand in it, run from it, or have a file of
 * it open or mapped. Judged by path, in our mount namespace only, so that neither another view of
 * the same file system nor a container is taken for a holder.
 */
import { setTimeout as delay } from "node:timers/promises";
import { isWithin } from "../../core/os/mounts.ts";

export interface Holder {
  readonly pid: number;
  /** Name of its program, at most 15 characters. */
  readonly name: string;
}

/** After this time the beat gets its turn. */
const MAX_BLOCKING_MS = 1;
const INIT = 1;

/** Every holder but process 1 and this process, which nobody may kill. */
export async function mountHolders(mountpoint: string): Promise<Holder[]> {
  const namespace = linkOf("/proc/self/ns/mnt");
  const holders: Holder[] = [];
  let sinceMs = performance.now();
  for (const { name: pid } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === INIT || Number(pid) === Deno.pid) continue;
    if (performance.now() - sinceMs > MAX_BLOCKING_MS) {
      await delay(0);
      sinceMs = performance.now();
    }
    if (linkOf(`/proc/${pid}/ns/mnt`) !== namespace || !holds(pid, mountpoint)) continue;
    holders.push({ pid: Number(pid), name: textOf(`/proc/${pid}/comm`).trim() });
  }
  return holders;
}

function holds(pid: string, mountpoint: string): boolean {
  const links = ["cwd", "root", "exe", ...descriptors(pid).map((fd) => `fd/${fd}`)];
  if (links.some((link) => isWithin(linkOf(`/proc/${pid}/${link}`), mountpoint))) return true;
  return textOf(`/proc/${pid}/maps`).split("\n").some((line) => {
    const at = line.indexOf("/");
    return at !== -1 && isWithin(line.slice(at), mountpoint);
  });
}

/** A process may end while it is looked at; then it holds nothing any more. */
function descriptors(pid: string): string[] {
  try {
    return Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => name);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
