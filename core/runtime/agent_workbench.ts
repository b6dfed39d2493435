/**
 * Agents off duty: performs single calls for `heartbeat agent`, with the daemon's own look-up,
 * executor and plugin hosts, so that what works here works there. It knows no cluster and asks no
 * running daemon.
 */
import { randomUUID } from "node:crypto";
import { basename, extname, resolve } from "node:path";
import { inspectExecutable } from "../../agents/executable.ts";
import type { Bench, BenchAnswer, BenchCall } from "../../agents/conformance/bench.ts";
import type { Agent, ParameterDoc } from "../../agents/contract.ts";
import { type MetaData, readMetaData } from "../../agents/ocf/meta_data.ts";
import { faultsInLines } from "../../agents/plugin_contract.ts";
import { inspectPluginFile, PLUGIN_EXTENSIONS } from "../../agents/plugin_agent.ts";
import {
  createRegistry,
  type Finding,
  type Origin,
  type SiteRegistry,
} from "../../agents/registry.ts";
import { scriptAgent } from "../../agents/script.ts";
import { Reactor } from "../os/reactor.ts";
import type { LogLevel, Outcome, Verb } from "../types.ts";
import { createExecutor, type Executor } from "./executor.ts";
import type { Paths } from "./paths.ts";
import { PluginClient } from "./plugins/plugin_client.ts";
import { pluginHostCommand } from "./plugins/plugin_command.ts";
import type { HostCommand } from "./plugins/plugin_process.ts";
import type { PluginDescription } from "./plugins/plugin_protocol.ts";

export type Found = Extract<Finding, { kind: "found" }>;

/** A call that the executor can make, and `monitor`, which the daemon does not order yet. */
export type WorkbenchCall = Omit<BenchCall, "verb"> & { readonly verb: Verb | "monitor" };

/** Everything that is known of an agent without calling it for a resource. */
export interface AgentDescription {
  readonly name: string;
  /** What a plugin calls itself in its file, if that is not the file's name, which counts. */
  readonly ownName?: string;
  readonly summary: string;
  readonly parameters: readonly ParameterDoc[];
  readonly functions: readonly string[];
  readonly origin: Origin;
  readonly path: string;
  readonly why: string;
  /** Agents of the same name that are never reached. */
  readonly shadows: readonly string[];
  readonly remarks: readonly string[];
}

const DESCRIBE_LIMIT_MS = 10_000;
const MARK_NAME = "HEARTBEAT_AGENT_TEST";

export class AgentWorkbench implements Bench, AsyncDisposable {
  readonly mark: string;
  readonly registry: SiteRegistry;
  readonly #reactor: Reactor;
  readonly #plugins: PluginClient;
  readonly #executor: Executor;
  #agent: Agent | undefined;
  #operations = 0;
  #printed = 0;

