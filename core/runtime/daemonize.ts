/**
 * Starts the daemon as a session of its own and waits until it works. A process with threads
 * cannot fork, so the same program is executed again; what the child prints until it is ready
 * (pid file, media and control socket are there) is passed on. No file descriptor of the caller is
 * inherited, so that `ssh host heartbeat start` ends when the start does.
 */
import { resolve } from "node:path";
import { THIS_PROGRAM } from "../os/this_program.ts";
import { DAEMON_SUBCOMMAND, type DaemonOptions, START_EXIT } from "./daemon_options.ts";

/** What the child prints last on its standard output, when it is ready; no text holds it. */
export const READY_MARK = "\0";
/** The same of a daemon that runs on, but could open none of its media. */
export const DEAF_MARK = "\x01";

/**
 * @param say gets what the child prints until it is ready, in pieces as they come
 * @returns 0 when the daemon is ready, 1 when it is and can hear nothing; otherwise the exit code of
 *   the child
 */
export async function daemonize(
  options: DaemonOptions,
  say: (text: string) => void,
): Promise<number> {
  const detached = { ...options, root: resolve(options.root) };
  const [program, ...words] = THIS_PROGRAM;
  const child = new Deno.Command(program, {
    args: [...words, DAEMON_SUBCOMMAND, JSON.stringify(detached)],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A session of its own: no terminal, and no signal that is meant for the caller's group.
    detached: true,
    cwd: "/",
  }).spawn();
  child.unref();
  // Only what kills the runtime itself is said there.
  const lastWords = relay(child.stderr, say);
  const mark = await relay(child.stdout, say);
  if (mark === READY_MARK) return START_EXIT.started;
  if (mark === DEAF_MARK) return START_EXIT.failed;
  const { code } = await child.status;
  await lastWords;
  return code;
}

/** Passes on what comes until it ends (null) or holds a mark. */
async function relay(
  stream: ReadableStream<Uint8Array>,
  say: (text: string) => void,
): Promise<string | null> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const mark = [READY_MARK, DEAF_MARK].find((one) => text.includes(one));
    say(mark === undefined ? text : text.slice(0, text.indexOf(mark)));
    if (mark !== undefined) return mark;
  }
  return null;
}
