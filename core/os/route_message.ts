/**
 * One IPv4 route as rtnetlink lists it, and the same route with another preferred source. All else
 * that the kernel told (metrics, protocol, next hops …) is handed back as it came. Pure.
 */
import { type Attribute, attributesOf } from "./netlink_message.ts";

export interface ListedRoute {
  /** 0 for a route with several next hops. */
  readonly interfaceIndex: number;
  /** 4 bytes; 0.0.0.0 for a default route. */
  readonly destination: Uint8Array;
  readonly prefixLength: number;
  /** The source address that connections get which do not choose one; absent: the kernel's choice. */
  readonly preferredSource?: Uint8Array;
  /** The message as it came. */
  readonly raw: Uint8Array;
}

/** Bytes of `struct rtmsg`. */
export const ROUTE_BYTES = 12;
const RTA = { destination: 1, outInterface: 4, preferredSource: 7, cacheInfo: 12 } as const;
const TABLE_MAIN = 254;
const RTN_UNICAST = 1;
/** Of the flags only this one is a wish ("the router is on the link"); the others are states. */
const RTNH_F_ONLINK = 4;

/** Undefined for routes outside the main table, and for those that lead to no other host. */
export function listedRoute(data: Uint8Array): ListedRoute | undefined {
  if (data[4] !== TABLE_MAIN || data[7] !== RTN_UNICAST) return undefined;
  const attributes = attributesOf(data, ROUTE_BYTES);
  const device = attributes.get(RTA.outInterface);
  const preferredSource = attributes.get(RTA.preferredSource);
  return {
    interfaceIndex: device === undefined
      ? 0
      : new DataView(device.buffer, device.byteOffset).getUint32(0, true),
    destination: attributes.get(RTA.destination) ?? new Uint8Array(4),
    prefixLength: data[1] ?? 0,
    ...(preferredSource === undefined ? {} : { preferredSource }),
    raw: data,
  };
}

/** Fixed part and attributes of a request that gives `route` this source, or none. */
export function withPreferredSource(
  route: ListedRoute,
  source: Uint8Array | undefined,
): { fixed: Uint8Array; attributes: Attribute[] } {
  const fixed = route.raw.slice(0, ROUTE_BYTES);
  const view = new DataView(fixed.buffer);
  view.setUint32(8, view.getUint32(8, true) & RTNH_F_ONLINK, true);
  const attributes: Attribute[] = [...attributesOf(route.raw, ROUTE_BYTES)]
    .filter(([type]) => type !== RTA.preferredSource && type !== RTA.cacheInfo);
  if (source !== undefined) attributes.push([RTA.preferredSource, source]);
  return { fixed, attributes };
}
