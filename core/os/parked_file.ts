/**
 * A file that is opened, written and synchronized on another thread. `Deno.open` opens on the event
 * loop's own thread, awaited or not, and waits there as long as a frozen file system or a pipe
 * without a reader lets it: no heartbeat would leave, and the peer would take over. What is asked of
 * a file here delays only who asks. It does not read.
 */
import { cString, O_CLOEXEC } from "./abi.ts";
import { check } from "./errno.ts";
import { libc } from "./libc.ts";

const O_WRONLY = 1;
const O_CREAT = 0o100;
const O_TRUNC = 0o1000;
const O_APPEND = 0o2000;

/** `directory` can only be synchronized. */
export type OpenFor = "replacing" | "appending" | "directory";
const FLAGS: Readonly<Record<OpenFor, number>> = {
  replacing: O_WRONLY | O_CREAT | O_TRUNC,
  appending: O_WRONLY | O_CREAT | O_APPEND,
  directory: 0,
};
/** A call on another thread loses its errno; one that was refused so soon is again. */
const REFUSED_AT_ONCE_MS = 100;

export class ParkedFile {
  readonly #path: string;
  readonly #fd: number;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /**
   * @param mode permission bits of a file that is new
   * @throws {Error} the system's reason, or how long it took to refuse
   */
  static async open(path: string, openFor: OpenFor, mode = 0): Promise<ParkedFile> {
    const name = cString(path);
    const flags = FLAGS[openFor] | O_CLOEXEC;
    const fd = await answered(
      `open ${path}`,
      libc.open_parked(name, flags, mode),
      () => libc.open(name, flags, mode),
    );
    return new ParkedFile(path, fd);
  }

  /** @throws {Error} as `open` does; a part may have been written */
  async write(data: Uint8Array<ArrayBuffer>): Promise<void> {
    for (let rest = data; rest.length > 0;) {
      const part = rest;
      const written = await answered(
        `write ${this.#path}`,
        libc.write_parked(this.#fd, part, part.length),
        () => libc.write(this.#fd, part, part.length),
      );
      rest = part.subarray(written);
    }
  }

  /** Waits until everything is on the disk. @throws {Error} as `open` does */
  async sync(): Promise<void> {
    await answered(
      `fsync ${this.#path}`,
      libc.fsync_parked(this.#fd),
      () => libc.fsync(this.#fd),
    );
  }

  /** Whether `path` still names this file, and not another after a rotation. */
  async isAtItsPath(): Promise<boolean> {
    try {
      const open = await Deno.stat(`/proc/self/fd/${this.#fd}`);
      const named = await Deno.stat(this.#path);
      return open.dev === named.dev && open.ino === named.ino;
    } catch {
      return false;
    }
  }

  close(): void {
    libc.close(this.#fd);
  }
}

/** Also keeps what `again` refers to from being collected while the other thread uses it. */
async function answered(
  call: string,
  parked: Promise<number>,
  again: () => number,
): Promise<number> {
  const beganMs = performance.now();
  const result = await parked;
  if (result >= 0) return result;
  const tookMs = Math.round(performance.now() - beganMs);
  if (tookMs > REFUSED_AT_ONCE_MS) {
    throw new Error(`${call}: refused by the system after ${tookMs} ms`);
  }
  return check(call, again());
}
