/**
 * Reads the configuration of this host with everything that its checks want to know of the host.
 * The daemon and `heartbeat check` both come through here, so that what the one accepts the other
 * does too. It judges nothing itself.
 */
import { join } from "node:path";
import { argumentProblem } from "../../agents/arguments.ts";
import { addressWithoutPlace, primaryAddress } from "../../agents/builtin/address_check.ts";
import { canMail } from "../../agents/builtin/mail_to.ts";
import { hostOf, THIS_HOST } from "../../agents/host.ts";
import { locateOcfAgent } from "../../agents/ocf/locate.ts";
import { createRegistry, type Registry } from "../../agents/registry.ts";
import { lookAtAddresses } from "../../agents/builtin/address_look.ts";
import { checkConfiguration, type CheckedConfiguration } from "../config/check.ts";
import type { TextFile } from "../config/heartbeat_config.ts";
import type { HostFacts, KeyFileFacts } from "../config/host_facts.ts";
import { readTextIfThere } from "../os/read_text.ts";
import { Rtnetlink } from "../os/rtnetlink.ts";
import { builtInOf } from "./address_troubles.ts";
import { installedNames } from "./agent_names.ts";
import { fileTrouble } from "./file_trouble.ts";
import { portHolder } from "./port_holder.ts";
import type { OcfFaults } from "./ocf_faults.ts";
import { type Paths, underRoot } from "./paths.ts";
import type { PluginProblems } from "./plugins/plugin_problems.ts";

export interface LoadOptions {
  /** Checks as the node of that name would; if it is another host, its hardware is not judged. */
  readonly node?: string | undefined;
  /** What is wrong with plugins; whoever waits for nobody leaves it out. */
  readonly plugins?: PluginProblems;
  /** What OCF agents have against their parameters; whoever waits for nobody leaves it out. */
  readonly ocf?: OcfFaults;
  /** Whether the log files are tried, whose disk may keep us waiting. */
  readonly logs?: boolean;
  /** Whether what takes long is asked too: who has a UDP port, and which agents have names. */
  readonly slow?: boolean;
  /** Texts by file name that count instead of what is in the directory. */
  readonly texts?: Readonly<Record<string, string>>;
}

/**
 * Checks the files under `paths.configDir` against this host. A file that is missing, or there and
 * unreadable, is a finding among the others.
 */
export function loadConfiguration(
  paths: Paths,
  options: LoadOptions = {},
): CheckedConfiguration {
  const { node, texts = {} } = options;
  const file = (name: string): TextFile => {
    const path = join(paths.configDir, name);
    const text = texts[name];
    return text === undefined ? readFile(path) : { path, text };
  };
  const authkeys = file("authkeys");
  const looksAtKeyFile = texts["authkeys"] === undefined && authkeys.text !== null;
  return checkConfiguration({
    haCf: file("ha.cf"),
    haresources: file("haresources"),
    authkeys: { ...authkeys, facts: looksAtKeyFile ? keyFileFacts(authkeys.path) : null },
    heartbeatToml: file("heartbeat.toml"),
    uname: node ?? Deno.hostname(),
    nodeinfo: node === undefined ? file("nodeinfo") : { path: "nodeinfo", text: null },
    processUid: Deno.uid() ?? 0,
    facts: hostFacts(paths, options),
  });
}

const NO_MAILER = {
  problem: "neither sendmail nor mail is installed",
  help: 'install a mail program, on Debian for example "apt install bsd-mailx"',
} as const;

/** Whether another user could have read more, so that nothing is proved against the files. */
export function isDenied({ diagnostics }: CheckedConfiguration): boolean {
  return diagnostics.some(({ code }) => code === "HB117");
}

function readFile(path: string): TextFile {
  try {
    return { path, text: readTextIfThere(path) ?? null };
  } catch (error) {
    const trouble = fileTrouble(error);
    if (trouble === null) throw error;
    return { path, text: null, trouble };
  }
}

function isOtherHost(node: string | undefined): boolean {
  return node !== undefined && node.toLowerCase() !== Deno.hostname().toLowerCase();
}

