/**
 * What the kernel's files in /proc tell of processes, locks and sockets. A process may end, or another take
 * its number, before the answer is used. No FFI, so that commands may ask too.
 */
import { majorMinor } from "./abi.ts";

export interface ProcessStat {
  /** Number of its process group. */
  readonly group: number;
  /** In ticks since boot, as the kernel writes it; with the pid it names one process of this boot. */
  readonly startTime: string;
}

/** In /proc/…/stat, counted from 1; the state is the third. */
const START_TIME_FIELD = 22;

/** Undefined when there is no such process, or only a zombie that nobody has reaped. */
export function processStat(pid: number): ProcessStat | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name of a process may hold anything, so counting begins behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", , group = ""] = fields;
  const startTime = fields[START_TIME_FIELD - 3];
  if (startTime === undefined || state === "Z" || state === "X") return undefined;
  return { group: Number(group), startTime };
}

/** Name of its program, at most 15 characters; empty when there is no such process. */
export function processName(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/**
 * Processes that hold a flock(2) on this file, as far as our pid namespace shows them, the surest
 * first. The device that the kernel names there is not that of stat(2) on btrfs and overlays, where
 * the inode has to do, which a file of another device may share.
 */
export function flockHolders(path: string): readonly number[] {
  let file: Deno.FileInfo;
  try {
    file = Deno.statSync(path);
  } catch {
    return [];
  }
  const device = deviceName(file.dev);
  // "1: FLOCK  ADVISORY  WRITE 4711 00:2f:80 0 EOF"
  return read("/proc/locks").split("\n").map((line) => line.trim().split(/\s+/))
    .filter(([, kind, , , , place]) => kind === "FLOCK" && place?.split(":")[2] === `${file.ino}`)
    .map(([, , , , pid, place = ""]) => ({ pid: Number(pid), sure: place.startsWith(device) }))
    .sort((one, other) => Number(other.sure) - Number(one.sure))
    .map(({ pid }) => pid);
}

/** Processes that have one of these sockets open, as far as we may see. */
export function socketHolders(inodes: readonly string[]): readonly number[] {
  const wanted = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return entriesOf("/proc").filter((name) => /^\d+$/.test(name)).map(Number)
    .filter((pid) => entriesOf(`/proc/${pid}/fd`).some((fd) => wanted.has(linkOf(pid, fd))))
    .sort((one, other) => one - other);
}

/** Empty when there is none, or none for us. */
function entriesOf(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch {
    return [];
  }
}

function linkOf(pid: number, fd: string): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return ""; // closed, or its process ended
  }
}

/** `major:minor:` in hexadecimal. */
function deviceName(dev: number): string {
  return majorMinor(dev).map((part) => `${part.toString(16).padStart(2, "0")}:`).join("");
}

/** Empty when there is none, or none for us. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
