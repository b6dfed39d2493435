/**
 * Tells the neighbours on an Ethernet where an address now lives, so that they forget the old
 * owner's hardware address at once instead of after minutes. For IPv4 both forms of ARP are needed,
 * because some devices learn only from requests and some only from replies; layout as an original
 * node sends it (golden/arp.jsonl): sender and target address are the announced one, broadcast on
 * the wire. IPv6 has its own frame (`neighbour_advertisement.ts`).
 */
import { AF_PACKET, ETH_P_IPV6, SOCK_RAW } from "./abi.ts";
import { addressText } from "./address_message.ts";
import { SystemError } from "./errno.ts";
import { ALL_NODES_HARDWARE, neighbourAdvertisementFrame } from "./neighbour_advertisement.ts";
import { type Bytes, openSocket, sendTo, sockaddrLl } from "./socket.ts";

/** ARP operation codes. */
export type ArpOperation = 1 | 2;

const ETH_P_ARP = 0x0806;
const FRAME_BYTES = 42;
const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/**
 * One gratuitous ARP frame.
 * @param operation 1: request, target hardware address zero; 2: reply, target hardware address own
 * @param hardwareAddress 6 bytes
 * @param address 4 bytes
 */
export function arpFrame(
  operation: ArpOperation,
  hardwareAddress: Uint8Array,
  address: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(FRAME_BYTES);
  const view = new DataView(frame.buffer);
  frame.set(BROADCAST, 0);
  frame.set(hardwareAddress, 6);
  view.setUint16(12, ETH_P_ARP);
  view.setUint16(14, 1); // hardware: Ethernet
  view.setUint16(16, 0x0800); // protocol: IPv4
  frame[18] = 6;
  frame[19] = 4;
  view.setUint16(20, operation);
  frame.set(hardwareAddress, 22);
  frame.set(address, 28);
  if (operation === 2) frame.set(hardwareAddress, 32);
  frame.set(address, 38);
  return frame;
}

let socket: number | undefined;

/**
 * The socket is opened once and kept: closing a packet socket waits for all CPUs (RCU), which
 * would stall the beat by milliseconds. It listens to nothing (protocol 0).
 */
function packetSocket(): number {
  socket ??= openSocket(AF_PACKET, SOCK_RAW, "packet socket");
  return socket;
}

/**
 * Announces `address`; does not wait. IPv4: one ARP request and one reply; IPv6: one neighbour
 * advertisement.
 * @param hardwareAddress 6 bytes
 * @param address 4 or 16 bytes
 * @throws SystemError `ENETDOWN` when the interface is down, `ENXIO` or `ENODEV` when it is gone,
 *   `EPERM`
 */
export function announceAddress(
  interfaceIndex: number,
  hardwareAddress: Uint8Array,
  address: Uint8Array,
): void {
  const call = `announce ${addressText(address)} on interface ${interfaceIndex}`;
  if (address.length === 4) {
    const target = sockaddrLl(interfaceIndex, ETH_P_ARP, Uint8Array.from(BROADCAST));
    sendFrame(call, arpFrame(1, hardwareAddress, address), target);
    sendFrame(call, arpFrame(2, hardwareAddress, address), target);
  } else {
    const target = sockaddrLl(interfaceIndex, ETH_P_IPV6, Uint8Array.from(ALL_NODES_HARDWARE));
    sendFrame(call, neighbourAdvertisementFrame(hardwareAddress, address), target);
  }
}

function sendFrame(call: string, frame: Bytes, target: Bytes): void {
  const sent = sendTo(packetSocket(), frame, target);
  if (sent < 0) throw new SystemError(call, -sent);
}
