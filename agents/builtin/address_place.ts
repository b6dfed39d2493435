/** Where on this host an address belongs, and what to say when it belongs nowhere. */
import { SystemError } from "../../core/os/errno.ts";
import type { NetworkLink } from "../../core/os/link_message.ts";
import type { Rtnetlink } from "../../core/os/rtnetlink.ts";
import { messageOf } from "../../core/os/thrown.ts";
import type { AgentContext } from "../contract.ts";

/** What an argument says about an address; what it leaves out is asked of the routes. */
export interface WantedPlace {
  /** As written. */
  readonly ip: string;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly prefixLength?: number;
  readonly interfaceName?: string;
  /** Where no connected route leads: the interface of the default route, as the original's IPaddr. */
  readonly takesDefaultRoute?: boolean;
}

/** Where an address goes when nothing was left open. */
export interface Place {
  readonly link: NetworkLink;
  readonly prefixLength: number;
}

/** The interface of this name; undefined when there is none. */
export function linkNamed(kernel: Rtnetlink, name: string): NetworkLink | undefined {
  try {
    return kernel.link(name);
  } catch (error) {
    if (isErrno(error, "ENODEV")) return undefined;
    throw error;
  }
}

/** Why an address has no place on this host. */
export interface NoPlace {
  readonly problem: string;
  readonly help: string;
}

/**
 * Interface and prefix, from the argument or from the route that covers the address.
 * @throws {Error} that says why there is none, and which interfaces there are
 */
export function placeFor(kernel: Rtnetlink, wanted: WantedPlace): Place {
  const found = findPlace(kernel, wanted);
  if ("link" in found) return found;
  throw new Error(`cannot add ${wanted.ip}: ${found.problem}; ${found.help}`);
}

/** The same for whoever only wants to know. */
export function findPlace(kernel: Rtnetlink, wanted: WantedPlace): Place | NoPlace {
  const { ip, address, prefixLength, interfaceName, takesDefaultRoute } = wanted;
  if (interfaceName !== undefined && prefixLength !== undefined) {
    const link = linkNamed(kernel, interfaceName);
    if (link !== undefined) return placeOn(link, prefixLength, address);
    return {
      problem: `interface "${interfaceName}" does not exist`,
      help: `this host has ${interfaceNames(kernel)}`,
    };
  }
  const route = kernel.route(address);
  const isDefault = route?.prefixLength === 0;
  if (isDefault && takesDefaultRoute === true && prefixLength !== undefined) {
    return placeOn(kernel.link(route.interfaceIndex), prefixLength, address);
  }
  if (route === undefined || !route.connected || isDefault) {
    const usual = address.length === 4 ? 24 : 64;
    return {
      problem: "no interface covers it: no directly connected route leads there",
      help: `name the interface: ${ip}/${prefixLength ?? usual}/eth0 ` +
        `(this host has ${interfaceNames(kernel)})`,
    };
  }
  return placeOn(kernel.link(route.interfaceIndex), prefixLength ?? route.prefixLength, address);
}

/** The kernel itself would only say EACCES where IPv6 is switched off. */
function placeOn(link: NetworkLink, prefixLength: number, address: Uint8Array): Place | NoPlace {
  // With slashes, which sysctl takes too: a name may have a dot, as eth0.5.
  const setting = `net/ipv6/conf/${link.name}/disable_ipv6`;
  if (address.length === 4 || !isSet(setting)) return { link, prefixLength };
  return {
    problem: `IPv6 is switched off on ${link.name} (${setting}=1)`,
    help: `switch it on: sysctl -w ${setting}=0, and in /etc/sysctl.d for the next boot`,
  };
}

/** No, if it cannot be read. */
function isSet(setting: string): boolean {
  try {
    return Deno.readTextFileSync(`/proc/sys/${setting}`).trim() === "1";
  } catch {
    return false;
  }
}

/**
 * Sets the interface up if it is down: an address on it would be reached by nobody.
 * @throws {Error} when it stays down
 */
export function setUp(
  kernel: Rtnetlink,
  link: NetworkLink,
  { ip }: WantedPlace,
  log: AgentContext["log"],
): void {
  if (link.up) return;
  log("info", `setting interface ${link.name} up, which was down`);
  const action = `add ${ip}: cannot set ${link.name} up`;
  try {
    kernel.setUp(link.index);
  } catch (error) {
    throw explained(error, action);
  }
  if (!kernel.link(link.index).up) throw new Error(`cannot ${action}: it stays down`);
}

function interfaceNames(kernel: Rtnetlink): string {
  return kernel.links().map(({ name }) => name).join(", ");
}

/** Whether the kernel said this, such as `EEXIST`. */
export function isErrno(error: unknown, name: string): boolean {
  return error instanceof SystemError && error.name === name;
}

/** An error that begins with what was to be done, and says which right of root was wanting. */
export function explained(
  error: unknown,
  action: string,
  right: "CAP_NET_ADMIN" | "CAP_NET_RAW" = "CAP_NET_ADMIN",
): Error {
  const cause = messageOf(error);
  const hint = isErrno(error, "EPERM")
    ? `; heartbeat must run as root, with ${right}, which a unit or container may take away`
    : "";
  return new Error(`cannot ${action}: ${cause}${hint}`, { cause: error });
}
