/**
 * The plugin host: a process of its own in which TypeScript agents run, so that whatever they do to
 * it, they do not do it to the heartbeat. It performs one call at a time, ends with its parent, and
 * when a plugin ends it, says so with its last breath. Deadlines are not its matter: who loops for
 * ever cannot look at a clock.
 */
import { argumentProblem } from "../../../agents/arguments.ts";
import {
  type Agent,
  type AgentContext,
  ArgumentsRefused,
  ProgramMissing,
} from "../../../agents/contract.ts";
import { PluginLoader } from "../../../agents/plugin_loader.ts";
import { checkedSecret } from "../../../agents/secrets.ts";
import process from "node:process";
import { dieWithParent, limitMemory } from "../../os/guards.ts";
import { PacedLines } from "../../os/paced_lines.ts";
import { Reactor } from "../../os/reactor.ts";
import { messageOf } from "../../os/thrown.ts";
import { AnswerPipe } from "./answer_pipe.ts";
import {
  MAX_MESSAGE_BYTES,
  parseToHost,
  type PluginCall,
  type PluginDescription,
  type PluginVerb,
  type ToHost,
} from "./plugin_protocol.ts";
import { piecesOf, SourceJoiner } from "./plugin_sources.ts";

/** Exit code of a host that ends because its state cannot be trusted any more. */
const SPOILED_EXIT = 70;
const STDIN = 0;
/** What all plugins of one host may use together, outside of the engine's heap too. */
const MEMORY_BYTES = 768 * 1024 * 1024;
/** Longer texts of plugins are cut. */
const MAX_TEXT_CHARACTERS = 2000;

type Answer = Extract<ToHost, { kind: "ran" | "not-ran" }>;

/** Runs until standard input ends; the process must be ended with the result. */
export function runPluginHost(): Promise<number> {
  process.title = "heartbeat:plug";
  dieWithParent();
  limitMemory(MEMORY_BYTES);
  const { promise, resolve } = Promise.withResolvers<number>();
  const host = new PluginHost();
  const reactor = new Reactor((error) => host.spoiled(textOf(error)));
  new PacedLines(reactor, STDIN, MAX_MESSAGE_BYTES, (line) => host.hear(line), () => resolve(0));
  host.begin();
  return promise;
}

class PluginHost {
  readonly #answers = new AnswerPipe();
  readonly #loader = new PluginLoader();
  readonly #sources = new SourceJoiner();
  readonly #runs = new Map<number, (answer: Answer) => void>();
  readonly #exit = Deno.exit;
  #cancel = new AbortController();
  #nextRun = 1;

  begin(): void {
    this.#nameEnds();
    this.#answers.send({ kind: "ready" });
  }

  hear(line: string): void {
    const message = parseToHost(line);
    switch (message.kind) {
      case "call":
        return void this.#perform(message);
      case "source": {
        const source = this.#sources.join(message);
        return source === undefined ? undefined : this.#loader.give(source);
      }
      case "cancel":
        return this.#cancel.abort(new Error("the call was given up"));
      case "ran":
      case "not-ran":
        this.#runs.get(message.id)?.(message);
        this.#runs.delete(message.id);
        return;
      default: {
        const never: never = message;
        return never;
      }
    }
  }

  /** Says why and ends: after an error that nobody caught, nothing is known of this process. */
  spoiled(reason: string): never {
    this.#answers.send({ kind: "dying", reason });
    return this.#exit(SPOILED_EXIT);
  }

