/**
 * The daemon's side of TypeScript agents: keeps plugin hosts ready, gives each call a host of its
 * own for as long as it lasts, and starts a new one whenever one ends.
 *
 * One call a host, so that the guilty one is always known: a call that finds no host free gets one
 * more. What a plugin leaves behind in its host can still hurt the next call there; so a call whose
 * host dies, and has loaded other plugins too, is repeated once in a host that has not. That is
 * safe because start, stop and status are idempotent by contract.
 */
import type { Agent } from "../../../agents/contract.ts";
import type { Reactor } from "../../os/reactor.ts";
import { messageOf } from "../../os/thrown.ts";
import type { LogLevel } from "../../types.ts";
import type { CallContext, HostCommand, PluginAnswer } from "./plugin_process.ts";
import { PluginProcess } from "./plugin_process.ts";
import { pluginAgent } from "./plugin_calls.ts";
import { loading } from "./plugin_loading.ts";
import type { SourceStore } from "./plugin_sources.ts";
import type { PluginDescription, PluginVerb } from "./plugin_protocol.ts";

export interface PluginClientParts {
  readonly reactor: Reactor;
  readonly command: HostCommand;
  /** Keeps what was loaded once; absent where every host may read the files anew. */
  readonly sources?: SourceStore;
  log(level: LogLevel, text: string): void;
}

/** Each has some 40 MB of its own; more than those that are kept end with their first call. */
const MAX_KEPT = 4;
const MAX_HOSTS = 16;
/** The first host that ends by itself is replaced at once, the next ones after a growing pause. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
/** Ends between calls, one after the other, that show that loading ahead does harm. */
const MAX_IDLE_ENDS = 2;
/** Who asks what a plugin is waits for a host on a busy machine, too. */
const DESCRIBE_LIMIT_MS = 10_000;
const SOURCES_LIMIT_MS = 10_000;

interface Host {
  readonly process: PluginProcess;
  readonly loaded: Set<string>;
  /** Retiring: ends with its call: plugins changed, it was given up, or it is for one call only. */
  state: "starting" | "loading" | "idle" | "busy" | "retiring";
}

type Taker = (host: Host) => void;

/** It will be free without anybody's call having to end. */
function isComing({ state }: Host): boolean {
  return state === "starting" || state === "loading";
}

export class PluginClient {
  readonly #parts: PluginClientParts;
  readonly #hosts = new Set<Host>();
  readonly #waiting = new Set<Taker>();
  readonly #unloadable = new Set<string>();
  readonly #allEnded = Promise.withResolvers<void>();
  #paths: readonly string[] = [];
  #wanted = 0;
  #idleEnds = 0;
  /** Why the last host that did not come up did not; a clause for an error message. */
  #startFailure = "";
  #respawn: number | undefined;
  #closing = false;

  constructor(parts: PluginClientParts) {
    this.#parts = parts;
  }

  /** Process ids of the hosts that live. */
  get pids(): readonly number[] {
    return [...this.#hosts].map(({ process }) => process.pid);
  }

  /**
   * Starts hosts and loads these plugins in them; called again, it replaces all hosts, so that
   * changed files count. Without a path there is no host and no cost.
   * @param groups number of groups that have plugins
   */
  prepare(paths: readonly string[], groups: number): void {
    this.#paths = paths;
    this.#wanted = paths.length === 0 ? 0 : Math.min(Math.max(groups, 1), MAX_KEPT);
    this.#idleEnds = 0;
    this.#unloadable.clear();
    for (const host of this.#hosts) {
      if (host.state === "busy" || host.state === "loading") host.state = "retiring";
      else if (host.state !== "retiring") this.#retire(host);
    }
    this.#refill();
  }

  /** The agent in a plugin file; all its functions are performed by a host. */
  agentAt(name: string, path: string): Agent {
    return pluginAgent(name, path, (verb, context) => {
      return this.#call(verb, path, context.args, context);
    });
  }

  /**
   * Loads a plugin and says what it is.
   * @throws {Error} why it does not load, with the plugin's own file and line
   */
  async describe(path: string): Promise<PluginDescription> {
    const { description } = await this.#call("load", path, [], loading(DESCRIBE_LIMIT_MS));
    if (description !== undefined) return description;
    throw new Error(`plugin ${path} did not describe itself`);
  }

  /**
   * Lets a plugin look at arguments; nothing is started.
   * @throws {Error} what is wrong with them, or why it cannot be said
   */
  async validate(path: string, args: readonly string[]): Promise<void> {
    await this.#call("validate", path, args, loading());
  }

  /** Ends all hosts; resolves when they are gone. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#respawn);
    for (const { process } of this.#hosts) process.kill("was ended with heartbeat");
    if (this.#hosts.size > 0) await this.#allEnded.promise;
  }

  async #call(
    verb: PluginVerb,
    path: string,
    args: readonly string[],
    context: CallContext,
  ): Promise<PluginAnswer> {
    const host = await this.#take(context.signal);
    const mayBeInnocent = [...host.loaded].some((other) => other !== path);
    try {
      return await this.#perform(host, verb, path, args, context);
    } catch (error) {
      if (this.#hosts.has(host) || !mayBeInnocent || context.signal.aborted) throw error;
      this.#parts.log("warn", `${messageOf(error)}; repeated in a host without other plugins`);
      await host.process.programsEnded();
      const clean = await this.#take(context.signal, true);
      return await this.#perform(clean, verb, path, args, context);
    }
  }

  async #perform(
    host: Host,
    verb: PluginVerb,
    path: string,
    args: readonly string[],
    context: CallContext,
  ): Promise<PluginAnswer> {
    host.loaded.add(path);
    // Replaced before it is known whether it obeys: what was given up may have left anything behind.
    const replace = () => {
      host.state = "retiring";
      this.#refill();
    };
    context.signal.addEventListener("abort", replace, { once: true });
    try {
      const answer = await host.process.call(verb, path, args, context);
      this.#idleEnds = 0;
      return answer;
    } finally {
      context.signal.removeEventListener("abort", replace);
      if (host.state === "retiring") this.#retire(host);
      else if (verb === "load") await this.#collect(host);
      else void this.#collect(host);
    }
  }

  /** Keeps the sources of what was loaded for the first time, then offers the host. */
  async #collect(host: Host): Promise<void> {
    const { sources, log } = this.#parts;
    const isNew = (path: string) => sources?.has(path) === false && !this.#unloadable.has(path);
    if (this.#hosts.has(host) && [...host.loaded].some(isNew)) {
      host.state = "loading";
      const told = host.process.call("sources", "", [], loading(SOURCES_LIMIT_MS));
      await told.catch((error) => log("warn", `Plugins are not kept: ${messageOf(error)}`));
    }
    if (host.state === "retiring") this.#retire(host);
    else this.#offer(host);
  }

