/**
 * `heartbeat check`: reads the files exactly as the daemon would, starts nothing, and says either
 * everything that is wrong or what it proved. It changes nothing and needs no running daemon. The
 * agents and the reader of the files are loaded when it runs.
 */
import { resolve } from "node:path";
import type { HeartbeatConfig } from "../config/heartbeat_config.ts";
import { type Paths, pathsUnder } from "../runtime/paths.ts";
import type { MediumConfig, ResourceConfig } from "../types.ts";
import { type Call, type Command, defineCommand, DIR } from "./command.ts";
import { readConfiguration, showDiagnostics } from "./configuration.ts";
import { columns } from "./help.ts";
import type { Host, Terminal } from "./host.ts";

export const checkCommand: Command = defineCommand({
  name: "check",
  summary: "Check the configuration without starting anything",
  operands: "",
  maxOperands: 0,
  options: [
    {
      name: "config-dir",
      value: DIR,
      doc: "Read ha.cf, haresources, authkeys and heartbeat.toml from DIR.",
    },
    {
      name: "node",
      takesNode: true,
      value: "NAME",
      doc: "Check as the node NAME would, but not for its hardware.",
    },
    { name: "json", doc: "Print findings and facts as JSON." },
  ],
  exits: [
    [0, "a daemon could start with these files; there may be warnings"],
    [1, "the files have errors, cannot be read, or leave this host no way to the peer"],
    [2, "the command line cannot be understood"],
  ],
  usageExit: 2,
}, check);

/** Nobody's heartbeat waits for this command. */
const SLOW = { logs: true, slow: true } as const;

async function check(host: Host, call: Call): Promise<number> {
  const dir = call.value("config-dir");
  const paths = dir === undefined ? host.paths : pathsUnder(host.paths.root, resolve(dir));
  const { pluginProblems } = await import("../runtime/plugins/plugin_problems.ts");
  const { ocfFaults } = await import("../runtime/ocf_faults.ts");
  const [plugins, ocf] = await Promise.all([pluginProblems(paths), ocfFaults(paths)]);
  const checked = await readConfiguration(paths, {
    node: call.value("node"),
    plugins,
    ocf,
    ...SLOW,
  });
  const { config, diagnostics } = checked;
  const isGood = diagnostics.every(({ severity }) => severity !== "error");
  const facts = config === null ? null : await provedFacts(paths, config);
  if (call.count("json") > 0) {
    const { diagnosticRecords } = await import("../config/diagnostics.ts");
    const findings = diagnosticRecords(diagnostics);
    host.out(`${JSON.stringify({ ok: isGood, findings, facts }, null, 2)}\n`);
  } else {
    await showDiagnostics(host, checked);
    if (facts !== null && isGood) host.out(renderFacts(facts, host.terminal));
  }
  return isGood ? 0 : 1;
}

interface Facts {
  readonly configDir: string;
  readonly self: string;
  readonly nodes: readonly string[];
  readonly pingNodes: readonly string[];
  readonly media: readonly string[];
  readonly timingMs: Readonly<Record<"keepalive" | "warntime" | "deadtime" | "initdead", number>>;
  readonly autoFailback: string;
  /** Secrets are not part of it. */
  readonly key: { readonly number: number; readonly method: string };
  readonly groups: readonly {
    readonly node: string;
    readonly resources: readonly { readonly text: string; readonly runBy: string }[];
  }[];
}

async function provedFacts(paths: Paths, config: HeartbeatConfig): Promise<Facts> {
  const { createRegistry } = await import("../../agents/registry.ts");
  const { cluster, keys } = config;
  const registry = createRegistry(paths);
  const runBy = ({ agent }: ResourceConfig) => {
    const finding = registry.find(agent);
    if (finding.kind === "missing") return finding.reason;
    return finding.origin === "built-in" ? `built-in ${finding.path}` : finding.path;
  };
  return {
    configDir: paths.configDir,
    self: cluster.self,
    nodes: cluster.nodes,
    pingNodes: cluster.pingNodes,
    media: config.media.map(mediumTitle),
    timingMs: {
      keepalive: cluster.keepaliveMs,
      warntime: cluster.warntimeMs,
      deadtime: cluster.deadtimeMs,
      initdead: cluster.initdeadMs,
    },
    autoFailback: cluster.autoFailback,
    key: { number: keys.signing.number, method: keys.signing.method },
    groups: cluster.groups.map(({ node, resources }) => ({
      node,
      resources: resources.map((resource) => ({ text: resource.text, runBy: runBy(resource) })),
    })),
  };
}

function renderFacts(facts: Facts, terminal: Terminal): string {
  const times = Object.entries(facts.timingMs).map(([name, ms]) => `${name} ${ms / 1000}s`);
  const nodes = facts.nodes.map((name) => name === facts.self ? `${name} (this one)` : name);
  const rows: [string, string][] = [
    ["nodes", nodes.join(", ")],
    ...facts.pingNodes.map((name): [string, string] => ["ping node", name]),
    ...facts.media.map((title): [string, string] => ["medium", title]),
    ["times", times.join(", ")],
    ["auto_failback", facts.autoFailback],
    ["signing key", `${facts.key.number}, ${facts.key.method}`],
  ];
  for (const { node, resources } of facts.groups) {
    rows.push(["group", `prefers ${node}`]);
    rows.push(...resources.map(({ text, runBy }): [string, string] => ["", `${text}: ${runBy}`]));
  }
  const title = `Heartbeat could start with ${facts.configDir}:`;
  return [title, ...columns(rows, terminal), ""].join("\n");
}

/** As `heartbeat status` will show it. */
function mediumTitle(medium: MediumConfig): string {
  switch (medium.kind) {
    case "bcast":
      return `bcast ${medium.interface}:${medium.port}`;
    case "mcast":
    case "mcast6":
      return `${medium.kind} ${medium.interface} ${hostAndPort(medium.group, medium.port)}`;
    case "ucast":
    case "ucast6":
      return `${medium.kind} ${medium.interface} ${hostAndPort(medium.host, medium.port)}`;
    case "serial":
      return `serial ${medium.device} ${medium.baud}`;
    default: {
      const never: never = medium;
      return never;
    }
  }
}

/** The colons of an IPv6 address are kept apart from that of the port. */
function hostAndPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
