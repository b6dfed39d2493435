/** Addresses of interfaces as rtnetlink lists them and as it is asked to change them. Pure. */
import { AF_INET, AF_INET6, cString } from "./abi.ts";
import {
  type Attribute,
  attributesOf,
  attributeText,
  attributeUint32,
  type NetlinkMessage,
  type NetlinkRequest,
} from "./netlink_message.ts";

/** Addresses are 4 bytes for IPv4 and 16 for IPv6 everywhere here; the length tells the family. */
export interface InterfaceAddress {
  readonly interfaceIndex: number;
  readonly address: Uint8Array;
  readonly prefixLength: number;
  /** Absent where the subnet has none (IPv6, /31, /32). */
  readonly broadcast?: Uint8Array;
  /** IPv4 only: `eth0:0`; at most 15 characters, and it begins with the interface's name. */
  readonly label?: string;
  /** IPv6 only: nothing that this host opens leaves from it, unless it has no other. */
  readonly deprecated?: boolean;
}

/** An address as the kernel lists it. */
export interface ListedAddress extends InterfaceAddress {
  /** It disappears with the primary address of its subnet, unless `promote_secondaries` is set. */
  readonly secondary: boolean;
}

const NEW_ADDRESS = 20;
const DELETE_ADDRESS = 21;
const GET_ADDRESS = 22;
/** Bytes of `struct ifaddrmsg`. */
const ADDRESS_BYTES = 8;
const IFA = { address: 1, local: 2, label: 3, broadcast: 4, cacheInfo: 6, flags: 8 } as const;
const IFA_F_SECONDARY = 0x01;
const IFA_F_NODAD = 0x02;
const IFA_F_DEPRECATED = 0x20;
/** Bytes of `struct ifa_cacheinfo`; it begins with the preferred and the valid lifetime. */
const CACHE_INFO_BYTES = 16;
const FOR_EVER = 0xffffffff;
/** 127/8 must have the scope of 127.0.0.1, or the kernel says EINVAL. */
const LOOPBACK_NET = 127;
const RT_SCOPE_HOST = 254;

/** `192.168.2.3`, or IPv6 in eight groups. */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  return Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2).toString(16)).join(":");
}

/** AF_INET or AF_INET6. */
export function familyOf(address: Uint8Array): number {
  return address.length === 16 ? AF_INET6 : AF_INET;
}

/** For a dump of all addresses of a family. */
export function addressListRequest(family: 4 | 6): NetlinkRequest {
  const fixed = new Uint8Array(ADDRESS_BYTES);
  fixed[0] = family === 4 ? AF_INET : AF_INET6;
  return { type: GET_ADDRESS, fixed, attributes: [] };
}

/** Adds or deletes an address; an IPv6 one without duplicate address detection. */
export function addressRequest(change: "add" | "delete", wanted: InterfaceAddress): NetlinkRequest {
  const { interfaceIndex, address, prefixLength, broadcast, label, deprecated } = wanted;
  const fixed = new Uint8Array(ADDRESS_BYTES);
  fixed[0] = familyOf(address);
  fixed[1] = prefixLength;
  if (fixed[0] === AF_INET6) fixed[2] = IFA_F_NODAD;
  else if (address[0] === LOOPBACK_NET) fixed[3] = RT_SCOPE_HOST;
  new DataView(fixed.buffer).setUint32(4, interfaceIndex, true);
  const attributes: Attribute[] = [[IFA.local, address], [IFA.address, address]];
  if (broadcast !== undefined) attributes.push([IFA.broadcast, broadcast]);
  if (label !== undefined) attributes.push([IFA.label, cString(label)]);
  if (deprecated === true) {
    const lifetimes = new DataView(new ArrayBuffer(CACHE_INFO_BYTES));
    lifetimes.setUint32(4, FOR_EVER, true);
    attributes.push([IFA.cacheInfo, new Uint8Array(lifetimes.buffer)]);
  }
  return { type: change === "add" ? NEW_ADDRESS : DELETE_ADDRESS, fixed, attributes };
}

/** Undefined for any other message. */
export function listedAddress({ type, data }: NetlinkMessage): ListedAddress | undefined {
  if (type !== NEW_ADDRESS) return undefined;
  const attributes = attributesOf(data, ADDRESS_BYTES);
  const flags = attributes.get(IFA.flags);
  const broadcast = attributes.get(IFA.broadcast);
  const label = attributeText(attributes.get(IFA.label));
  const known = flags === undefined ? data[2] ?? 0 : attributeUint32(flags);
  return {
    interfaceIndex: indexIn(data),
    address: attributes.get(IFA.local) ?? attributes.get(IFA.address) ?? new Uint8Array(4),
    prefixLength: data[1] ?? 0,
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(label === "" ? {} : { label }),
    ...((known & IFA_F_DEPRECATED) === 0 ? {} : { deprecated: true }),
    secondary: (known & IFA_F_SECONDARY) !== 0,
  };
}

/** Number of the interface that got or lost an address; undefined for any other message. */
export function readdressedLink({ type, data }: NetlinkMessage): number | undefined {
  return type === NEW_ADDRESS || type === DELETE_ADDRESS ? indexIn(data) : undefined;
}

function indexIn(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(4, true);
}
