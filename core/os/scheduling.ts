/**
 * Keeps the heartbeat beating on a loaded host: real-time priority for every thread, and the code in
 * memory. Nothing here throws; a host that refuses gets a weaker measure, and the answer says so.
 *
 * Never `mlockall`: V8 gives heap pages back with madvise, which fails on locked ones and ends the
 * process. Only what is mapped from files is locked, as it is used (reference: deno-runtime,
 * section G). And not what only the start used: 17 MiB of the executable are its relocations and
 * the snapshot of the JavaScript heap, read once; they would be locked for good.
 */
import { errnoName, lastErrno } from "./errno.ts";
import { libc } from "./libc.ts";
import { messageOf } from "./thrown.ts";

const SCHED_OTHER = 0;
const SCHED_RR = 2;
/** Without it every resource script would inherit real-time priority or the nice value. */
const SCHED_RESET_ON_FORK = 0x40000000;
const PRIO_PROCESS = 0;
const HIGHEST_NICE = -20;
const MLOCK_ONFAULT = 1;
const MADV_DONTNEED = 4;
const SMAPS = "/proc/self/smaps";

/**
 * Gives all threads of this process round-robin real-time priority, or failing that the best nice
 * value. Threads born later have none: call it again every few seconds.
 * @param priority 1 (lowest) to 99
 * @returns what was achieved, for the log; the same text as long as nothing changed
 */
export function raisePriority(priority: number): string {
  const policy = SCHED_RR | SCHED_RESET_ON_FORK;
  const parameter = new Int32Array([priority]);
  const refusal = onEachThread((tid) => libc.sched_setscheduler(tid, policy, parameter));
  if (refusal === undefined) return `real-time priority ${priority} (SCHED_RR) on all threads`;
  const noRealTime = `no real-time priority: sched_setscheduler: ${refusal}`;
  const usual = new Int32Array([0]);
  const niceRefusal = onEachThread((tid) => {
    libc.sched_setscheduler(tid, SCHED_OTHER | SCHED_RESET_ON_FORK, usual);
    return libc.setpriority(PRIO_PROCESS, tid, HIGHEST_NICE);
  });
  return niceRefusal === undefined
    ? `${noRealTime}; nice ${HIGHEST_NICE} on all threads instead`
    : `${noRealTime}; nice ${HIGHEST_NICE}: ${niceRefusal}; running at normal priority`;
}

/**
 * Locks what is mapped from files (executable, libraries) into memory, page by page as used from now
 * on; constants that were used before are given back first. Code is not: a takeover on a host
 * without free memory runs some of it again, and must not wait for the disk.
 * @returns what was achieved, for the log
 */
export function lockFileMappings(): string {
  let locked = 0;
  let lockedBytes = 0n;
  let refusal = "";
  try {
    for (const { start, end, constant } of fileMappings(Deno.readTextFileSync(SMAPS))) {
      // Refused where it is locked already, and then there is nothing to give back.
      if (constant) libc.madvise(start, end - start, MADV_DONTNEED);
      if (libc.mlock2(start, end - start, MLOCK_ONFAULT) === -1) {
        refusal ||= `; mlock2 refused others: ${errnoName(lastErrno())}`;
        continue;
      }
      locked++;
      lockedBytes += end - start;
    }
  } catch (error) {
    return `memory: nothing locked: ${messageOf(error)}`;
  }
  const mebibytes = lockedBytes / 1024n / 1024n;
  return `memory: locked ${locked} file mappings of ${mebibytes} MiB, as used${refusal}`;
}

/** A range of addresses; both are multiples of the page size. */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  /**
   * Data that is as in the file, and stays so: what is given back is read from there again. Tables
   * that the loader filled in before it made them read-only are not; giving them back is fatal.
   */
  readonly constant: boolean;
}

/** The mappings of /proc/PID/smaps that stand for a file, that is, have an inode. */
export function fileMappings(smaps: string): Mapping[] {
  return smaps.split(/\n(?=[0-9a-f]+-)/).flatMap((text) => {
    const [range = "", access = "", , , inode = "0"] = text.split(/\s+/, 5);
    const [start, end] = range.split("-");
    if (inode === "0" || start === undefined || end === undefined) return [];
    const asInFile = /^Anonymous: +0 kB$/m.test(text) && /^Swap: +0 kB$/m.test(text);
    const constant = access.startsWith("r--") && asInFile;
    return [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`), constant }];
  });
}

/** @returns errno name of the first refusal; a thread that ended meanwhile is none */
function onEachThread(call: (tid: number) => number): string | undefined {
  try {
    for (const { name } of Deno.readDirSync("/proc/self/task")) {
      if (call(Number(name)) !== -1) continue;
      const refusal = errnoName(lastErrno());
      if (refusal !== "ESRCH") return refusal;
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