  /** A plugin that ends the process is named, not only missed. */
  #nameEnds(): void {
    const ending = (call: string) => (code?: number | string | null) => {
      const shown = code ?? Deno.exitCode;
      this.#answers.send({ kind: "dying", reason: `called ${call}(${shown})` });
      return this.#exit(Number(shown));
    };
    Object.defineProperty(Deno, "exit", { value: ending("Deno.exit") });
    process.exit = ending("process.exit");
    addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      this.spoiled(`left a rejection unhandled: ${this.#explained(event.reason)}`);
    });
    addEventListener("error", (event) => {
      event.preventDefault();
      this.spoiled(`threw where nobody catches: ${this.#explained(event.error)}`);
    });
  }

  async #perform(call: PluginCall): Promise<void> {
    const { id } = call;
    this.#cancel = new AbortController();
    try {
      if (call.verb === "sources") return this.#tellSources(id);
      const agent = this.#loader.load(call.path);
      this.#answers.send({ kind: "done", id, ...await this.#ask(agent, call, call.verb) });
    } catch (error) {
      const known = error instanceof ProgramMissing || error instanceof ArgumentsRefused;
      if (!known) return this.#answers.send({ kind: "error", id, reason: this.#explained(error) });
      const unbegun = error instanceof ArgumentsRefused ? "refused" : "missing";
      this.#answers.send({ kind: "error", id, reason: error.message, unbegun });
    }
  }

  #tellSources(id: number): void {
    for (const piece of this.#loader.takeFresh().flatMap(piecesOf)) this.#answers.send(piece);
    this.#answers.send({ kind: "done", id });
  }

  async #ask(
    agent: Agent,
    { args, deadlineMs }: PluginCall,
    verb: Exclude<PluginVerb, "sources">,
  ): Promise<{ status?: "running" | "stopped"; description?: PluginDescription }> {
    const context = this.#context(args, deadlineMs);
    const wrong = verb === "load" ? undefined : argumentProblem(agent, args);
    // As of a built-in agent: nothing was begun, so nothing has to be stopped.
    if (wrong !== undefined) throw new ArgumentsRefused(bounded(wrong));
    switch (verb) {
      case "load":
        return { description: describe(agent) };
      case "validate":
        return {};
      case "start":
        await agent.start(context);
        return {};
      case "stop":
        await agent.stop(context);
        return {};
      case "announce":
        await agent.announce?.(context);
        return {};
      case "status":
        return { status: checkedStatus(await agent.status(context)) };
      case "monitor":
        return {
          status: checkedStatus(await (agent.monitor?.(context) ?? agent.status(context))),
        };
      default: {
        const never: never = verb;
        return never;
      }
    }
  }

  #context(args: readonly string[], deadlineMs: number): AgentContext {
    return {
      args,
      deadlineMs,
      signal: this.#cancel.signal,
      log: (level, text) => this.#answers.send({ kind: "log", level, text: bounded(text) }),
      secret: (value) => {
        this.#answers.send({ kind: "secret", value: checkedSecret(value) });
        return value;
      },
      run: (program, programArgs, env = {}) => {
        const id = this.#nextRun++;
        return new Promise((resolve, reject) => {
          this.#runs.set(id, (answer) => {
            if (answer.kind === "ran") resolve({ code: answer.code, output: answer.output });
            else if (answer.missing) reject(new ProgramMissing(answer.reason));
            else reject(new Error(answer.reason));
          });
          this.#answers.send({ kind: "run", id, program, args: programArgs, env });
        });
      },
    };
  }

  #explained(error: unknown): string {
    const place = this.#loader.place(error);
    const text = textOf(error);
    return place === undefined || text.startsWith(place) ? text : `${text} (${place})`;
  }
}

function describe(agent: Agent): PluginDescription {
  const { name, summary, parameters } = agent;
  const extras = ["monitor", "announce", "validate"].filter((one) =>
    Reflect.get(agent, one) !== undefined
  );
  return { name, summary, parameters, extras };
}

function checkedStatus(status: unknown): "running" | "stopped" {
  if (status === "running" || status === "stopped") return status;
  throw new Error(`it answered ${JSON.stringify(status)}, wanted "running" or "stopped"`);
}

function textOf(error: unknown): string {
  return bounded(messageOf(error));
}

function bounded(text: string): string {
  return String(text).slice(0, MAX_TEXT_CHARACTERS);
}
