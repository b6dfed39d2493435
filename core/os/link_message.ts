/** Interfaces as rtnetlink lists them and as it is asked for them. Pure. */
import { cString, IFF_UP } from "./abi.ts";
import {
  attributesIn,
  attributesOf,
  attributeText,
  type NetlinkMessage,
  type NetlinkRequest,
} from "./netlink_message.ts";

export interface NetworkLink {
  readonly index: number;
  readonly name: string;
  /** Its other names (`ip link property add … altname`), which the kernel takes as well. */
  readonly altNames: readonly string[];
  /** Administratively up (`ip link set … up`). */
  readonly up: boolean;
  /** Up and with carrier: packets can leave. */
  readonly running: boolean;
  /** Ethernet, not loopback, and ARP is not switched off: neighbours can be told something. */
  readonly speaksArp: boolean;
  readonly hardwareAddress: Uint8Array;
}

const NEW_LINK = 16;
const DELETE_LINK = 17;
const GET_LINK = 18;
/** Bytes of `struct ifinfomsg`. */
const LINK_BYTES = 16;
const IFLA = { address: 1, name: 3, properties: 52, altName: 53 } as const;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFF_NOARP = 0x80;
const ARPHRD_ETHER = 1;
/** Set in the number of an attribute that holds others. */
const NESTED = 0x8000;

/** For a dump of all interfaces, or for one of them by name or number. */
export function linkRequest(which?: string | number): NetlinkRequest {
  const fixed = new Uint8Array(LINK_BYTES);
  if (typeof which === "number") new DataView(fixed.buffer).setInt32(4, which, true);
  const byName = typeof which === "string";
  return { type: GET_LINK, fixed, attributes: byName ? [[IFLA.name, cString(which)]] : [] };
}

/** Sets the interface up and changes nothing else of it. */
export function setUpRequest(index: number): NetlinkRequest {
  const fixed = new Uint8Array(LINK_BYTES);
  const view = new DataView(fixed.buffer);
  view.setInt32(4, index, true);
  view.setUint32(8, IFF_UP, true);
  view.setUint32(12, IFF_UP, true);
  return { type: NEW_LINK, fixed, attributes: [] };
}

/** Undefined for any other message. */
export function networkLink({ type, data }: NetlinkMessage): NetworkLink | undefined {
  if (type !== NEW_LINK) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const flags = view.getUint32(8, true);
  const attributes = attributesOf(data, LINK_BYTES);
  const ethernet = view.getUint16(2, true) === ARPHRD_ETHER;
  return {
    index: view.getInt32(4, true),
    name: attributeText(attributes.get(IFLA.name)),
    altNames: altNamesIn(attributes),
    up: (flags & IFF_UP) !== 0,
    running: (flags & (IFF_UP | IFF_RUNNING)) === (IFF_UP | IFF_RUNNING),
    speaksArp: ethernet && (flags & (IFF_LOOPBACK | IFF_NOARP)) === 0,
    hardwareAddress: attributes.get(IFLA.address) ?? new Uint8Array(0),
  };
}

/** All names of the interface that came, changed or went; undefined for any other message. */
export function changedLink({ type, data }: NetlinkMessage): readonly string[] | undefined {
  if (type !== NEW_LINK && type !== DELETE_LINK) return undefined;
  const attributes = attributesOf(data, LINK_BYTES);
  return [attributeText(attributes.get(IFLA.name)), ...altNamesIn(attributes)];
}

function altNamesIn(attributes: ReadonlyMap<number, Uint8Array>): string[] {
  const properties = attributes.get(IFLA.properties | NESTED) ?? attributes.get(IFLA.properties);
  if (properties === undefined) return [];
  return [...attributesIn(properties, 0)]
    .flatMap(([type, value]) => type === IFLA.altName ? attributeText(value) : []);
}
