/**
 * Whether an address of haresources would find its place on this host if it were started now, and
 * whether it stands there already. It asks the kernel just as the agents do, and changes nothing.
 */
import { addressText } from "../../core/os/address_message.ts";
import { SystemError } from "../../core/os/errno.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import { findPlace, type NoPlace, type WantedPlace } from "./address_place.ts";
import { specOf } from "./ipaddr_syntax.ts";
import { parseIpv6Spec } from "./ipv6addr.ts";

/**
 * @param agent a name in haresources; all but those of the address agents have no place to find
 * @returns null when it has a place, or when nobody can tell
 */
export function addressWithoutPlace(agent: string, args: readonly string[]): NoPlace | null {
  const wanted = wantedPlace(agent, args);
  if (typeof wanted === "string") return null;
  try {
    using kernel = new Rtnetlink();
    const family = wanted.address.length === 4 ? 4 : 6;
    const here = kernel.addresses(family).map(({ address }) => addressText(address));
    // What is here already is not added again, whatever the routes say.
    if (here.includes(addressText(wanted.address))) return null;
    const found = findPlace(kernel, wanted);
    return "problem" in found ? found : null;
  } catch (error) {
    if (error instanceof SystemError) return null;
    throw error;
  }
}

/** An IPv4 address that is there already, as none that was added beside another one of its subnet. */
export interface PresentAddress {
  readonly ip: string;
  /** That has it. */
  readonly interfaceName: string;
}

/** The address of IPaddr or IPaddr2 where a stop would find and remove it as a primary one, or null. */
export function primaryAddress(agent: string, args: readonly string[]): PresentAddress | null {
  const wanted = wantedPlace(agent, args);
  if (typeof wanted === "string" || wanted.address.length !== 4) return null;
  const { ip, interfaceName } = wanted;
  try {
    using kernel = new Rtnetlink();
    const names = kernel.addresses(4)
      .filter(({ address, secondary }) => !secondary && addressText(address) === ip)
      .map(({ interfaceIndex }) => kernel.link(interfaceIndex).name);
    const name = names.find((one) => interfaceName === undefined || interfaceName === one);
    return name === undefined ? null : { ip, interfaceName: name };
  } catch (error) {
    if (error instanceof SystemError) return null;
    throw error;
  }
}

/** A word when there is nothing to look for; what is wrong with arguments is told elsewhere. */
export function wantedPlace(agent: string, args: readonly string[]): WantedPlace | string {
  switch (agent) {
    case "IPaddr":
    case "IPaddr2":
      return specOf(agent, args);
    case "IPv6addr":
      return parseIpv6Spec(args);
    default:
      return "no address";
  }
}
