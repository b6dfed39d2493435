/**
 * One plugin host as the daemon sees it: a process that is given one call at a time, and is killed
 * when the call is given up and does not end. Nothing that comes from it is believed to be moderate:
 * it is read at a pace, its log lines and its programs are counted, and its end is always an answer.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type AgentContext, ArgumentsRefused, ProgramMissing } from "../../../agents/contract.ts";
import { SIGKILL } from "../../os/abi.ts";
import { libc } from "../../os/libc.ts";
import { LineWriter } from "../../os/line_writer.ts";
import { PacedLines } from "../../os/paced_lines.ts";
import type { Reactor } from "../../os/reactor.ts";
import { exitCode, openPipe, setNonBlocking } from "../../os/run_program.ts";
import { spawnProgram } from "../../os/spawn.ts";
import { messageOf } from "../../os/thrown.ts";
import type { LogLevel } from "../../types.ts";
import { type AgentLevel, HostWords } from "./host_words.ts";
import { endText } from "./plugin_end.ts";
import {
  ANSWER_DESCRIPTOR,
  type FromHost,
  MAX_MESSAGE_BYTES,
  parseFromHost,
  type PluginCall,
  type PluginVerb,
  type ToHost,
} from "./plugin_protocol.ts";
import { SourceJoiner, type SourcePiece, type SourceStore } from "./plugin_sources.ts";

/** How to start a plugin host. */
export interface HostCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment of the host. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ProcessParts {
  readonly reactor: Reactor;
  readonly command: HostCommand;
  /** What was loaded before, and the place for what this host loads. */
  readonly sources: SourceStore | undefined;
  log(level: LogLevel, text: string): void;
  ready(host: PluginProcess): void;
  /** The last call; the process is gone. */
  ended(host: PluginProcess, reason: string): void;
}

/** What one call needs of its caller; an {@link AgentContext} is one. */
export type CallContext = Pick<AgentContext, "deadlineMs" | "signal" | "log" | "secret" | "run">;
export type PluginAnswer = Extract<FromHost, { kind: "done" }>;
type RunRequest = Extract<FromHost, { kind: "run" }>;

/** Time for a call to end after its signal; an agent that obeys needs less. */
const CANCEL_GRACE_MS = 200;
/** Programs that one host may have running or waiting. */
const MAX_PROGRAMS = 16;
/** Programs begin no faster than this: starting one costs the daemon 0.3 ms. */
const MIN_RUN_INTERVAL_MS = 5;
const MAX_OUTPUT_LINE_BYTES = 1000;

interface Current {
  readonly call: PluginCall;
  readonly context: CallContext;
  settle(answer: PluginAnswer | Error): void;
}

export class PluginProcess {
  readonly #parts: ProcessParts;
  readonly #pid: number;
  readonly #requests: LineWriter;
  readonly #answers: PacedLines;
  readonly #output: PacedLines;
  readonly #joiner = new SourceJoiner();
  readonly #words = new HostWords((level, text) => this.#say(level, text));
  readonly #programs = new Set<Promise<void>>();
  #current: Current | undefined;
  #lastPath = "";
  #lastRunMs = -Infinity;
  #nextId = 1;
  #dying: string | undefined;
  #ended = false;

