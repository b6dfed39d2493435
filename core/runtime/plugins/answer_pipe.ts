/**
 * The plugin host's way to speak: lines on a descriptor of their own, so that what plugins print
 * cannot be taken for an answer. It waits while the daemon does not read; a plugin that floods
 * stops itself that way, and only itself.
 */
import { FIOCLEX } from "../../os/abi.ts";
import { check, lastErrno, SystemError } from "../../os/errno.ts";
import { libc } from "../../os/libc.ts";
import { ANSWER_DESCRIPTOR, type FromHost, MAX_MESSAGE_BYTES } from "./plugin_protocol.ts";

export class AnswerPipe {
  /** Programs that a plugin starts on its own must not hold the pipe. */
  constructor() {
    check("FIOCLEX", libc.ioctl(ANSWER_DESCRIPTOR, FIOCLEX, null));
  }

  /**
   * Returns when the pipe has it all.
   * @throws {RangeError} for a message that is too long; SystemError when the daemon is gone
   */
  send(message: FromHost): void {
    const data = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
    if (data.length > MAX_MESSAGE_BYTES) {
      throw new RangeError(`${data.length} bytes are too many, ${MAX_MESSAGE_BYTES} is the limit`);
    }
    for (let rest = data; rest.length > 0;) {
      const written = libc.write(ANSWER_DESCRIPTOR, rest, rest.length);
      if (written < 0) throw new SystemError("answer the daemon", lastErrno());
      rest = rest.subarray(written);
    }
  }
}
