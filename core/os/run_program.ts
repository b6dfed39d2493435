/**
 * Runs one program to its end: own process group, nothing on standard input, both output streams
 * captured together and bounded. It waits for the program, never for the pipe: a script may leave a
 * daemon behind that holds the pipe for years.
 *
 * Such a daemon must survive us. When the reading end of its pipe closes, its next line of output
 * would kill it with SIGPIPE; if nobody reads, it would block once the pipe is full. So the reading
 * end is handed to a `cat` that drains it into /dev/null for as long as the daemon lives, whatever
 * becomes of us. (An original node appends all this to its debug log; a file that nobody bounds.)
 */
import { setTimeout as delay } from "node:timers/promises";
import { O_CLOEXEC, SIGKILL, SIGTERM } from "./abi.ts";
import { BoundedOutput } from "./bounded_output.ts";
import { check, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";
import { type Reactor, READABLE } from "./reactor.ts";
import { spawnProgram } from "./spawn.ts";

export interface ProgramRequest {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Abort: the whole process group gets TERM and, {@link KILL_AFTER_MS} later, KILL. */
  readonly signal: AbortSignal;
  /** Called at once when it runs; its pid is also the number of its process group. */
  started?(pid: number): void;
}

export interface ProgramResult {
  /** Exit code; 128 + signal number when a signal ended it. */
  readonly code: number;
  /** Both streams together, bounded by `BoundedOutput`. */
  readonly output: string;
  /** What it took to end it: nothing, TERM, or KILL. */
  readonly endedBy: "itself" | "TERM" | "KILL";
}

/** How long a process group may take to obey TERM. */
export const KILL_AFTER_MS = 2000;
/** How often to look whether the whole group is gone. */
const GROUP_CHECK_MS = 20;
const READ_BYTES = 64 * 1024;
/** Reads after the end: what the pipe can hold, even if others keep writing into it. */
const MAX_FINAL_READS = 4;

const FIONBIO = 0x5421;
const SHELL = "/bin/sh";

/**
 * @throws SystemError when the program cannot be started: `ENOENT`, `EACCES` …
 */
export async function runProgram(
  reactor: Reactor,
  request: ProgramRequest,
): Promise<ProgramResult> {
  const pipe = openPipe();
  let pid: number;
  try {
    pid = start(request, pipe.write);
  } catch (error) {
    libc.close(pipe.read);
    throw error;
  } finally {
    libc.close(pipe.write);
  }
  request.started?.(pid);
  const capture = new Capture(reactor, pipe.read);
  const ending = new Ending(pid, request.signal);
  const code = await exitCode(pid);
  const endedBy = await ending.afterExit();
  return { code, output: await capture.finish(), endedBy };
}

/** A script without a `#!` line is given to the shell, as a shell itself would do. */
function start(request: ProgramRequest, output: number): number {
  const { program, args, env } = request;
  const descriptors = { 1: output, 2: output };
  try {
    return spawnProgram({ program, args, env, descriptors });
  } catch (error) {
    if (!(error instanceof SystemError) || error.name !== "ENOEXEC") throw error;
    return spawnProgram({ program: SHELL, args: [program, ...args], env, descriptors });
  }
}

/**
 * Both ends close-on-exec; only the reading end never blocks.
 * @throws SystemError
 */
export function openPipe(): { read: number; write: number } {
  const ends = new Int32Array(2);
  check("pipe", libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC));
  const [read = -1, write = -1] = ends;
  setNonBlocking(read, true);
  return { read, write };
}

/**
 * For one end only: the other end of a pipe is another description and keeps blocking.
 * @throws SystemError
 */
export function setNonBlocking(fd: number, on: boolean): void {
  check("FIONBIO", libc.ioctl(fd, FIONBIO, new Uint8Array([on ? 1 : 0, 0, 0, 0])));
}

/**
 * Waits on another thread for a child of ours; 128 + signal when a signal ended the program.
 * @throws Error when somebody else reaped it
 */
export async function exitCode(pid: number): Promise<number> {
  const status = new Uint8Array(4);
  if (await libc.waitpid_parked(pid, status, 0) !== pid) {
    throw new Error(`waiting for process ${pid} was not possible: somebody else reaped it`);
  }
  const [low = 0, high = 0] = status;
  const signal = low & 0x7f;
  return signal === 0 ? high : 128 + signal;
}

/** Reads the output while the program runs, and gets rid of the pipe afterwards. */
class Capture {
  readonly #output = new BoundedOutput();
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #reactor: Reactor;
  readonly #fd: number;
  #ended = false;

  constructor(reactor: Reactor, fd: number) {
    this.#reactor = reactor;
    this.#fd = fd;
    reactor.watch(fd, READABLE, () => this.#read());
  }

  async finish(): Promise<string> {
    for (let reads = 0; reads < MAX_FINAL_READS && !this.#ended; reads++) {
      if (this.#read() <= 0) break;
    }
    // Where no `cat` can be had, this process reads on, until the last writer is gone.
    const drainer = this.#ended ? null : drainFurther(this.#fd);
    if (drainer !== null) {
      this.#reactor.unwatch(this.#fd);
      libc.close(this.#fd);
      await libc.waitpid_parked(drainer, new Uint8Array(4), 0);
    }
    return this.#output.text();
  }

  /** One piece, so that a flood leaves room for everything else. @returns as read(2) */
  #read(): number {
    const length = libc.read(this.#fd, this.#buffer, READ_BYTES);
    if (length > 0) this.#output.append(this.#buffer.subarray(0, length));
    if (length === 0) {
      this.#ended = true;
      this.#reactor.unwatch(this.#fd);
      libc.close(this.#fd);
    }
    return length;
  }
}

/**
 * The shell ends at once, so that the `cat` belongs to init and leaves nobody a zombie.
 * @returns pid of the shell, which the caller waits for; null when it cannot be started and nothing
 * has changed
 */
function drainFurther(fd: number): number | null {
  const args = ["-c", "cat <&3 >/dev/null 3<&- &"];
  const env = { PATH: "/usr/bin:/bin" };
  setNonBlocking(fd, false);
  try {
    return spawnProgram({ program: SHELL, args, env, descriptors: { 3: fd } });
  } catch {
    setNonBlocking(fd, true);
    return null;
  }
}

/** Makes the whole group end when the signal says so. */
class Ending {
  readonly #group: number;
  readonly #signal: AbortSignal;
  #endedBy: ProgramResult["endedBy"] = "itself";
  #kill: number | undefined;
  readonly #terminate = () => {
    this.#endedBy = "TERM";
    libc.kill(-this.#group, SIGTERM);
    this.#kill = setTimeout(() => {
      this.#endedBy = "KILL";
      libc.kill(-this.#group, SIGKILL);
    }, KILL_AFTER_MS);
  };

  constructor(group: number, signal: AbortSignal) {
    this.#group = group;
    this.#signal = signal;
    if (signal.aborted) this.#terminate();
    else signal.addEventListener("abort", this.#terminate, { once: true });
  }

  /**
   * Resolves once nobody is left to kill. While the group has members its number cannot be used
   * again, and an empty group is noticed at once, so a stranger is never hit.
   */
  async afterExit(): Promise<ProgramResult["endedBy"]> {
    this.#signal.removeEventListener("abort", this.#terminate);
    while (this.#endedBy === "TERM" && libc.kill(-this.#group, 0) === 0) {
      await delay(GROUP_CHECK_MS);
    }
    clearTimeout(this.#kill);
    return this.#endedBy;
  }
}
