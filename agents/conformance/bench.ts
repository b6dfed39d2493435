/**
 * What the conformance kit needs of whoever runs it: calls performed exactly as the daemon performs
 * them. The kit itself starts no program and knows no executor.
 */
import type { Outcome } from "../../core/types.ts";
import type { Agent } from "../contract.ts";

/** The resource that is put to the test; nobody else may need it meanwhile. */
export interface Subject {
  /** As `haresources` has it. */
  readonly text: string;
  readonly agent: Agent;
  readonly args: readonly string[];
  /** The file, if it is one that is called with its arguments and a verb. */
  readonly script?: string;
}

export interface BenchCall {
  readonly agent: Agent;
  readonly args: readonly string[];
  readonly verb: "start" | "stop" | "status";
  readonly deadlineMs: number;
}

export interface BenchAnswer {
  readonly outcome: Outcome;
  /** The process in which the agent runs had to be killed, or ended otherwise. */
  readonly hostLost: boolean;
  /** Lines that the agent printed on its own, beside those of its programs. */
  readonly printedLines: number;
}

export interface Bench {
  /** Never rejects. */
  perform(call: BenchCall): Promise<BenchAnswer>;
  /** `NAME=value` in the environment of every program that calls run, and of what those start. */
  readonly mark: string;
  /** Processes of the bench itself that carry the mark. */
  hostPids(): readonly number[];
}
