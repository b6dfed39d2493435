/**
 * The promise between Heartbeat and a resource agent. An agent starts, stops and reports one kind
 * of resource; it holds no state between calls, because the call may come in another process, on
 * another host, after a crash. Order, deadlines, retries and ownership are not its business.
 */

/** Version of this contract; raised when an agent written for an older one could misbehave. */
export const CONTRACT_VERSION = 1;

/** One argument, in the order in which `Agent::a::b` passes it. */
export interface ParameterDoc {
  readonly name: string;
  readonly required: boolean;
  /** One sentence: meaning, unit, default. */
  readonly doc: string;
}

/** Result of a program that an agent ran. */
export interface RunResult {
  /** Exit code; 128 + signal number when a signal ended it. */
  readonly code: number;
  /** What it printed on both streams, bounded; the middle is cut when it was more. */
  readonly output: string;
}

/** What an agent is given for one call. */
export interface AgentContext {
  /** Arguments behind `::`, as written. */
  readonly args: readonly string[];
  /** How long the call may take; time that its programs wait for their turn does not count. */
  readonly deadlineMs: number;
  /** Aborted when the deadline passes or the daemon gives the operation up. */
  readonly signal: AbortSignal;
  /** Writes one line to the log under the agent's name. */
  log(level: "debug" | "info" | "warn" | "error", text: string): void;
  /**
   * Marks a value secret, before it is used: until the call is over, `***` stands in its place in
   * everything that Heartbeat writes of the call: log lines, what programs print, errors and so the
   * status. What `run` gives back is not changed. Keep the value in a file that only root can read,
   * since the words of haresources are logged; and give it to programs by `env` or a file, since
   * everybody on the host may see the arguments of a process.
   * @returns the value
   */
  secret(value: string): string;
  /**
   * Runs a program in its own process group and waits for its exit, not for daemons that it
   * leaves behind. When `signal` aborts, the group gets TERM and, two seconds later, KILL.
   * @param program a path; or a name without `/`, which is looked up in /usr/local/sbin,
   *   /usr/local/bin, /usr/sbin, /usr/bin, /sbin and /bin, whatever PATH anybody has set
   * @param env added to PATH (those directories), HOME=/, LC_ALL=C, TERM=dumb and OCF_ROOT, which
   *   are all that the program finds otherwise
   * @throws {ProgramMissing} when the program cannot be started at all
   */
  run(
    program: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<RunResult>;
}

/** Thrown by `AgentContext.run` when there is nothing to run; `message` says what and why. */
export class ProgramMissing extends Error {
  override readonly name = "ProgramMissing";
}

/**
 * Thrown before anything was begun, when the arguments can mean nothing to the agent, whatever is on
 * the host; `message` says why. Nothing can have been started with them, so nothing need be stopped.
 */
export class ArgumentsRefused extends Error {
  override readonly name = "ArgumentsRefused";
}

/** What a resource is doing now. */
export type Status = "running" | "stopped";

/**
 * A resource agent. `start` and `stop` are idempotent: they succeed when the resource is already
 * in the wanted state. They return when the work is done and throw an Error whose message says
 * what went wrong; `status` returns the truth and throws only when it cannot be known.
 */
export interface Agent {
  readonly name: string;
  readonly contract: number;
  /** One line for `heartbeat agent list`. */
  readonly summary: string;
  readonly parameters: readonly ParameterDoc[];
  start(context: AgentContext): Promise<void>;
  stop(context: AgentContext): Promise<void>;
  status(context: AgentContext): Promise<Status>;
  /**
   * A deeper check than `status`, for `heartbeat agent run NAME monitor`; absent: that asks
   * `status`. The daemon never orders it: what runs is not checked.
   */
  monitor?(context: AgentContext): Promise<Status>;
  /** Tells the neighbours again where the resource is (addresses only). */
  announce?(context: AgentContext): Promise<void>;
  /** Looks at the arguments without touching the host; returns what is wrong, if anything. */
  validate?(args: readonly string[]): string | undefined;
}
