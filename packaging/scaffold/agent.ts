/**
 * NAME: runs one program in the background. Begun by `heartbeat agent new`; it works as it stands,
 * with a stand-in for the program. What is yours to change is marked CHANGE.
 *
 *     ha1 192.168.2.3 NAME
 *     ha1 192.168.2.4 NAME::second
 *
 * The promises of an agent stand in heartbeat-agent(7); `heartbeat agent test NAME` tries them all.
 */
import { type Agent, type AgentContext, CONTRACT_VERSION, waitUntil } from "heartbeat";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** CHANGE: the whole path of your program, and its arguments. */
const PROGRAM = ["/bin/sleep", "infinity"];
/** In a session of its own and without our pipes: it is to outlive this call. */
const LAUNCH = 'setsid "$@" </dev/null >/dev/null 2>&1 &';
const LOOK_AGAIN_MS = 20;

export default {
  // The file's name without .ts, which is the word in haresources.
  name: "NAME",
  contract: CONTRACT_VERSION,
  summary: "CHANGE: one line for heartbeat agent info",
  parameters: [
    { name: "instance", required: false, doc: "Tells several of them apart; any word." },
  ],
  /** Looks at the arguments before anything runs; `heartbeat check` shows what it returns. */
  validate([, ...more]) {
    return more.length === 0 ? undefined : `"${more.join("::")}" is too much`;
  },
  /** Comes back when clients can be served. Running already is success. */
  async start(context) {
    if (processes(context).length === 0) {
      const { code, output } = await context.run(
        "/bin/sh",
        ["-c", LAUNCH, "sh", ...PROGRAM],
        { [MARK]: mark(context) },
      );
      if (code !== 0) throw new Error(`cannot launch ${PROGRAM[0]}: ${output.trim()}`);
    }
    await waitUntil(context, () => isReady(context), LOOK_AGAIN_MS);
  },
  /** Comes back when nothing is left. Stopped already is success. */
  async stop(context) {
    for (const pid of processes(context)) end(pid);
    await waitUntil(context, () => processes(context).length === 0, LOOK_AGAIN_MS);
  },
  /** The truth; throw an Error only when it cannot be known. */
  status: (context) => Promise.resolve(isReady(context) ? "running" : "stopped"),
} satisfies Agent;

/** CHANGE: ask the program itself, for example whether its port accepts a connection. */
function isReady(context: AgentContext): boolean {
  return processes(context).length > 0;
}

/** The program and its children have this variable in their environment, so they can be found. */
const MARK = "HEARTBEAT_RESOURCE";

function mark({ args: [instance = ""] }: AgentContext): string {
  return `NAME::${instance}`;
}

function processes(context: AgentContext): number[] {
  const wanted = `\0${MARK}=${mark(context)}\0`;
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return `\0${readFileSync(`/proc/${pid}/environ`, "utf8")}`.includes(wanted);
    } catch {
      return false; // it has ended, or is another user's
    }
  });
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    // It may have ended between the look and the signal.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