  /** @param command how to start a plugin host */
  constructor(
    paths: Paths,
    log: (level: LogLevel, text: string) => void,
    command: HostCommand = pluginHostCommand(),
  ) {
    const id = randomUUID();
    this.mark = `${MARK_NAME}=${id}`;
    this.#reactor = new Reactor((error) => log("error", String(error)));
    this.#plugins = new PluginClient({
      reactor: this.#reactor,
      command: { ...command, env: { ...command.env, [MARK_NAME]: id } },
      log: (level, text) => {
        this.#printed++;
        log(level, text);
      },
    });
    this.registry = createRegistry(paths, undefined, (name, path) => this.#pluginAt(name, path));
    this.#executor = createExecutor({
      registry: { find: (name) => this.#underHand(name) },
      reactor: this.#reactor,
      environment: { [MARK_NAME]: id },
      log,
      output: (agent, _pid, line) => log("debug", `${agent}: ${line}`),
    });
  }

  /** @param word a name as in haresources, or the path of a plugin or script, with a slash in it */
  find(word: string): Finding {
    return word.includes("/") ? this.#findFile(resolve(word)) : this.registry.find(word);
  }

  /**
   * What an agent says of itself; plugins and OCF agents are asked.
   * @throws {Error} why it does not say it, for a plugin with its own file and line
   */
  async describe(found: Found): Promise<AgentDescription> {
    const { agent, origin, path, why, remarks } = found;
    const { name, summary, parameters, extras } = await this.#ownWords(found);
    return {
      name: agent.name,
      ...(origin === "plugin" && name !== agent.name ? { ownName: name } : {}),
      summary,
      parameters,
      functions: ["start", "stop", "status", ...extras],
      origin,
      path,
      why,
      shadows: this.registry.shadowed(agent.name),
      remarks,
    };
  }

  async #ownWords({ agent, origin, path }: Found): Promise<PluginDescription> {
    if (origin === "plugin") {
      return await this.#plugins.describe(path).catch((error) => {
        throw error instanceof Error ? new Error(faultsInLines(error.message)) : error;
      });
    }
    const extras = ["monitor", "announce"].filter((one) => Reflect.get(agent, one) !== undefined);
    if (origin !== "ocf") return { ...agent, extras };
    let metaData: MetaData = agent;
    const asking: Agent = {
      ...agent,
      start: async (context) => {
        metaData = await readMetaData(context, path, {});
      },
    };
    const call = { agent: asking, args: [], verb: "start", deadlineMs: DESCRIBE_LIMIT_MS } as const;
    const { outcome } = await this.perform(call);
    if ("reason" in outcome) throw new Error(outcome.reason);
    return { ...metaData, name: agent.name, extras };
  }

  async perform({ agent, args, verb, deadlineMs }: WorkbenchCall): Promise<BenchAnswer> {
    const hosts = this.hostPids();
    this.#printed = 0;
    this.#agent = verb === "monitor" ? monitored(agent) : agent;
    const outcome: Outcome = await this.#executor.perform({
      id: ++this.#operations,
      resource: { text: [agent.name, ...args].join("::"), agent: agent.name, args },
      verb: verb === "monitor" ? "status" : verb,
      deadlineMs,
    });
    const left = this.hostPids();
    const hostLost = hosts.some((pid) => !left.includes(pid));
    return { outcome, hostLost, printedLines: this.#printed };
  }

  hostPids(): readonly number[] {
    return this.#plugins.pids;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#executor.close();
    await this.#plugins.close();
    await this.#reactor.stop();
  }

  /** What the executor finds: the agent that the call brought along. */
  #underHand(name: string): Finding {
    const agent = this.#agent;
    if (agent === undefined) throw new Error(`no agent lies on the workbench for ${name}`);
    return { kind: "found", agent, origin: "built-in", path: name, why: "", remarks: [] };
  }

  #findFile(path: string): Finding {
    const name = basename(path, extname(path));
    const found = { kind: "found", path, why: "the file itself was named", remarks: [] } as const;
    const plugins: readonly string[] = PLUGIN_EXTENSIONS;
    const isPlugin = plugins.includes(extname(path));
    const problem = isPlugin ? inspectPluginFile(path) : undefined;
    if (isPlugin && problem === undefined) {
      return { ...found, origin: "plugin", agent: this.#pluginAt(name, path) };
    }
    const file = problem ?? inspectExecutable(path);
    switch (file.kind) {
      case "usable": {
        const agent = scriptAgent(name, path, "classic resource script");
        return { ...found, origin: "resource.d", agent };
      }
      case "absent":
        return { kind: "missing", reason: `there is no file ${path}`, searched: [path] };
      case "skipped":
      case "broken":
        return { kind: "missing", reason: file.reason, searched: [path] };
      default: {
        const never: never = file;
        return never;
      }
    }
  }

  #pluginAt(name: string, path: string): Agent {
    return this.#plugins.agentAt(name, path);
  }
}

function monitored(agent: Agent): Agent {
  const { monitor } = agent;
  if (monitor === undefined) return agent;
  return { ...agent, status: (context) => monitor.call(agent, context) };
}
