/**
 * One call of one agent, from the first step to exactly one outcome. The agent may return, throw,
 * hang, or leave programs running: at the deadline all its programs get TERM and then KILL, and an
 * agent that still does not return is abandoned. So is a program that survives KILL because the
 * kernel waits for a dead disk with it; its place is given to others.
 */
import {
  type Agent,
  type AgentContext,
  ArgumentsRefused,
  ProgramMissing,
  type RunResult,
} from "../../agents/contract.ts";
import { THIS_HOST } from "../../agents/host.ts";
import { programPath } from "../../agents/programs.ts";
import { Secrets } from "../../agents/secrets.ts";
import { SystemError } from "../os/errno.ts";
import type { Reactor } from "../os/reactor.ts";
import { KILL_AFTER_MS, type ProgramResult, runProgram } from "../os/run_program.ts";
import { messageOf } from "../os/thrown.ts";
import type { LogLevel, Operation, Outcome } from "../types.ts";
import { DeadlineClock } from "./deadline_clock.ts";
import { agentEnd, programsEnd } from "./call_end.ts";
import type { ProgramSlots } from "./program_slots.ts";
import type { RunningPrograms } from "./running_programs.ts";
import { withinMs } from "./within_ms.ts";

/** What calls share. */
export interface CallSurroundings {
  readonly reactor: Reactor;
  readonly slots: ProgramSlots;
  /** The whole environment of every program, before an agent's own additions. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absent where no next daemon will look after what a killed one leaves. */
  readonly programs?: RunningPrograms | undefined;
  log(level: LogLevel, text: string): void;
  /** A line that a program printed. */
  output(agent: string, pid: number, line: string): void;
}

