/**
 * queue_worker: a program that works off a queue and must run on one host only. start comes back
 * when the worker says that it is ready, not when it was launched; stop lets it finish its job.
 *
 *     ha1 Filesystem::/dev/drbd0::/srv/spool::ext4 queue_worker::/srv/spool/mail
 *
 * The worker is `worker.sh` beside this file, or what the second argument names. It is called with
 * the spool directory, makes the file `ready` there when it can work, and ends at TERM.
 */
import { type Agent, type AgentContext, CONTRACT_VERSION, succeed, waitUntil } from "heartbeat";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const DEFAULT_WORKER = join(import.meta.dirname ?? "/", "worker.sh");
/** In a session of its own, and without our pipes: it is to outlive this call. Prints its number. */
const LAUNCH = 'setsid "$0" "$1" >>"$1/worker.log" 2>&1 </dev/null & echo $!';
const READY = "ready";

export default {
  name: "queue_worker",
  contract: CONTRACT_VERSION,
  summary: "A worker on a spool directory, with a check that it is ready",
  parameters: [
    { name: "spool", required: true, doc: "Directory with the queue; made if it is not there." },
    { name: "worker", required: false, doc: "The program; worker.sh beside the plugin if absent." },
  ],
  validate([spool = "", worker = DEFAULT_WORKER, ...more]) {
    if (more.length > 0) return `"${more.join("::")}" is too much`;
    const relative = [spool, worker].find((path) => !path.startsWith("/"));
    return relative === undefined ? undefined : `"${relative}" is not the whole path`;
  },
  async start(context) {
    const { spool, worker } = words(context);
    let pids = processes(context);
    if (pids.length === 0) {
      mkdirSync(join(spool, "new"), { recursive: true });
      rmSync(join(spool, READY), { force: true });
      const { output } = await succeed(context, "/bin/sh", "-c", LAUNCH, worker, spool);
      pids = [Number(output)];
    }
    await waitUntil(context, () => {
      if (isReady(context)) return true;
      if (pids.some(isAlive)) return false;
      throw new Error(`${worker} ended before it was ready; see ${join(spool, "worker.log")}`);
    }, 20);
  },
  async stop(context) {
    for (const pid of processes(context)) tell(pid);
    await waitUntil(context, () => processes(context).length === 0, 20);
    rmSync(join(words(context).spool, READY), { force: true });
  },
  async status(context) {
    return await isReady(context) ? "running" : "stopped";
  },
} satisfies Agent;

function words({ args: [spool = "", worker = DEFAULT_WORKER] }: AgentContext) {
  return { spool, worker };
}

function isReady(context: AgentContext): boolean {
  return existsSync(join(words(context).spool, READY)) && processes(context).length > 0;
}

/** A process that has ended may stay as a zombie until somebody asks for its exit code. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/**
 * The worker's processes, found by their command line. A file with a process id would lie when the
 * host lost power, or when this call is given up between the launch and the writing. One that is
 * just becoming another program has no command line for a moment, so its absence proves no end.
 */
function processes(context: AgentContext): number[] {
  const { spool, worker } = words(context);
  const wanted = `\0${worker}\0${spool}\0`;
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return `\0${readFileSync(`/proc/${pid}/cmdline`, "utf8")}`.endsWith(wanted);
    } catch {
      return false;
    }
  });
}

function tell(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    // It may have ended between the look and the signal.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
