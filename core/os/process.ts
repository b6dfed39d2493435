/**
 * What the daemon does to its own standard descriptors. Starting programs is not here, see
 * `run_program.ts`.
 */
import { cString, O_CLOEXEC, O_RDWR } from "./abi.ts";
import { check } from "./errno.ts";
import { libc } from "./libc.ts";
import { closeFd } from "./socket.ts";

const STANDARD_FDS = [0, 1, 2];

/**
 * Puts /dev/null in the place of stdin, stdout and stderr, so that whoever started the daemon does
 * not wait for its pipes to end.
 * @throws SystemError
 */
export function detachStdio(): void {
  const fd = check("open /dev/null", libc.open(cString("/dev/null"), O_RDWR | O_CLOEXEC, 0));
  for (const standard of STANDARD_FDS) check(`dup2 ${standard}`, libc.dup2(fd, standard));
  closeFd(fd);
}
