/**
 * Routes as rtnetlink lists and finds them, and the same route with another preferred source. All
 * else that the kernel told (metrics, protocol, next hops …) is handed back as it came. Pure.
 */
import { AF_INET } from "./abi.ts";
import { familyOf } from "./address_message.ts";
import {
  type Attribute,
  attributesOf,
  attributeUint32,
  type NetlinkMessage,
  type NetlinkRequest,
} from "./netlink_message.ts";

/** Where the kernel would send a packet, and which route says so. */
export interface Route {
  readonly interfaceIndex: number;
  /** Of the route that matched; 0 for a default route. */
  readonly prefixLength: number;
  /** The target stands on the interface's own subnet, no router in between. */
  readonly connected: boolean;
}

/** An IPv4 route of the main table to other hosts. */
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

const NEW_ROUTE = 24;
const GET_ROUTE = 26;
/** Bytes of `struct rtmsg`. */
const ROUTE_BYTES = 12;
const RTA = {
  destination: 1,
  outInterface: 4,
  gateway: 5,
  preferredSource: 7,
  cacheInfo: 12,
  via: 18,
} as const;
/** Answer with the route that matched, not with a copy made for this one target. */
const RTM_F_FIB_MATCH = 0x2000;
const TABLE_MAIN = 254;
const RTN_UNICAST = 1;
/** Of the flags only this one is a wish ("the router is on the link"); the others are states. */
const RTNH_F_ONLINK = 4;

/** For a dump of all IPv4 routes. */
export function routeListRequest(): NetlinkRequest {
  const fixed = new Uint8Array(ROUTE_BYTES);
  fixed[0] = AF_INET;
  return { type: GET_ROUTE, fixed, attributes: [] };
}

/** For the route that a packet to `target` would take. */
export function routeRequest(target: Uint8Array): NetlinkRequest {
  const fixed = new Uint8Array(ROUTE_BYTES);
  fixed[0] = familyOf(target);
  fixed[1] = target.length * 8;
  new DataView(fixed.buffer).setUint32(8, RTM_F_FIB_MATCH, true);
  return { type: GET_ROUTE, fixed, attributes: [[RTA.destination, target]] };
}

/** Undefined for any other message, and for what is no route to another host. */
export function foundRoute({ type, data }: NetlinkMessage): Route | undefined {
  if (type !== NEW_ROUTE || data[7] !== RTN_UNICAST) return undefined;
  const attributes = attributesOf(data, ROUTE_BYTES);
  const interfaceIndex = attributeUint32(attributes.get(RTA.outInterface));
  if (interfaceIndex === 0) return undefined;
  return {
    interfaceIndex,
    prefixLength: data[1] ?? 0,
    connected: !attributes.has(RTA.gateway) && !attributes.has(RTA.via),
  };
}

/**
 * Undefined for any other message, for routes outside the main table, and for those that lead to no
 * other host.
 */
export function listedRoute({ type, data }: NetlinkMessage): ListedRoute | undefined {
  if (type !== NEW_ROUTE || data[4] !== TABLE_MAIN || data[7] !== RTN_UNICAST) return undefined;
  const attributes = attributesOf(data, ROUTE_BYTES);
  const preferredSource = attributes.get(RTA.preferredSource);
  return {
    interfaceIndex: attributeUint32(attributes.get(RTA.outInterface)),
    destination: attributes.get(RTA.destination) ?? new Uint8Array(4),
    prefixLength: data[1] ?? 0,
    ...(preferredSource === undefined ? {} : { preferredSource }),
    raw: data,
  };
}

/** Gives `route` this source, or none. */
export function sourceRequest(route: ListedRoute, source: Uint8Array | undefined): NetlinkRequest {
  const fixed = route.raw.slice(0, ROUTE_BYTES);
  const view = new DataView(fixed.buffer);
  view.setUint32(8, view.getUint32(8, true) & RTNH_F_ONLINK, true);
  const attributes: Attribute[] = [...attributesOf(route.raw, ROUTE_BYTES)]
    .filter(([type]) => type !== RTA.preferredSource && type !== RTA.cacheInfo);
  if (source !== undefined) attributes.push([RTA.preferredSource, source]);
  return { type: NEW_ROUTE, fixed, attributes };
}
