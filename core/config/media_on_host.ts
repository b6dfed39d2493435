/**
 * The media against this host: interfaces and devices that are not there, ports that others have,
 * and lines that lead back to this host. What is missing may come later, so the daemon starts on
 * what is left, and with nothing left it starts deaf and takes nothing: either is said, neither
 * refuses the start.
 */

import { isIP } from "node:net";
import { quote, type Report } from "./diagnostics.ts";
import type { HostFacts, PortHolder } from "./host_facts.ts";
import type { MediumEntry } from "./media.ts";
import { nearestName } from "./nearest.ts";
import type { Nodes } from "./nodes.ts";

/** Why a medium cannot be opened now. */
interface Trouble {
  readonly code: "HB142" | "HB200";
  readonly title: string;
  readonly caretNote: string;
  readonly help: string;
}

const OTHERS_WORK = "heartbeat starts on its other media and opens this one when it can";
const NONE_WORKS = "no other medium can be opened: heartbeat would start deaf and take nothing";

export function checkMediaOnHost(
  entries: readonly MediumEntry[],
  nodes: Nodes,
  facts: HostFacts,
  report: Report,
): void {
  checkUsable(entries, facts, report);
  checkOwnAddress(entries, nodes, facts, report);
}

function checkUsable(entries: readonly MediumEntry[], facts: HostFacts, report: Report): void {
  const troubles = entries.map((entry) => ({ entry, trouble: troubleOf(entry, facts) }));
  const deaf = troubles.every(({ trouble }) => trouble !== null);
  for (const { entry: { span }, trouble } of troubles) {
    if (trouble === null) continue;
    const { code, ...words } = trouble;
    const help = `${words.help}; ${deaf ? NONE_WORKS : OTHERS_WORK}`;
    if (deaf) report.standstill(code, span, { ...words, help });
    else report.warning(code, span, { ...words, help });
  }
}

function troubleOf({ config }: MediumEntry, facts: HostFacts): Trouble | null {
  if (config.kind === "serial") return serialTrouble(config.device, facts);
  const missing = interfaceTrouble(config.interface, facts);
  if (missing !== null) return missing;
  const holder = facts.portHolder?.(config) ?? null;
  if (holder === null) return null;
  const who = nameOf(holder);
  const other = config.kind === "mcast" || config.kind === "mcast6"
    ? "another port in this line"
    : 'another "udpport" above this line';
  return {
    code: "HB200",
    title: `Cannot hear on UDP port ${config.port} of ${config.interface}: ${who} has it`,
    caretNote: "the port is taken",
    help: `stop ${holder.program === null ? "that program" : quote(holder.program)}, or write ` +
      `${other} on all nodes`,
  };
}

function nameOf({ program, pid }: PortHolder): string {
  if (program === null) return "another program";
  return `${quote(program)}${pid === null ? "" : ` (pid ${pid})`}`;
}

function interfaceTrouble(name: string, { interfaces }: HostFacts): Trouble | null {
  const present = interfaces?.();
  if (present === undefined || present.includes(name)) return null;
  const near = nearestName(name, present);
  return {
    code: "HB142",
    title: `Cannot find the interface ${quote(name)} on this host`,
    caretNote: near === null ? "no such interface" : `did you mean "${near}"?`,
    help: `${near === null ? "" : `write "${near}"; `}this host has ${
      present.join(", ") || "no interface"
    }`,
  };
}

function serialTrouble(device: string, facts: HostFacts): Trouble | null {
  if (facts.device?.(device) !== null) return null;
  return {
    code: "HB142",
    title: `Cannot use ${quote(device)} as serial line`,
    caretNote: "does not exist on this host",
    help: 'name the device of the serial port, for example "serial /dev/ttyS0"',
  };
}

/**
 * A file that is the same on both hosts has a line for each of them, one of which leads to the host
 * itself. Where that is the only one, the peer hears nothing. On loopback nobody means the peer.
 */
function checkOwnAddress(
  entries: readonly MediumEntry[],
  nodes: Nodes,
  facts: HostFacts,
  report: Report,
): void {
  const own = facts.ownAddresses?.();
  if (own === undefined) return;
  const meant = entries.filter(({ config }) =>
    config.kind === "serial" || config.interface !== "lo"
  );
  const leadsHome = ({ config }: MediumEntry) => {
    if (config.kind !== "ucast" && config.kind !== "ucast6") return false;
    const { host } = config;
    if (host.toLowerCase() === nodes.self) return true;
    const addresses = isIP(host) === 0 ? facts.addressesOf?.(host) ?? [] : [host];
    return addresses.some((address) => own.includes(address));
  };
  const home = meant.filter(leadsHome);
  const isUcast = ({ config: { kind } }: MediumEntry) => kind === "ucast" || kind === "ucast6";
  if (home.length === 0 || home.length < meant.filter(isUcast).length) return;
  const alone = home.length === meant.length;
  for (const { config, span } of home) {
    if (config.kind !== "ucast" && config.kind !== "ucast6") continue;
    const peer = nodes.names.filter((name) => name !== nodes.self).join(" or ") || "the peer";
    const words = {
      title: `Cannot reach ${peer} by this line: ${quote(config.host)} is this host itself`,
      caretNote: alone
        ? "no medium leads elsewhere: the peer would hear nothing and take everything over"
        : "the peer hears nothing of this host on this medium",
      help: `add the line "${config.kind} ${config.interface} ADDRESS", with the address that ` +
        `${peer} has there`,
    };
    if (alone) report.standstill("HB149", span, words);
    else report.warning("HB149", span, words);
  }
}
