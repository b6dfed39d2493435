/**
 * Performs the operations that the engine orders: finds the agent, calls it, and answers each
 * operation with exactly one outcome. Which operation comes when is the engine's business; here
 * nothing is retried and nothing waits for another operation, except for one of the few places for
 * programs.
 */
import { argumentProblem } from "../../agents/arguments.ts";
import { THIS_HOST } from "../../agents/host.ts";
import type { Registry } from "../../agents/registry.ts";
import type { Reactor } from "../os/reactor.ts";
import type { LogLevel, Operation, Outcome } from "../types.ts";
import { AgentCall, type CallSurroundings } from "./agent_call.ts";
import { ProgramSlots } from "./program_slots.ts";
import type { RunningPrograms } from "./running_programs.ts";

export interface ExecutorOptions {
  readonly registry: Registry;
  readonly reactor: Reactor;
  /** Added to (and winning over) {@link SCRIPT_ENVIRONMENT}. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Notes what runs; see {@link CallSurroundings}. */
  readonly programs?: RunningPrograms;
  log(level: LogLevel, text: string): void;
  /** A line that a program printed. */
  output(agent: string, pid: number, line: string): void;
}

export interface Executor {
  /**
   * Never rejects. Resolves within the deadline plus four seconds (TERM, KILL, grace), to which
   * comes what it waits for places for programs: `MAX_WAITING_DEADLINES` times the deadline at most.
   */
  perform(operation: Operation): Promise<Outcome>;
  /** Ends what is still running; resolves when every operation has its outcome. */
  close(): Promise<void>;
}

/**
 * What every script finds in its environment: what an init process gives, and the C locale, so that
 * status texts can be understood. Nothing of the daemon's own environment passes.
 */
export const SCRIPT_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: THIS_HOST.programDirs.join(":"),
  HOME: "/",
  LC_ALL: "C",
  TERM: "dumb",
  OCF_ROOT: "/usr/lib/ocf",
};

export function createExecutor(options: ExecutorOptions): Executor {
  const { registry, reactor, log, output, programs, environment = {} } = options;
  const surroundings: CallSurroundings = {
    reactor,
    log,
    output,
    slots: new ProgramSlots(),
    programs,
    environment: { ...SCRIPT_ENVIRONMENT, ...environment },
  };
  // One place of their own, in which they wait for each other and keep nobody waiting.
  const aside = { ...surroundings, slots: new ProgramSlots(1) };
  const calls = new Map<AgentCall, Promise<Outcome>>();
  let closed = false;

  async function perform(operation: Operation): Promise<Outcome> {
    const { resource: { agent, args }, verb } = operation;
    if (closed) return { kind: "failed", reason: "heartbeat ends" };
    const finding = registry.find(agent);
    if (finding.kind === "missing") return { kind: "missing", reason: finding.reason };
    const wrong = argumentProblem(finding.agent, args);
    if (wrong !== undefined) return { kind: "refused", reason: wrong };
    for (const remark of finding.remarks) log("debug", `${agent}: passed over: ${remark}`);
    const level = verb === "start" || verb === "stop" ? "info" : "debug";
    log(level, `Running ${[finding.path, ...args, verb].join(" ")}`);
    const call = new AgentCall(operation.aside ? aside : surroundings, finding.agent, operation);
    const outcome = call.perform();
    calls.set(call, outcome);
    try {
      return await outcome;
    } finally {
      calls.delete(call);
    }
  }

  async function close(): Promise<void> {
    closed = true;
    for (const call of calls.keys()) call.interrupt();
    await Promise.all(calls.values());
  }

  return { perform, close };
}
