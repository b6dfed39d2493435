/**
 * What a process asks of the kernel to be harmless to the host: a bound on its memory, and death
 * when its parent dies.
 */
import { SIGKILL } from "./abi.ts";
import { check } from "./errno.ts";
import { libc } from "./libc.ts";

const RLIMIT_DATA = 2;
const PR_SET_PDEATHSIG = 1;
const OWN_PROCESS = 0;

/**
 * Bounds the memory that this process may write to; beyond it allocations fail. The hard limit
 * stays, so that a program started from here may lift it again.
 * @throws SystemError
 */
export function limitMemory(bytes: number): void {
  const limits = new BigUint64Array(2);
  check("prlimit", libc.prlimit(OWN_PROCESS, RLIMIT_DATA, null, limits));
  limits[0] = BigInt(bytes);
  check("prlimit", libc.prlimit(OWN_PROCESS, RLIMIT_DATA, limits, null));
}

/**
 * The kernel kills this process when the one that started it ends, however that ends: even an
 * endless loop does not outlive it.
 * @throws SystemError
 */
export function dieWithParent(): void {
  check("prctl", libc.prctl(PR_SET_PDEATHSIG, BigInt(SIGKILL)));
}
