/**
 * The demo's stage where the kernel permits no namespaces: the real engine and the real codecs on
 * the simulator's network, in virtual time. Hosts, scripts and client are played; what is measured
 * here are decisions, not a kernel.
 */
import { checkConfiguration } from "../../../core/config/check.ts";
import type { ClusterConfig } from "../../../core/types.ts";
import { text } from "../../../core/wire/fields.ts";
import { Chance } from "../../sim/chance.ts";
import { Clock } from "../../sim/clock.ts";
import { Host } from "../../sim/host.ts";
import type { Witness } from "../../sim/witness.ts";
import { Network } from "../../sim/network.ts";
import { articleFiles } from "./article.ts";
import { type Answer, type HostName, HOSTS, type Stage, type Truth } from "./stage.ts";
import type { Timing } from "./timing.ts";

const SEED = 1;
const FETCH_EVERY_MS = 5;
/** What one played script or address change takes. */
const AGENT_MS = { minMs: 1, maxMs: 20 };
const LOG_LINES_KEPT = 60;

export class SimulatorStage implements Stage {
  readonly deadtimeMs: number;
  readonly #clock = new Clock();
  readonly #hosts: readonly Host[];
  readonly #network: Network;
  readonly #beats = new Map<string, number>();
  readonly #listeners: ((answer: Answer) => void)[] = [];
  readonly #log: string[] = [];
  /** Who announced the address last: there the client's packets go. */
  #announced: Host | undefined;

  constructor(timing: Timing) {
    this.deadtimeMs = timing.deadtimeMs;
    this.#network = new Network(this.#clock, new Chance(SEED, "network"), true, () => this.#hosts);
    this.#hosts = HOSTS.map((name, index) => {
      const uuid = new Uint8Array(16).fill(index + 1);
      const chance = new Chance(SEED, name);
      const host = new Host(
        clusterConfig(name, timing),
        this.#clock,
        chance,
        this.#witness,
        uuid,
        0,
      );
      Object.assign(host.mood, AGENT_MS);
      // Nobody starts a daemon again that was told to stop.
      host.restartAfterMs = Infinity;
      return host;
    });
    this.#fetch();
  }

  nowMs(): number {
    return this.#clock.nowMs;
  }

  sleep(ms: number): Promise<void> {
    this.#clock.run(this.#clock.nowMs + ms, () => false);
    return Promise.resolve();
  }

  powerOn(name: HostName): Promise<void> {
    this.#host(name).powered = true;
    return Promise.resolve();
  }

  powerOff(name: HostName): Promise<void> {
    this.#host(name).powerOff();
    return Promise.resolve();
  }

  startHeartbeat(name: HostName): Promise<void> {
    this.#host(name).startDaemon();
    return Promise.resolve();
  }

  stopHeartbeat(name: HostName): Promise<void> {
    this.#host(name).order({ kind: "stop" });
    return Promise.resolve();
  }

  standby(name: HostName): Promise<void> {
    this.#host(name).order({ kind: "standby", share: "all" });
    return Promise.resolve();
  }

  truth(name: HostName): Promise<Truth> {
    const [address = false, service = false] = this.#host(name).truth[0] ?? [];
    return Promise.resolve({ holdsAddress: address, runsService: service });
  }

  onAnswer(listener: (answer: Answer) => void): void {
    this.#listeners.push(listener);
  }

  lastBeatMs(name: HostName): number | undefined {
    return this.#beats.get(name);
  }

  evidence(): Promise<string> {
    return Promise.resolve(this.#log.join("\n"));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  readonly #witness: Witness = {
    sends: (host, message) => {
      if (text(message, "t") === "status") this.#beats.set(host.name, this.#clock.nowMs);
      this.#network.send(host, message);
    },
    starts: (host, operation) => this.#say(host, `${operation.verb} ${operation.resource.text}`),
    ends: (host, operation, outcome) => {
      const isAddress = operation.resource === host.config.groups[0]?.resources[0];
      if (isAddress && operation.verb === "start" && outcome.kind === "ok") this.#announced = host;
    },
    stepped: () => {},
    fooled: () => {},
    says: (host, line) => this.#say(host, line),
  };

  #say(host: Host, line: string): void {
    this.#log.push(`${(this.#clock.nowMs / 1000).toFixed(3).padStart(9)} ${host.name} ${line}`);
    if (this.#log.length > LOG_LINES_KEPT) this.#log.shift();
  }

  #fetch(): void {
    const members = this.#announced?.truth[0];
    const host = members?.every((running) => running) ? this.#announced?.name ?? null : null;
    for (const listener of this.#listeners) listener({ endedMs: this.#clock.nowMs, host });
    this.#clock.after(FETCH_EVERY_MS, () => this.#fetch());
  }

  #host(name: HostName): Host {
    const host = this.#hosts[HOSTS.indexOf(name)];
    if (host === undefined) throw new Error(`the stage has no host '${name}'`);
    return host;
  }
}

/** The article's files through the real checks, on a host that has all they ask for. */
function clusterConfig(node: HostName, timing: Timing): ClusterConfig {
  const files = articleFiles(timing);
  const checked = checkConfiguration({
    haCf: { path: "ha.cf", text: files.haCf },
    haresources: { path: "haresources", text: files.haresources },
    authkeys: { path: "authkeys", text: files.authkeys, facts: null },
    heartbeatToml: { path: "heartbeat.toml", text: null },
    uname: node,
    nodeinfo: { path: "nodeinfo", text: null },
    processUid: 0,
    facts: {
      interfaces: () => ["eth0", "eth1"],
      device: () => "character",
      servicePort: () => null,
      serviceOfPort: () => null,
      isExecutable: () => true,
      agentExists: () => true,
    },
  });
  if (checked.config === null) throw new Error("the article's files do not pass the checks");
  return checked.config.cluster;
}
