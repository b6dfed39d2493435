/**
 * One life of the daemon: engine, driver, media and executor, joined. It answers what the control
 * socket asks and obeys what signals and operators order. Processes, files of identity and the
 * way it is started or ended are not its matter.
 */
import { createRegistry } from "../../agents/registry.ts";
import { createMedium } from "../../transports/create_medium.ts";
import type { HeartbeatConfig } from "../config/heartbeat_config.ts";
import { leavesAtMs } from "../engine/departure.ts";
import { step } from "../engine/machine.ts";
import { snapshot } from "../engine/snapshot.ts";
import { initialState, type State } from "../engine/state.ts";
import type { Reactor } from "../os/reactor.ts";
import type { GroupConfig, LogLevel, ResourceConfig } from "../types.ts";
import { text } from "../wire/fields.ts";
import { watchCarriers } from "./carriers.ts";
import { type ControlTarget, type Order, repairCommand } from "./control.ts";
import { addressTroubles, isOffer, unreachableGroups } from "./address_troubles.ts";
import { type Beginning, Driver, type Reply } from "./driver.ts";
import { createExecutor, type Executor } from "./executor.ts";
import { storeOrRetry } from "./identity.ts";
import { storePeerFreshness } from "./peer_freshness.ts";
import { troubleText } from "./file_trouble.ts";
import type { HeldGroupsNote } from "./held_groups.ts";
import { loadConfiguration } from "./load_config.ts";
import type { Log } from "./log.ts";
import { logFindings } from "./log_findings.ts";
import { Media } from "./media.ts";
import type { Paths } from "./paths.ts";
import { KeptPlugins } from "./plugins/kept_plugins.ts";
import { PluginClient } from "./plugins/plugin_client.ts";
import { pluginHostCommand } from "./plugins/plugin_command.ts";
import { type PluginProblems, pluginProblems } from "./plugins/plugin_problems.ts";
import type { SourceStore } from "./plugins/plugin_sources.ts";
import type { DaemonView } from "./protocol.ts";
import { appliedText, foretoldText, planReload, refusal, stateDisbelief } from "./reload_plan.ts";
import { RunningPrograms } from "./running_programs.ts";
import { askForTimeUntil } from "./service_watchdog.ts";
import { unstoppable } from "./unstoppable.ts";
import { VERSION } from "./version.ts";

export interface LifeParts {
  readonly paths: Paths;
  readonly config: HeartbeatConfig;
  /** False: beats, but manages no resource. */
  readonly manageResources: boolean;
  readonly log: Log;
  readonly reactor: Reactor;
  readonly heldNote: HeldGroupsNote;
  /** A defect of this program; nothing of this life happens after it. */
  failed(error: unknown): void;
}

export class Life implements ControlTarget {
  /** Resolves when the engine has ended this life: true when everything was released and told. */
  readonly ended: Promise<boolean>;
  readonly #parts: LifeParts;
  readonly #state: State;
  readonly #media: Media;
  readonly #agents: KeptPlugins;
  readonly #plugins: PluginClient;
  readonly #executor: Executor;
  readonly #driver: Driver;
  readonly #beganMs = performance.now();
  #running: HeartbeatConfig;
  /** What the last reload has not put in force, a sentence each. */
  #waiting: readonly string[] = [];
  #reloading: Promise<unknown> = Promise.resolve();
  #unwatch: () => void = () => {};
  /** Number of the key with which the peer signed last; null before its first packet. */
  #peerKey: number | null = null;

