/**
 * One resource on the bench: calls its verbs, keeps a record of each call, and judges on the way
 * what concerns every call alike: deadlines, output, and whether status is true in time.
 */
import { setTimeout as delay } from "node:timers/promises";
import { KILL_AFTER_MS } from "../../core/os/run_program.ts";
import type { Outcome } from "../../core/types.ts";
import type { Agent } from "../contract.ts";
import type { Bench, BenchCall, Subject } from "./bench.ts";
import { observed, type Sabotage } from "./observed_agent.ts";
import { type MarkedProcess, markedProcesses } from "./processes.ts";
import type { Verdicts } from "./promises.ts";

type Verb = BenchCall["verb"];

export interface CallRecord {
  readonly outcome: Outcome;
  readonly tookMs: number;
  readonly programs: readonly string[];
}

/** What is other than usual in one call. */
export interface CallOptions {
  readonly agent?: Agent;
  readonly args?: readonly string[];
  readonly deadlineMs?: number;
  readonly sabotage?: Sabotage;
  /** There is something to do: its time is the usual one. */
  readonly measured?: boolean;
}

/** More lines in one call are a flood: the daemon logs no more than this. */
const MAX_LINES = 200;
const MAX_BYTES = 32 * 1024;
/** How long a resource may lag behind its start or stop before status is taken for a lie. */
const LAG_LIMIT_MS = 1000;
const LOOK_AGAIN_MS = 50;
/** A resource that holds so long holds. */
const HOLD_MS = 200;
/** Killed programs may need so long to be gone. */
const GONE_WITHIN_MS = 1000;

export class Trial {
  readonly #shortest = new Map<Verb, number>();
  #mostLines = 0;
  #givenUp = 0;

  /** @param deadlineMs of every call that is not meant to run into one */
  constructor(
    readonly subject: Subject,
    readonly verdicts: Verdicts,
    private readonly bench: Bench,
    private readonly deadlineMs: number,
  ) {}

  /** The shortest that a measured call took; undefined when there was none. */
  shortestMs(verb: Verb): number | undefined {
    return this.#shortest.get(verb);
  }

  /** Calls that ran into their deadlines. */
  get givenUp(): number {
    return this.#givenUp;
  }

  get mostLines(): number {
    return this.#mostLines;
  }

  async call(
    verb: Verb,
    options: CallOptions = {},
  ): Promise<CallRecord> {
    const { args = this.subject.args, deadlineMs = this.deadlineMs, sabotage } = options;
    const { agent, seen } = observed(options.agent ?? this.subject.agent, sabotage);
    const beganMs = performance.now();
    const answer = await this.bench.perform({ agent, args, verb, deadlineMs });
    const { outcome, hostLost, printedLines } = answer;
    const tookMs = performance.now() - beganMs;
    this.#judgeOutput(verb, seen.lines + printedLines, seen.bytes);
    if (outcome.kind === "timeout") {
      this.#givenUp++;
      // Later than that, something was killed.
      const byItself = seen.returned && !hostLost && tookMs < deadlineMs + KILL_AFTER_MS;
      const after = `${verb} was told to end after ${deadlineMs.toFixed(0)} ms`;
      if (byItself) this.verdicts.kept("deadline", `${after} and did`);
      else this.verdicts.broken("deadline", `${after} and did not: ${outcome.reason}`);
    } else if (options.measured === true) {
      this.#shortest.set(verb, Math.min(this.#shortest.get(verb) ?? Infinity, tookMs));
    }
    return { outcome, tookMs, programs: seen.programs };
  }

  /**
   * Asks status until it says what is wanted: at once is the truth, soon is a neighbour's loss,
   * never is a lie.
   * @param when `after a start`, for the evidence
   * @returns whether the resource came to be as wanted
   */
  async mustBecome(wanted: "running" | "stopped", when: string): Promise<boolean> {
    const beganMs = performance.now();
    let { outcome } = await this.call("status");
    const first = told(outcome);
    while (outcome.kind !== wanted && performance.now() - beganMs < LAG_LIMIT_MS) {
      await delay(LOOK_AGAIN_MS);
      ({ outcome } = await this.call("status"));
    }
    if (outcome.kind !== wanted) {
      this.verdicts.broken("status", `${when} status says ${told(outcome)}, wanted ${wanted}`);
      return false;
    }
    if (first !== wanted) {
      const lagMs = (performance.now() - beganMs).toFixed(0);
      const late = `${when} status says ${first}, and only ${lagMs} ms later ${wanted}`;
      this.verdicts.broken("order", late);
    }
    return true;
  }

  /** Whether it still is so a moment later. */
  async mustHold(wanted: "running" | "stopped", when: string): Promise<void> {
    await delay(HOLD_MS);
    const { outcome } = await this.call("status");
    if (outcome.kind === wanted) return;
    this.verdicts.broken("order", `${when} it was ${wanted}, ${HOLD_MS} ms later ${told(outcome)}`);
  }

  /** Judges what runs after a stop. */
  async mustBeGone(when: string): Promise<void> {
    const endMs = performance.now() + GONE_WITHIN_MS;
    const left = (): MarkedProcess | undefined =>
      markedProcesses(this.bench.mark, this.bench.hostPids())[0];
    while (left() !== undefined && performance.now() < endMs) await delay(LOOK_AGAIN_MS);
    const one = left();
    if (one === undefined) return;
    this.verdicts.broken(
      "cancellation",
      `${when} process ${one.pid} still runs: ${one.commandLine}`,
    );
  }

  #judgeOutput(verb: Verb, lines: number, bytes: number): void {
    this.#mostLines = Math.max(this.#mostLines, lines);
    if (lines <= MAX_LINES && bytes <= MAX_BYTES) return;
    const limits = `${MAX_LINES} lines and ${MAX_BYTES} bytes are a call's share`;
    this.verdicts.broken("output", `${verb} printed ${lines} lines, ${bytes} bytes; ${limits}`);
  }
}

/** Why nothing is said of a promise when status is known to be untrue. */
export function unbelieved(after: string, status: Outcome): string {
  return `after ${after} status says ${told(status)}, and status is not to be believed`;
}

/** An outcome in words for the evidence. */
export function told(outcome: Outcome): string {
  return "reason" in outcome ? `"${outcome.reason}"` : outcome.kind;
}
