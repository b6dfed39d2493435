/**
 * Whether anybody uses a block device, asked of the kernel by an exclusive open: a mount in any
 * namespace, swap, a device mapper on top of it. A dead disk can hold up the open for ever, so only a
 * process that can be left behind may ask. It reads and writes nothing.
 */
import { cString, O_CLOEXEC, O_EXCL, O_NONBLOCK } from "./abi.ts";
import { lastErrno, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";
import { DEVICE_TRIAL_EXIT } from "./this_program.ts";

/** The last act of the child process; prints why it cannot be known. @returns its exit code */
export function tryDevice(path: string): number {
  const fd = libc.open(cString(path), O_CLOEXEC | O_EXCL | O_NONBLOCK, 0);
  if (fd >= 0) return DEVICE_TRIAL_EXIT.free;
  const error = new SystemError(`open ${path}`, lastErrno());
  if (error.name === "EBUSY") return DEVICE_TRIAL_EXIT.inUse;
  console.log(error.message);
  return DEVICE_TRIAL_EXIT.unknown;
}
