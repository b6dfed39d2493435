/**
 * One pretended host for the tests of the configuration: its name, interfaces, devices, users and
 * agents are fixed, so that every expected text holds on any machine.
 */

import { argumentProblem } from "../../agents/arguments.ts";
import { builtInAgent } from "../../agents/builtin.ts";
import { parameterFault } from "../../agents/ocf/parameters.ts";
import { hostOf } from "../../agents/host.ts";
import { checkConfiguration } from "../../core/config/check.ts";
import type { CheckedConfiguration } from "../../core/config/check.ts";
import type { FileTrouble, TextFile } from "../../core/config/heartbeat_config.ts";
import type { HostFacts, KeyFileFacts } from "../../core/config/host_facts.ts";

/**
 * Texts of one try; a missing one gets the text of a good configuration, null means no such file.
 */
export interface Texts {
  readonly haCf?: string | null;
  readonly haresources?: string | null;
  readonly authkeys?: string | null;
  readonly heartbeatToml?: string | null;
  readonly nodeinfo?: string | null;
}

/** What of the host differs. */
export interface Host {
  readonly uname?: string;
  readonly processUid?: number;
  readonly keyFile?: Partial<KeyFileFacts>;
  /** Files that are there and cannot be read, by name. */
  readonly troubles?: Readonly<Record<string, FileTrouble>>;
  /** `none`: no fact is known. */
  readonly facts?: HostFacts | "none";
}

export const GOOD_HA_CF = `logfile /var/log/ha-log
keepalive 1
deadtime 10
bcast eth0
node ha1 ha2
auto_failback on
`;
const GOOD_HARESOURCES = "ha1 192.168.2.3 httpd\n";
const GOOD_AUTHKEYS = "auth 1\n1 sha1 Hello!\n";

/** Built-in agents judge arguments without a look at it. */
const HOST = hostOf("/nowhere", undefined);
const AGENTS = ["IPaddr", "IPaddr2", "IPv6addr", "httpd", "named", "Filesystem", "MailTo", "Delay"]
  .concat("broken", "misnamed", "SendArp", "apache");

const APACHE = ["configfile", "httpd", "port"].map((name) => ({
  ...{ name, required: name === "configfile", doc: name === "configfile" ? "Its file" : "" },
}));

export const FACTS: Required<HostFacts> = {
  interfaces: () => ["lo", "eth0", "eth1"],
  device: (path) =>
    path === "/dev/ttyS0" || path === "/dev/null"
      ? "character"
      : path === "/etc/passwd"
      ? "other"
      : null,
  portHolder: ({ port }) => port === 111 ? { program: "rpcbind", pid: 77 } : null,
  ownAddresses: () => ["127.0.0.1", "10.0.0.1", "10.0.1.1", "::1", "fe80::1"],
  addressesOf: (host) => host === "this.example.com" ? ["10.0.0.1"] : [],
  servicePort: () => null,
  serviceOfPort: (port) => port === 53 ? "domain" : null,
  userExists: (user) => ["root", "hacluster", "0"].includes(user),
  logFileProblem: (path) =>
    path === "/var/log" ? "Cannot open /var/log (EISDIR): it is a directory" : null,
  isExecutable: (path) => path === "/bin/true",
  agentExists: (name) => AGENTS.includes(name),
  agentNames: () => AGENTS,
  missingProgram: ({ agent }) =>
    agent === "MailTo"
      ? { problem: "neither sendmail nor mail is installed", help: "install one" }
      : null,
  pluginProblem: (name) =>
    name === "broken" ? "/etc/ha.d/resource.d/broken.ts:3: no such word" : null,
  pluginOwnName: (name) => name === "misnamed" ? "another" : null,
  argumentProblem: ({ agent, args }) => {
    const known = builtInAgent(agent, HOST);
    return known === undefined ? null : argumentProblem(known, args) ?? null;
  },
  stockWrapper: (name) => name === "SendArp" ? "/etc/ha.d/resource.d/SendArp" : null,
  parameterProblem: ({ agent, args }) => agent === "apache" ? parameterFault(args, APACHE) : null,
  addressWithoutPlace: ({ args: [address = ""] }) =>
    address.endsWith("/eth9")
      ? { problem: 'interface "eth9" does not exist', help: "this host has lo, eth0, eth1" }
      : null,
  darkInterface: ({ args: [address = ""] }) =>
    address.endsWith("/dark0") ? { name: "dark0", up: true } : null,
  fixedAddress: ({ args: [address = ""] }) => address.startsWith("192.168.2.11/") ? "eth0" : null,
};

/** Checks the texts on the pretended host. */
export function check(texts: Texts, host: Host = {}): CheckedConfiguration {
  const or = (text: string | null | undefined, good: string | null) =>
    text === undefined ? good : text;
  const at = (name: string, text: string | null): TextFile => {
    const path = `/etc/ha.d/${name}`;
    const trouble = host.troubles?.[name];
    return trouble === undefined ? { path, text } : { path, text: null, trouble };
  };
  return checkConfiguration({
    haCf: at("ha.cf", or(texts.haCf, GOOD_HA_CF)),
    haresources: at("haresources", or(texts.haresources, GOOD_HARESOURCES)),
    authkeys: {
      ...at("authkeys", or(texts.authkeys, GOOD_AUTHKEYS)),
      facts: { mode: 0o600, uid: 0, isRegularFile: true, linkTarget: null, ...host.keyFile },
    },
    heartbeatToml: at("heartbeat.toml", or(texts.heartbeatToml, null)),
    nodeinfo: at("nodeinfo", or(texts.nodeinfo, null)),
    uname: host.uname ?? "ha1",
    processUid: host.processUid ?? 0,
    facts: host.facts === "none" ? {} : host.facts ?? FACTS,
  });
}

/** The codes of all diagnostics, in their order. */
export function codesOf(checked: CheckedConfiguration): string[] {
  return checked.diagnostics.map(({ code }) => code);
}
