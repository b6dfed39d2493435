/**
 * An agent that breaks its host in the way that its first argument names, when it is started or
 * stopped; `never-stop` waits for the stop. Run by tests, always in a process of its own.
 */
import { type Agent, type AgentContext, CONTRACT_VERSION, type Status } from "heartbeat";
import process from "node:process";

const STOPPED: Status = "stopped";
const never = new Promise<void>(() => {});

function crashInForeignCode(): void {
  const { symbols } = Deno.dlopen("libc.so.6", {
    memset: { parameters: ["pointer", "i32", "usize"], result: "pointer" },
  });
  symbols.memset(Deno.UnsafePointer.create(8n), 1, 4096n);
}

function fillTheHeap(): void {
  const kept: number[][] = [];
  for (;;) kept.push(Array.from({ length: 1e6 }, (_, i) => i + kept.length));
}

/**
 * Outside of the engine's heap: 4 GB in pieces. Only the first page of each is written to: on a
 * virtual machine the rest would take as long as its host needs to find real memory for it.
 */
function fillMemory(): void {
  const kept: Uint8Array[] = [];
  for (let i = 0; i < 64; i++) kept.push(new Uint8Array(64 * 1024 * 1024).fill(1, 0, 4096));
}

function floodOutput(): void {
  const line = "a line of a flood ".repeat(4);
  for (;;) console.log(line);
}

function floodLog(context: AgentContext): void {
  for (let i = 0;; i++) context.log("warn", `flood ${i}`);
}

async function floodPrograms(context: AgentContext): Promise<void> {
  while (!context.signal.aborted) await context.run("/bin/true", []);
}

async function act(context: AgentContext): Promise<void> {
  switch (context.args[0]) {
    case "loop":
      for (;;);
    case "exit":
      return process.exit(3);
    case "deno-exit":
      return Deno.exit(4);
    case "abort":
      return process.abort();
    case "unhandled":
      void Promise.reject(new Error("nobody looks at this"));
      return await never;
    case "timer-throw":
      setTimeout(() => {
        throw new Error("thrown in a timer");
      }, 10);
      return await never;
    case "heap":
      return fillTheHeap();
    case "memory":
      return fillMemory();
    case "ffi":
      return crashInForeignCode();
    case "print":
      return floodOutput();
    case "log":
      return floodLog(context);
    case "programs":
      return await floodPrograms(context);
    case "never":
    case "never-stop":
      return await never;
    case "program":
      await context.run("/bin/sh", ["-c", "trap '' TERM; echo busy; while :; do sleep 1; done"]);
      return;
    default:
      throw new Error(`no such hostility: ${context.args[0]}`);
  }
}

export default {
  name: "hostile",
  contract: CONTRACT_VERSION,
  summary: "breaks its host",
  parameters: [{ name: "how", required: true, doc: "Which way." }],
  start: (context) => context.args[0] === "never-stop" ? Promise.resolve() : act(context),
  stop: act,
  status: () => Promise.resolve(STOPPED),
} satisfies Agent;