function hostFacts(
  paths: Paths,
  { node, plugins, ocf, logs = false, slow = false }: LoadOptions,
): HostFacts {
  const registry = createRegistry(paths);
  return {
    // Another host may have what this one has not.
    ...(isOtherHost(node) ? {} : {
      interfaces: interfaceNames,
      device: deviceKind,
      portHolder: (medium) => slow ? portHolder(paths, medium) : null,
      ownAddresses: () => Deno.networkInterfaces().map(({ address }) => address),
      addressesOf: hostAddresses,
      logFileProblem: (path) => logs ? logFileProblem(underRoot(paths, path)) : null,
      addressWithoutPlace: (resource) => {
        const [ours] = builtInOf([resource], registry);
        return ours === undefined ? null : addressWithoutPlace(ours.agent, ours.args);
      },
      stockWrapper: (name) => registry.stockWrapper(name),
      darkInterface: (resource) => {
        const [now] = lookAtAddresses(builtInOf([resource], registry));
        if (now === undefined || typeof now.link === "string" || now.link.running) return null;
        return { name: now.link.name, up: now.link.up };
      },
      fixedAddress: ({ agent, args }) => {
        const present = primaryAddress(agent, args);
        return present === null || mayBeHeld(paths, present.ip) ? null : present.interfaceName;
      },
    }),
    servicePort: (name) => udpServices().find((one) => one.name === name)?.port ?? null,
    serviceOfPort: (port) => udpServices().find((one) => one.port === port)?.name ?? null,
    isExecutable: (path) => ((statIfThere(path)?.mode ?? 0) & 0o111) !== 0,
    agentExists: (name) => agentExists(paths, registry, name),
    agentNames: () => slow ? installedNames(paths, true) : [],
    missingProgram: ({ agent }) => {
      const finding = registry.find(agent);
      const isOurs = finding.kind === "found" && finding.origin === "built-in";
      return isOurs && agent === "MailTo" && !canMail(THIS_HOST) ? NO_MAILER : null;
    },
    pluginProblem: (name) => plugins?.loading.get(name) ?? null,
    pluginOwnName: (name) => plugins?.ownNames.get(name) ?? null,
    argumentProblem: ({ text, agent, args }) => {
      const finding = registry.find(agent);
      if (finding.kind === "missing") return null;
      return argumentProblem(finding.agent, args) ?? plugins?.args.get(text) ?? null;
    },
    parameterProblem: ({ text }) => ocf?.get(text) ?? null,
  };
}

/** @param name with `OCF::` before it, an OCF agent that the built-in of that name is to run */
function agentExists(paths: Paths, registry: Registry, name: string): boolean {
  const [agent = "", ocfName] = name.split("::");
  const finding = registry.find(agent);
  if (finding.kind === "missing") return false;
  if (ocfName === undefined || finding.origin !== "built-in") return true;
  return locateOcfAgent(hostOf(paths.configDir, paths.runDir), ocfName).kind === "found";
}

function keyFileFacts(path: string): KeyFileFacts | null {
  const stat = statIfThere(path);
  if (stat === null) return null;
  const isLink = Deno.lstatSync(path).isSymlink;
  return {
    mode: (stat.mode ?? 0) & 0o7777,
    uid: stat.uid ?? 0,
    isRegularFile: stat.isFile,
    linkTarget: isLink ? Deno.realPathSync(path) : null,
  };
}

/** Whether the daemon's note of what it holds names the address, or cannot be read. */
function mayBeHeld({ heldGroupsFile }: Paths, ip: string): boolean {
  try {
    return (readTextIfThere(heldGroupsFile) ?? "").split(/[^\d.]+/).includes(ip);
  } catch {
    return true;
  }
}

/** Of the network namespace of this process, which `/sys/class/net` need not show. */
function interfaceNames(): string[] {
  using kernel = new Rtnetlink();
  const links = kernel.links();
  return [...links.map(({ name }) => name), ...links.flatMap(({ altNames }) => altNames)];
}

function deviceKind(path: string): "character" | "other" | null {
  const stat = statIfThere(path);
  if (stat === null) return null;
  return stat.isCharDevice ? "character" : "other";
}

/** Creates and changes nothing: a file that is not there can be made, for all that is known so. */
function logFileProblem(path: string): string | null {
  try {
    const { isFile, isDirectory, isSocket } = Deno.statSync(path);
    // To open anything else may wait, or tell something to whoever is at its other end.
    if (isFile || isDirectory || isSocket) Deno.openSync(path, { append: true }).close();
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    const trouble = fileTrouble(error);
    if (trouble === null) throw error;
    // Of another user it proves nothing about the daemon.
    return trouble.denied && Deno.uid() !== 0 ? null : trouble.sentence;
  }
}

function udpServices(): { name: string; port: number }[] {
  const lines = (readTextIfThere("/etc/services") ?? "").split("\n");
  return lines.flatMap((line) => {
    const [, name, port] = /^([^\s#]+)\s+(\d+)\/udp\b/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, port: Number(port) }];
  });
}

/** As /etc/hosts has it; a name service may keep us waiting. */
function hostAddresses(host: string): string[] {
  const wanted = host.toLowerCase();
  return (readTextIfThere("/etc/hosts") ?? "").split("\n").flatMap((line) => {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    return names.some((name) => name.toLowerCase() === wanted) ? [address] : [];
  });
}

/** Follows links; null when nothing is there, or a part of the way is no directory. */
function statIfThere(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw error;
  }
}