  constructor(parts: LifeParts) {
    const { paths, reactor, log, failed } = parts;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.ended = promise;
    this.#parts = parts;
    this.#running = this.#managed(parts.config);
    this.#state = initialState(this.#running.cluster, parts.manageResources);
    const write = (level: LogLevel, text: string) => log.write(level, text);
    const manager = (level: LogLevel, text: string) =>
      log.script(level, "ResourceManager", Deno.pid, text);
    this.#agents = new KeptPlugins(
      createRegistry(paths, undefined, (name, path) => this.#plugins.agentAt(name, path)),
    );
    const { sources } = this.#agents;
    const command = pluginHostCommand();
    this.#plugins = new PluginClient({ reactor, command, sources, log: manager });
    this.#executor = createExecutor({
      registry: this.#agents,
      reactor,
      programs: new RunningPrograms(paths.programsFile, write),
      log: manager,
      output: (agent, pid, line) => log.output(agent, pid, line),
    });
    this.#driver = new Driver({
      step: (event) => step(this.#state, event),
      send: (message) => this.#media.send(message),
      perform: (operation) => this.#executor.perform(operation),
      log: write,
      storeGroups: (held, removed) => parts.heldNote.store(held, removed),
      storeGeneration: (generation) => storeOrRetry(paths.generationFile, generation, write),
      storeFreshness: (newest) => storePeerFreshness(paths.freshnessFile, newest),
      exit: resolve,
      failed,
    });
    this.#media = new Media({
      self: this.#running.cluster.self,
      media: this.#running.media.map((medium) => createMedium(medium, reactor)),
      keys: this.#running.keys,
      messageFormat: this.#running.messageFormat,
      logBadPackets: this.#running.log.logBadPackets,
      log: write,
      received: (link, message, keyNumber) => {
        if (text(message, "src") === this.#state.peerName) this.#peerKey = keyNumber;
        if (isOffer(message)) this.#lookAtPlaces();
        this.#driver.message(link, message);
      },
      reported: (report) => this.#driver.medium(report),
      others: this.#running.cluster.nodes.filter((name) => name !== this.#running.cluster.self),
      unverified: (report) => this.#driver.unverified(report),
    });
  }

  /** Opens the media and lets the engine begin. */
  begin(beginning: Beginning): void {
    this.#preparePlugins();
    // At once: whoever finds no note after a crash has to look at everything.
    void this.#parts.heldNote.store(beginning.held, beginning.removed);
    this.#driver.start(beginning, () => this.#media.open());
    this.#unwatch = watchCarriers(this.#parts, (name) => this.#driver.carrier(name));
  }

  /** Once each medium was tried: why this node is deaf, or null when one could be opened. */
  async opened(): Promise<string | null> {
    await this.#media.tried;
    const { media, engine } = this.view();
    return media.some(({ open }) => open) ? null : engine.heldBack ?? null;
  }

  /** No packet, timer or order has any effect after this. */
  halt(): void {
    this.#driver.halt();
    this.#media.close();
    this.#unwatch();
  }

  /** Ends what still runs for it; resolves when scripts and plugins of this life are over. */
  async close(): Promise<void> {
    this.halt();
    await this.#executor.close();
    await this.#plugins.close();
  }

  view(): DaemonView {
    const nowMs = performance.now();
    const { heldNote: { problem }, log } = this.#parts;
    const addresses = addressTroubles(this.#started(), createRegistry(this.#parts.paths));
    const problems = [...problem === null ? [] : [problem], ...log.problems, ...this.#waiting];
    return {
      version: VERSION,
      pid: Deno.pid,
      uptimeMs: Math.round(nowMs - this.#beganMs),
      engine: snapshot(this.#state, nowMs),
      media: this.#media.views,
      dropped: this.#media.dropped,
      ...(problems.length === 0 ? {} : { problems }),
      ...(addresses.length === 0 ? {} : { addresses }),
    };
  }

  /** Before a planned move: what the kernel knows of the interfaces that groups would need here. */
  #lookAtPlaces(): void {
    const groups = this.#state.groups.filter(({ status }) => status !== "started")
      .map(({ config }) => config);
    this.#driver.reach(unreachableGroups(groups, createRegistry(this.#parts.paths)));
  }

  /** Resources of the groups that run here, and of which nothing is being moved. */
  #started(): ResourceConfig[] {
    return this.#state.groups.filter(({ status }) => status === "started")
      .flatMap(({ config }) => config.resources);
  }

  parameter(name: string): string | null {
    if (name === "hbversion") return VERSION;
    const { parameters } = this.#running;
    return Object.hasOwn(parameters, name) ? parameters[name] ?? null : null;
  }

  order(order: Order): Promise<Reply> {
    switch (order.order) {
      case "standby":
        return this.#driver.command({ kind: "standby", share: order.share });
      case "takeover": {
        this.#lookAtPlaces();
        const { order: kind, ...rest } = order;
        return this.#driver.command({ kind, ...rest });
      }
      case "stop":
        return this.stop();
      case "retry":
      case "confirm":
        return this.#driver.command(repairCommand(order));
      case "reload":
        return this.reload(order.dryRun);
      default: {
        const never: never = order;
        return never;
      }
    }
  }

  /** Releases everything in order, tells the peer, ends; resolves when all that is done. */
  stop(): Promise<Reply> {
    const reply = this.#driver.command({ kind: "stop" });
    askForTimeUntil(leavesAtMs(this.#state));
    return reply;
  }

  /** SIGHUP: reads the files again; with any error in them the running configuration stays. */
  reload(dryRun = false): Promise<Reply> {
    if (!dryRun) this.#parts.log.reopen();
    // One that comes while another one loads plugins sees files that may be newer.
    const reply = this.#reloading.then(() => this.#reload(dryRun));
    this.#reloading = reply.catch(() => {});
    return reply;
  }

  async #reload(dryRun: boolean): Promise<Reply> {
    const { paths, log, manageResources } = this.#parts;
    const refuse = (why: string) => dryRun ? refusal(why) : this.#refuseReload(why);
    let checked;
    let plugins: PluginProblems | undefined;
    try {
      plugins = manageResources ? await pluginProblems(paths) : undefined;
      checked = loadConfiguration(paths, plugins === undefined ? {} : { plugins });
    } catch (error) {
      return refuse(`cannot read the configuration: ${troubleText(error)}`);
    }
    if (!dryRun) logFindings(checked.diagnostics, paths, log);
    if (checked.config === null) {
      const broken = [...plugins?.loading ?? []].map(([name, why]) => `plugin ${name}: ${why}`);
      return refuse(broken.join("; ") || "the configuration has errors");
    }
    const { keys } = checked.config;
    const disbelieved = stateDisbelief(this.#state, this.#peerKey, this.#running.keys, keys);
    if (disbelieved !== null) return refuse(disbelieved);
    if (!dryRun) return this.#adopt(checked.config, plugins?.sources);
    const plan = planReload(this.#running, this.#managed(checked.config));
    return { accepted: true, text: foretoldText(plan, this.#state) };
  }

  #refuseReload(reason: string): Reply {
    const reply = refusal(reason);
    this.#waiting = [reply.text];
    this.#parts.log.write("error", reply.text);
    return reply;
  }

  #adopt(next: HeartbeatConfig, loaded: SourceStore | undefined): Reply {
    const { log } = this.#parts;
    const plan = planReload(this.#running, this.#managed(next));
    const said: string[] = [];
    if (plan.keys !== null) {
      said.push("Rereading authentication file.");
      this.#media.keys = plan.keys;
    }
    const before = this.#running.cluster.groups;
    this.#running = plan.running;
    this.#waiting = plan.waiting;
    if (plan.cluster !== null) said.push(appliedText(plan.cluster, this.#state));
    if (said.length === 0 && plan.waiting.length === 0) said.push("Configuration unchanged.");
    const lost = this.#agents.lost(plan.running.cluster);
    const warnings = [...plan.waiting, ...this.#leftRunning(before), ...lost];
    for (const text of said) log.write("info", text);
    for (const text of warnings) log.write("warn", text);
    this.#preparePlugins(loaded);
    if (plan.cluster !== null) this.#driver.reload(plan.cluster);
    return { accepted: true, text: [...said, ...warnings].join(" ") };
  }

  #leftRunning(before: readonly GroupConfig[]): string[] {
    const running = this.view().engine.groups.flatMap(({ resources }) =>
      resources.flatMap(({ text, running }) => running ? text : [])
    );
    return unstoppable(before, this.#running.cluster.groups, new Set(running), this.#agents);
  }

  /** Also after a reload that changed nothing here: the files of the plugins may have changed. */
  #preparePlugins(loaded?: SourceStore): void {
    const { paths, groups } = this.#agents.adopt(this.#running.cluster, loaded);
    this.#plugins.prepare(paths, groups);
  }

  #managed(config: HeartbeatConfig): HeartbeatConfig {
    if (this.#parts.manageResources) return config;
    return { ...config, cluster: { ...config.cluster, groups: [] } };
  }
}
