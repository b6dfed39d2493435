/**
 * Tells the neighbours on an Ethernet where an IPv4 address now lives, so that they forget the old
 * owner's hardware address at once instead of after minutes. Both forms are needed, because some
 * devices learn only from requests and some only from replies. Layout as an original node sends it
 * (golden/arp.jsonl): sender and target address are the announced one, broadcast on the wire.
 */
import { check } from "./errno.ts";
import { libc } from "./libc.ts";

/** ARP operation codes. */
export type ArpOperation = 1 | 2;

const AF_PACKET = 17;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const ETH_P_ARP = 0x0806;
const FRAME_BYTES = 42;
const MSG_DONTWAIT = 0x40;
const SOCKADDR_LL_BYTES = 20;
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
  socket ??= check("packet socket", libc.socket(AF_PACKET, SOCK_RAW_CLOEXEC, 0));
  return socket;
}

/**
 * Sends one request and one reply that announce `address`; does not wait.
 * @throws SystemError `ENETDOWN` when the interface is down, `ENXIO` or `ENODEV` when it is gone,
 *   `EPERM`
 */
export function announceAddress(
  interfaceIndex: number,
  hardwareAddress: Uint8Array,
  address: Uint8Array,
): void {
  const target = new Uint8Array(SOCKADDR_LL_BYTES);
  const view = new DataView(target.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ETH_P_ARP);
  view.setInt32(4, interfaceIndex, true);
  target[11] = BROADCAST.length;
  target.set(BROADCAST, 12);
  for (const operation of [1, 2] as const) {
    const frame = arpFrame(operation, hardwareAddress, address);
    const call = `announce ${address.join(".")} on interface ${interfaceIndex}`;
    const sent = libc.sendto(
      packetSocket(),
      frame,
      FRAME_BYTES,
      MSG_DONTWAIT,
      target,
      SOCKADDR_LL_BYTES,
    );
    check(call, sent);
  }
}