/** How long a killed program may take to be gone, beyond TERM's time. */
const KILL_GRACE_MS = 1000;
/** How long an agent may take to return once its programs are gone; a plugin host is killed then. */
const RETURN_GRACE_MS = 500;
/** A call may wait for places for programs that many times as long as it may run. */
export const MAX_WAITING_DEADLINES = 10;
/** Lines of a program's output that go to the log. */
const MAX_LOGGED_LINES = 200;
const MAX_LOGGED_LINE_CHARACTERS = 1000;
/** errno names that mean: this file can never run. */
const CANNOT_RUN = new Set(["ENOENT", "EACCES", "ENOEXEC", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/** Why a call ends before its agent is ready. */
type Interruption = "deadline" | "queue" | "shutdown";

export class AgentCall {
  readonly #surroundings: CallSurroundings;
  readonly #agent: Agent;
  readonly #operation: Operation;
  readonly #controller = new AbortController();
  readonly #interruption = Promise.withResolvers<Interruption>();
  /** While a program of this call runs, or none is asked for. */
  readonly #clock: DeadlineClock;
  /** While all of this call waits for places. */
  readonly #queueClock: DeadlineClock;
  readonly #running = new Set<Promise<unknown>>();
  /** Resolves when programs that got KILL are not waited for any longer. */
  readonly #abandoned = Promise.withResolvers<"abandoned">();
  #waiting = 0;
  #lastResult: ProgramResult | undefined;
  /** A program of this call ended well. */
  #mayHaveChanged = false;
  readonly #secrets = new Secrets();

  constructor(surroundings: CallSurroundings, agent: Agent, operation: Operation) {
    this.#surroundings = surroundings;
    this.#agent = agent;
    this.#operation = operation;
    this.#clock = new DeadlineClock(
      operation.deadlineMs,
      () => this.#interruption.resolve("deadline"),
    );
    this.#queueClock = new DeadlineClock(
      operation.deadlineMs * MAX_WAITING_DEADLINES,
      () => this.#interruption.resolve("queue"),
    );
    this.#queueClock.pause();
  }

  /** Ends the call early; `perform` then gives an outcome that says so. */
  interrupt(): void {
    this.#interruption.resolve("shutdown");
  }

  /** Never rejects. */
  async perform(): Promise<Outcome> {
    const outcome = await this.#perform();
    if (!("reason" in outcome)) return outcome;
    return { ...outcome, reason: this.#secrets.mask(outcome.reason) };
  }

  async #perform(): Promise<Outcome> {
    const work = this.#work();
    const first = await Promise.race([work, this.#interruption.promise]);
    const ended = this.#endPrograms();
    this.#chooseClock();
    if (typeof first !== "string") return first;
    return await this.#interrupted(first, ended, work);
  }

  async #work(): Promise<Outcome> {
    try {
      return await this.#askAgent(this.#context());
    } catch (error) {
      const reason = messageOf(error);
      if (error instanceof ArgumentsRefused) return { kind: "refused", reason };
      // "missing" promises that nothing was changed; a program that ended well may have.
      const unbegun = error instanceof ProgramMissing && !this.#mayHaveChanged;
      return { kind: unbegun ? "missing" : "failed", reason };
    }
  }

  async #askAgent(context: AgentContext): Promise<Outcome> {
    const { verb } = this.#operation;
    switch (verb) {
      case "start":
        await this.#agent.start(context);
        return { kind: "ok" };
      case "stop":
        await this.#agent.stop(context);
        return { kind: "ok" };
      case "status":
        return { kind: await this.#agent.status(context) };
      case "announce":
        await this.#agent.announce?.(context);
        return { kind: "ok" };
      default: {
        const never: never = verb;
        return never;
      }
    }
  }

  #context(): AgentContext {
    const { resource: { agent, args }, deadlineMs } = this.#operation;
    return {
      args,
      deadlineMs,
      signal: this.#controller.signal,
      log: (level, text) => this.#log(level, `${agent}: ${text}`),
      secret: (value) => {
        this.#secrets.add(value);
        return value;
      },
      run: (program, programArgs, env = {}) => this.#run(program, programArgs, env),
    };
  }

  #log(level: LogLevel, text: string): void {
    this.#surroundings.log(level, this.#secrets.mask(text));
  }

  async #run(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<RunResult> {
    const { slots } = this.#surroundings;
    await this.#waitForSlot();
    const running = this.#runNow(program, args, env);
    this.#running.add(running);
    this.#chooseClock();
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      this.#chooseClock();
      slots.release();
    }
  }

  async #waitForSlot(): Promise<void> {
    this.#waiting++;
    this.#chooseClock();
    try {
      await this.#surroundings.slots.acquire(this.#controller.signal);
    } finally {
      this.#waiting--;
    }
  }

  /** One of the two runs until the call is over, so that every call ends. */
  #chooseClock(): void {
    const over = this.#controller.signal.aborted;
    const queues = this.#waiting > 0 && this.#running.size === 0;
    if (over || queues) this.#clock.pause();
    else this.#clock.resume();
    if (!over && queues) this.#queueClock.resume();
    else this.#queueClock.pause();
  }

  async #runNow(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<RunResult> {
    const { reactor, environment, programs, slots } = this.#surroundings;
    const line = [program, ...args].join(" ");
    this.#log("debug", `Starting ${line}`);
    let startedPid: number | undefined;
    const request = {
      program: programPath(THIS_HOST, program),
      args,
      env: { ...environment, ...env },
      signal: this.#controller.signal,
      started: (pid: number) => {
        startedPid = pid;
        programs?.started(pid);
      },
    };
    const ended = runProgram(reactor, request).finally(() => {
      if (startedPid !== undefined) programs?.ended(startedPid);
    });
    try {
      const result = await Promise.race([ended, this.#abandoned.promise]);
      if (result === "abandoned") {
        const stuck = `process ${startedPid} (${program}) got TERM and KILL and is still not gone`;
        this.#log("crit", `Abandoned: ${stuck}; ${++slots.abandoned} since the start of heartbeat`);
        throw new Error(stuck);
      }
      const { code, output } = result;
      this.#lastResult = result;
      this.#mayHaveChanged ||= code === 0;
      this.#logOutput(startedPid ?? 0, output);
      this.#log("debug", `${line} done. RC=${code}`);
      return { code, output };
    } catch (error) {
      if (error instanceof SystemError && CANNOT_RUN.has(error.name)) {
        throw new ProgramMissing(`cannot ${error.message}`, { cause: error });
      }
      throw error;
    }
  }

  #logOutput(pid: number, output: string): void {
    const lines = this.#secrets.mask(output).split("\n").filter((line) => line.trim() !== "");
    const { agent } = this.#operation.resource;
    for (const line of lines.slice(0, MAX_LOGGED_LINES)) {
      this.#surroundings.output(agent, pid, line.slice(0, MAX_LOGGED_LINE_CHARACTERS));
    }
    const more = lines.length - MAX_LOGGED_LINES;
    if (more > 0) this.#surroundings.output(agent, pid, `… ${more} more lines`);
  }

  /** TERM, then KILL, for all that still runs. @returns false: some of it had to be abandoned */
  async #endPrograms(): Promise<boolean> {
    this.#controller.abort(new Error("the operation was given up"));
    if (this.#running.size === 0) return true;
    const allEnded = Promise.allSettled(this.#running).then(() => true);
    if (await withinMs(KILL_AFTER_MS + KILL_GRACE_MS, allEnded) === true) return true;
    this.#abandoned.resolve("abandoned");
    return false;
  }

  async #interrupted(
    why: Interruption,
    ended: Promise<boolean>,
    work: Promise<Outcome>,
  ): Promise<Outcome> {
    const { deadlineMs } = this.#operation;
    const hadPrograms = this.#running.size > 0;
    const gone = await ended;
    const returned = await withinMs(RETURN_GRACE_MS, work);
    const how = hadPrograms ? programsEnd(gone, this.#lastResult) : agentEnd(returned);
    switch (why) {
      case "deadline":
        return { kind: "timeout", reason: `not done within ${deadlineMs} ms; ${how}` };
      case "queue": {
        const waitedMs = deadlineMs * MAX_WAITING_DEADLINES;
        const reason = `waited ${waitedMs} ms for a place for its program, which others held`;
        return { kind: "timeout", reason };
      }
      case "shutdown":
        return { kind: "failed", reason: `given up, heartbeat ends; ${how}` };
      default: {
        const never: never = why;
        return never;
      }
    }
  }
}