  /** @throws SystemError when it cannot be started */
  constructor(parts: ProcessParts) {
    const { reactor, command } = parts;
    this.#parts = parts;
    const answers = openPipe();
    const output = openPipe();
    const requests = openPipe();
    setNonBlocking(requests.read, false);
    const theirs = [requests.read, answers.write, output.write];
    try {
      const descriptors = {
        0: requests.read,
        1: output.write,
        2: output.write,
        [ANSWER_DESCRIPTOR]: answers.write,
      };
      this.#pid = spawnProgram({ ...command, descriptors });
    } catch (error) {
      for (const fd of [answers.read, output.read, requests.write]) libc.close(fd);
      throw error;
    } finally {
      for (const fd of theirs) libc.close(fd);
    }
    setNonBlocking(requests.write, true);
    // A pipe that breaks belongs to a host that ends; how it does is known in a moment.
    this.#requests = new LineWriter(reactor, requests.write, () => libc.kill(this.#pid, SIGKILL));
    this.#answers = new PacedLines(
      reactor,
      answers.read,
      MAX_MESSAGE_BYTES,
      (line) => this.#hear(line),
    );
    this.#output = new PacedLines(
      reactor,
      output.read,
      MAX_OUTPUT_LINE_BYTES,
      (line) => this.#words.printed(line),
    );
    void this.#waitForEnd();
    for (const piece of parts.sources?.pieces() ?? []) this.#send(piece);
  }

  get pid(): number {
    return this.#pid;
  }

  /**
   * Performs one call; the host must be ready and have no other.
   * @throws {ProgramMissing} when the agent says so
   * @throws {Error} what the agent threw, or how its host ended
   */
  call(
    verb: PluginVerb,
    path: string,
    args: readonly string[],
    context: CallContext,
  ): Promise<PluginAnswer> {
    const { deadlineMs } = context;
    const call: PluginCall = { kind: "call", id: this.#nextId++, verb, path, args, deadlineMs };
    this.#lastPath = path;
    return new Promise((resolve, reject) => {
      const cancel = () => void this.#cancel(current);
      const settle = (answer: PluginAnswer | Error) => {
        if (this.#current !== current) return;
        this.#current = undefined;
        context.signal.removeEventListener("abort", cancel);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      const current: Current = { call, context, settle };
      this.#current = current;
      if (this.#ended) return settle(new Error("the plugin host has ended"));
      this.#send(call);
      if (context.signal.aborted) cancel();
      else context.signal.addEventListener("abort", cancel, { once: true });
    });
  }

  /** Resolves when no program that its agents asked for runs any more. */
  async programsEnded(): Promise<void> {
    await Promise.all(this.#programs);
  }

  /** At once; what was going on ends with `reason`. */
  kill(reason: string): void {
    this.#dying ??= reason;
    if (!this.#ended) libc.kill(this.#pid, SIGKILL);
  }

  /** Lets the idle host end by itself. */
  retire(): void {
    this.#dying ??= "was replaced";
    this.#requests.close();
  }

  /** Its programs end first, by TERM and KILL of the caller; then its own time begins. */
  async #cancel(current: Current): Promise<void> {
    this.#send({ kind: "cancel" });
    await this.programsEnded();
    await delay(CANCEL_GRACE_MS);
    if (this.#current === current) this.kill("did not end when it was told to, and was killed");
  }

  #send(message: ToHost): void {
    this.#requests.send(JSON.stringify(message));
  }

  #hear(line: string): void {
    let message: FromHost;
    try {
      message = parseFromHost(line);
      if (message.kind === "source") return this.#keepSource(message);
    } catch {
      return this.kill("broke the protocol of its host, and was killed");
    }
    const current = this.#current;
    switch (message.kind) {
      case "ready":
        return this.#parts.ready(this);
      case "done":
        return this.#settle(message.id, message);
      case "error": {
        const reason = this.#words.secrets.mask(message.reason);
        return this.#settle(message.id, errorOf({ ...message, reason }));
      }
      case "run":
        if (current === undefined) return this.#refuseRun(message, "the call is over");
        if (this.#programs.size >= MAX_PROGRAMS) {
          return this.#refuseRun(message, `${MAX_PROGRAMS} programs of it run already`);
        }
        return this.#startRun(message, current);
      case "log":
        return this.#words.log(message.level, message.text);
      case "secret":
        return this.#keepSecret(message.value);
      case "dying":
        this.#dying ??= this.#words.secrets.mask(message.reason);
        return;
      default: {
        const never: never = message;
        return never;
      }
    }
  }

  #keepSource(piece: SourcePiece): void {
    const source = this.#joiner.join(piece);
    if (source === undefined || this.#parts.sources?.keep(source) !== false) return;
    this.#parts.log("warn", `The sources of plugins are too long to be kept: ${source.asked}`);
  }

  /** Also beyond the call: the host may print it later. */
  #keepSecret(value: string): void {
    this.#words.secrets.add(value);
    this.#current?.context.secret(value);
  }

  /** An answer to anything but the call that is being performed is nobody's. */
  #settle(id: number, answer: PluginAnswer | Error): void {
    if (this.#current?.call.id === id) this.#current.settle(answer);
  }

  #refuseRun({ id, program }: RunRequest, why: string): void {
    this.#send({ kind: "not-ran", id, reason: `cannot start ${program}: ${why}`, missing: false });
  }

  #startRun(request: RunRequest, current: Current): void {
    const running: Promise<void> = this.#run(request, current.context)
      .then((answer) => this.#send(answer))
      .finally(() => this.#programs.delete(running));
    this.#programs.add(running);
  }

  async #run({ id, program, args, env }: RunRequest, context: CallContext): Promise<ToHost> {
    const nowMs = performance.now();
    this.#lastRunMs = Math.max(nowMs, this.#lastRunMs + MIN_RUN_INTERVAL_MS);
    const waitMs = this.#lastRunMs - nowMs;
    if (waitMs > 0) await delay(waitMs);
    try {
      return { kind: "ran", id, ...await context.run(program, args, env) };
    } catch (error) {
      const missing = error instanceof ProgramMissing;
      const reason = messageOf(error);
      return { kind: "not-ran", id, reason, missing };
    }
  }

  #say(level: AgentLevel, text: string): void {
    if (this.#current !== undefined) this.#current.context.log(level, text);
    else this.#parts.log(level, `plugin host, last for ${this.#lastPath}: ${text}`);
  }

  async #waitForEnd(): Promise<void> {
    const code = await exitCode(this.#pid);
    this.#ended = true;
    this.#requests.close();
    this.#answers.finish();
    this.#output.finish();
    this.#words.tellDropped();
    const reason = endText(code, this.#dying ?? this.#words.complaint, this.#words.lastLine);
    this.#current?.settle(new Error(`plugin ${this.#lastPath} ${reason}`));
    this.#parts.ended(this, reason);
  }
}

function errorOf({ unbegun, reason }: Extract<FromHost, { kind: "error" }>): Error {
  if (unbegun === "refused") return new ArgumentsRefused(reason);
  return unbegun === "missing" ? new ProgramMissing(reason) : new Error(reason);
}
