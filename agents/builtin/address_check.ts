/**
 * Whether an address of haresources would find its place on this host if it were started now. It
 * asks the kernel just as the agents do when they start, and changes nothing.
 */
import { addressText } from "../../core/os/address_message.ts";
import { SystemError } from "../../core/os/errno.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import { findPlace, type NoPlace, type WantedPlace } from "./address_place.ts";
import { parseAddressSpec } from "./ipaddr_syntax.ts";
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

/** A word when there is nothing to look for; what is wrong with arguments is told elsewhere. */
function wantedPlace(agent: string, args: readonly string[]): WantedPlace | string {
  switch (agent) {
    case "IPaddr":
    case "IPaddr2":
      return parseAddressSpec(args[0] ?? "");
    case "IPv6addr":
      return parseIpv6Spec(args);
    default:
      return "no address";
  }
}
