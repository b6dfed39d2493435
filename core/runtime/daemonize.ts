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

/**
 * @param say gets what the child prints until it is ready, in pieces as they come
 * @returns 0 when the daemon is ready; otherwise the exit code of the child
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
  if (await relay(child.stdout, say)) return START_EXIT.started;
  const { code } = await child.status;
  await lastWords;
  return code;
}

/** Passes on what comes until it ends (false) or holds the mark (true). */
async function relay(
  stream: ReadableStream<Uint8Array>,
  say: (text: string) => void,
): Promise<boolean> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const mark = text.indexOf(READY_MARK);
    say(mark < 0 ? text : text.slice(0, mark));
    if (mark >= 0) return true;
  }
  return false;
}
