/**
 * The table of the agents that heartbeat brings along, and of the classic names that it leaves to
 * the distribution's own scripts.
 */
import { delayAgent } from "./builtin/delay.ts";
import { drbddiskAgent } from "./builtin/drbddisk.ts";
import { filesystemAgent } from "./builtin/filesystem.ts";
import { ipaddrAgent } from "./builtin/ipaddr.ts";
import { ipsrcaddr } from "./builtin/ipsrcaddr.ts";
import { ipv6addr } from "./builtin/ipv6addr.ts";
import { mailToAgent } from "./builtin/mail_to.ts";
import { portblockAgent } from "./builtin/portblock.ts";
import { sendArpAgent } from "./builtin/send_arp.ts";
import type { Agent } from "./contract.ts";
import type { AgentHost } from "./host.ts";
import { ocfWrapper } from "./ocf/wrapper.ts";

const TABLE: Readonly<Record<string, (host: AgentHost) => Agent>> = {
  Delay: delayAgent,
  drbddisk: drbddiskAgent,
  Filesystem: filesystemAgent,
  IPaddr: () => ipaddrAgent("IPaddr"),
  IPaddr2: () => ipaddrAgent("IPaddr2"),
  IPsrcaddr: () => ipsrcaddr,
  IPv6addr: () => ipv6addr,
  MailTo: mailToAgent,
  OCF: ocfWrapper,
  portblock: portblockAgent,
  SendArp: sendArpAgent,
};

/**
 * Classic agents of the original that live on as OCF agents, their classic arguments being the
 * first parameters of the OCF agent. Running those is better than writing them anew.
 */
const CLASSIC_OCF_NAMES = new Set(
  "AudibleAlarm apache db2 ICP ids LinuxSCSI LVM Raid1 ServeRAID WAS WAS6 WinPopup Xinetd"
    .split(" "),
);

/** Names of all built-in agents, for lists. */
export const BUILT_IN_NAMES: readonly string[] = Object.keys(TABLE);

/** The built-in agent of this name on this host. */
export function builtInAgent(name: string, host: AgentHost): Agent | undefined {
  return Object.hasOwn(TABLE, name) ? TABLE[name]?.(host) : undefined;
}

/** Whether the name is looked up among the OCF agents before the init scripts. */
export function isClassicOcfName(name: string): boolean {
  return CLASSIC_OCF_NAMES.has(name);
}
