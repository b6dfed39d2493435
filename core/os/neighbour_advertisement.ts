/**
 * The frame that tells all IPv6 hosts of an Ethernet where an address now lives (RFC 4861 §7.2.6):
 * an unsolicited neighbour advertisement with the Override flag, from the address itself to all
 * nodes, hop limit 255. Built whole, checksum included, so that it goes out through the same packet
 * socket as ARP. Pure.
 */
import { ETH_P_IPV6 } from "./abi.ts";

const ETHERNET_BYTES = 14;
const IPV6_BYTES = 40;
/** Advertisement with one option, the target's hardware address. */
const ICMP_BYTES = 32;
const NEXT_HEADER_ICMPV6 = 58;
const HOP_LIMIT = 255;
const NEIGHBOUR_ADVERTISEMENT = 136;
const OVERRIDE = 0x20;
const TARGET_HARDWARE_ADDRESS = 2;
/** Option lengths count in units of eight bytes. */
const OPTION_UNITS = 1;

/** Destination of the frame: the multicast group of all nodes. */
export const ALL_NODES_HARDWARE: readonly number[] = [0x33, 0x33, 0, 0, 0, 1];
const ALL_NODES = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/**
 * One frame.
 * @param hardwareAddress 6 bytes
 * @param address 16 bytes
 */
export function neighbourAdvertisementFrame(
  hardwareAddress: Uint8Array,
  address: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(ETHERNET_BYTES + IPV6_BYTES + ICMP_BYTES);
  const view = new DataView(frame.buffer);
  frame.set(ALL_NODES_HARDWARE, 0);
  frame.set(hardwareAddress, 6);
  view.setUint16(12, ETH_P_IPV6);

  const ip = ETHERNET_BYTES;
  frame[ip] = 6 << 4;
  view.setUint16(ip + 4, ICMP_BYTES);
  frame[ip + 6] = NEXT_HEADER_ICMPV6;
  frame[ip + 7] = HOP_LIMIT;
  frame.set(address, ip + 8);
  frame.set(ALL_NODES, ip + 24);

  const icmp = ip + IPV6_BYTES;
  frame[icmp] = NEIGHBOUR_ADVERTISEMENT;
  frame[icmp + 4] = OVERRIDE;
  frame.set(address, icmp + 8);
  frame[icmp + 24] = TARGET_HARDWARE_ADDRESS;
  frame[icmp + 25] = OPTION_UNITS;
  frame.set(hardwareAddress, icmp + 26);
  view.setUint16(icmp + 2, checksum(view));
  return frame;
}

/** Over both addresses, length and next header (the pseudo-header), and the message. */
function checksum(view: DataView): number {
  let sum = ICMP_BYTES + NEXT_HEADER_ICMPV6;
  for (let at = ETHERNET_BYTES + 8; at < view.byteLength; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