  /** @param clean a fresh host, which loads nothing ahead and ends with the call */
  #take(signal: AbortSignal, clean = false): Promise<Host> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(taker);
        reject(new Error(`no plugin host was free in time${this.#startFailure}`));
      };
      const taker = (host: Host) => {
        signal.removeEventListener("abort", abort);
        if (signal.aborted) return this.#retire(host);
        if (!clean) host.state = "busy";
        resolve(host);
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      if (clean) return void this.#start(taker);
      this.#wanted = Math.max(this.#wanted, 1);
      const idle = [...this.#hosts].find(({ state }) => state === "idle");
      if (idle !== undefined) return taker(idle);
      if (this.#respawn === undefined) this.#refill();
      const coming = [...this.#hosts].filter(isComing).length;
      const waits = this.#waiting.size < coming || this.#hosts.size >= MAX_HOSTS;
      if (waits) this.#waiting.add(taker);
      else this.#start(taker);
    });
  }

  #offer(host: Host): void {
    if (!this.#hosts.has(host)) return;
    host.state = "idle";
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next(host);
  }

  #refill(): void {
    this.#respawn = undefined;
    if (this.#closing) return;
    const lasting = [...this.#hosts].filter(({ state }) => state !== "retiring").length;
    for (let missing = this.#wanted - lasting; missing > 0; missing--) this.#start();
  }

  /** @param taker has it as soon as it is ready, for one call; else it loads ahead and is kept */
  #start(taker?: Taker): void {
    const { reactor, command, sources, log } = this.#parts;
    let host: Host | undefined;
    try {
      const process = new PluginProcess({
        reactor,
        command,
        sources,
        log,
        ready: () => {
          if (host === undefined) return;
          if (taker !== undefined) return taker(host);
          if (host.state === "retiring") return;
          host.state = "loading";
          void this.#loadAhead(host);
        },
        ended: (_, reason) => {
          if (host !== undefined) this.#ended(host, reason);
        },
      });
      const state = taker === undefined ? "starting" : "retiring";
      host = { process, loaded: new Set(), state };
      this.#hosts.add(host);
    } catch (error) {
      log("error", `Cannot start a plugin host: ${messageOf(error)}`);
      this.#pauseThenRefill();
    }
  }

  /** Before it is needed: the first transformation of a plugin costs some 30 ms. */
  async #loadAhead(host: Host): Promise<void> {
    for (const path of this.#idleEnds < MAX_IDLE_ENDS ? this.#paths : []) {
      if (this.#unloadable.has(path)) continue;
      host.loaded.add(path);
      try {
        await host.process.call("load", path, [], loading());
      } catch (error) {
        this.#unloadable.add(path);
        this.#parts.log("error", `Cannot load plugin: ${messageOf(error)}`);
      }
    }
    await this.#collect(host);
  }

  /** It performs no call, and ends now. */
  #retire(host: Host): void {
    host.state = "retiring";
    host.process.retire();
  }

  #ended(host: Host, reason: string): void {
    this.#hosts.delete(host);
    if (this.#closing) {
      if (this.#hosts.size === 0) this.#allEnded.resolve();
      return;
    }
    if (host.state === "retiring") return;
    if (host.state === "busy" || host.state === "loading") return this.#refill();
    this.#parts.log("error", `A plugin host ended between calls: it ${reason}`);
    if (host.state === "starting") this.#startFailure = `; the last one ${reason}`;
    this.#idleEnds++;
    this.#pauseThenRefill();
  }

  #pauseThenRefill(): void {
    if (this.#respawn !== undefined) return;
    const doublings = this.#idleEnds - 2;
    const pauseMs = doublings < 0 ? 0 : Math.min(MIN_PAUSE_MS * 2 ** doublings, MAX_PAUSE_MS);
    this.#respawn = setTimeout(() => this.#refill(), pauseMs);
  }
}
