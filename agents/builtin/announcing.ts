/**
 * Telling the neighbours where an address is: once at once, then some more times in the background,
 * because a frame may be lost while a switch still learns. Nobody waits for it.
 */
import { addressText } from "../../core/os/address_message.ts";
import { announceAddress } from "../../core/os/announce.ts";
import type { NetworkLink } from "../../core/os/link_message.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import type { AgentContext } from "../contract.ts";
import { explained } from "./address_place.ts";

/** The first announcement goes out with the call; these follow in the background. */
const REPEATED_ANNOUNCEMENTS = 5;
const ANNOUNCEMENT_INTERVAL_MS = 200;

/**
 * Sends ARP or, for 16 bytes, neighbour advertisements.
 * @param link as it is now; its hardware address may change before a repetition, as a bond's does
 * @param stillTrue asked before each repetition; false ends them
 */
export function announceRepeatedly(
  context: AgentContext,
  address: Uint8Array,
  link: NetworkLink,
  stillTrue: () => boolean,
): void {
  const send = (current: () => NetworkLink) => {
    try {
      announceAddress(link.index, current().hardwareAddress, address);
    } catch (error) {
      const action = `announce ${addressText(address)} on ${link.name}`;
      context.log("warn", explained(error, action, "CAP_NET_RAW").message);
    }
  };
  send(() => link);
  let left = REPEATED_ANNOUNCEMENTS;
  const timer = setInterval(() => {
    if (left-- > 0 && stillTrue()) send(() => linkNow(link.index));
    else clearInterval(timer);
  }, ANNOUNCEMENT_INTERVAL_MS);
  Deno.unrefTimer(timer);
}

function linkNow(index: number): NetworkLink {
  using kernel = new Rtnetlink();
  return kernel.link(index);
}

/** Whether the interface has the address now; no, if that cannot be asked. */
export function hasAddress(address: Uint8Array, interfaceIndex: number): boolean {
  const wanted = addressText(address);
  try {
    using kernel = new Rtnetlink();
    return kernel.addresses(address.length === 4 ? 4 : 6).some((listed) =>
      listed.interfaceIndex === interfaceIndex && addressText(listed.address) === wanted
    );
  } catch {
    return false; // who cannot ask does not claim
  }
}
