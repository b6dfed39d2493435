/**
 * What the daemon asks of the kernel about processes and does to its own standard descriptors.
 * Starting programs is not here, see `run_program.ts`.
 */
import { check, errnoNumber, lastErrno } from "./errno.ts";
import { libc } from "./libc.ts";
import { closeFd, cString } from "./socket.ts";

const O_RDWR_CLOEXEC = 0o2 | 0o2000000;
const EPERM = errnoNumber("EPERM");
const STANDARD_FDS = [0, 1, 2];

/**
 * Puts /dev/null in the place of stdin, stdout and stderr, so that whoever started the daemon does
 * not wait for its pipes to end.
 * @throws SystemError
 */
export function detachStdio(): void {
  const fd = check("open /dev/null", libc.open(cString("/dev/null"), O_RDWR_CLOEXEC, 0));
  for (const standard of STANDARD_FDS) check(`dup2 ${standard}`, libc.dup2(fd, standard));
  closeFd(fd);
}

/**
 * Whether a process of that number lives, no matter whose.
 * @param pid above 0
 * @throws RangeError for a number that would mean a group
 */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) throw new RangeError(`${pid} is not a process number`);
  return libc.kill(pid, 0) === 0 || lastErrno() === EPERM;
}
