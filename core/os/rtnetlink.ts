/**
 * Addresses, interfaces and routes of this host, asked of the kernel and changed in it directly:
 * some 30 µs an operation, where starting `ip` takes 2 ms. The kernel answers while the request is
 * being sent, so every method returns with the answer in hand and none waits on the network.
 * It decides nothing: whether EEXIST is a success is for its caller to say.
 */
import { check, errnoNumber, lastErrno, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";
import {
  type Attribute,
  attributesOf,
  attributeText,
  decodeMessages,
  encodeMessage,
  type NetlinkMessage,
  zeroTerminated,
} from "./netlink_message.ts";
import {
  type ListedRoute,
  listedRoute,
  ROUTE_BYTES,
  withPreferredSource,
} from "./route_message.ts";

/** Addresses are 4 bytes for IPv4 and 16 for IPv6 everywhere here; the length tells the family. */
export interface InterfaceAddress {
  readonly interfaceIndex: number;
  readonly address: Uint8Array;
  readonly prefixLength: number;
  /** Absent where the subnet has none (IPv6, /31, /32). */
  readonly broadcast?: Uint8Array;
  /** IPv4 only: `eth0:0`; at most 15 characters, and it begins with the interface's name. */
  readonly label?: string;
}

/** An address as the kernel lists it. */
export interface ListedAddress extends InterfaceAddress {
  /** It disappears with the primary address of its subnet, unless `promote_secondaries` is set. */
  readonly secondary: boolean;
}

export interface NetworkLink {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  /** Ethernet, not loopback, and ARP is not switched off: neighbours can be told something. */
  readonly speaksArp: boolean;
  readonly hardwareAddress: Uint8Array;
}

/** Where the kernel would send a packet, and which route says so. */
export interface Route {
  readonly interfaceIndex: number;
  /** Of the route that matched; 0 for a default route. */
  readonly prefixLength: number;
  /** The target stands on the interface's own subnet, no router in between. */
  readonly connected: boolean;
}

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_ROUTE = 0;
const MSG_DONTWAIT = 0x40;

const REQUEST = 0x01;
const ACK = 0x04;
const DUMP_INTERRUPTED = 0x10;
const DUMP = 0x300;
const REPLACE = 0x100;
const CREATE_EXCLUSIVE = 0x600;

const ERROR = 2;
const DONE = 3;
const NEW_LINK = 16;
const GET_LINK = 18;
const NEW_ADDRESS = 20;
const DELETE_ADDRESS = 21;
const GET_ADDRESS = 22;
const NEW_ROUTE = 24;
const GET_ROUTE = 26;

const IFA = { address: 1, local: 2, label: 3, broadcast: 4, flags: 8 } as const;
const IFA_F_SECONDARY = 0x01;
const IFA_F_NODAD = 0x02;
const IFLA = { address: 1, name: 3 } as const;
const RTA = { destination: 1, outInterface: 4, gateway: 5, via: 18 } as const;
const RTN_UNICAST = 1;
/** 127/8 must have the scope of 127.0.0.1, or the kernel says EINVAL. */
const LOOPBACK_NET = 127;
const RT_SCOPE_HOST = 254;
/** Answer with the route that matched, not with a copy made for this one target. */
const RTM_F_FIB_MATCH = 0x2000;

/** What the kernel says when nothing leads to a target. */
const NO_ROUTE = new Set(["ENETUNREACH", "EHOSTUNREACH", "ESRCH"]);

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_NOARP = 0x80;
const ARPHRD_ETHER = 1;

const LINK_BYTES = 16;
const ADDRESS_BYTES = 8;

const RECEIVE_BYTES = 65536;
/** A list that changed while it was read is read again, this many times at most. */
const MAX_DUMP_ATTEMPTS = 5;
/** Datagrams of one answer; 64 KiB each hold some 800 addresses. */
const MAX_ANSWER_DATAGRAMS = 1024;

function familyOf(address: Uint8Array): number {
  return address.length === 16 ? AF_INET6 : AF_INET;
}

/** `192.168.2.3`, or IPv6 in eight groups. */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  return Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2).toString(16)).join(":");
}

function readUint32(value: Uint8Array | undefined): number {
  if (value === undefined || value.length < 4) return 0;
  return new DataView(value.buffer, value.byteOffset).getUint32(0, true);
}

/** One netlink socket. Use with `using`, or end with `close()`. */
export class Rtnetlink implements Disposable {
  readonly #fd: number;
  readonly #received = new Uint8Array(RECEIVE_BYTES);
  #sequence = 0;

  /** @throws SystemError when no netlink socket can be had */
  constructor() {
    this.#fd = check("netlink socket", libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE));
  }

  close(): void {
    libc.close(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Adds an address; an IPv6 one is usable at once (no duplicate address detection).
   * @throws SystemError `EEXIST` when the interface has it already, `EPERM`, `ENODEV` …
   */
  addAddress(wanted: InterfaceAddress): void {
    this.#change(`add address ${addressText(wanted.address)}`, NEW_ADDRESS, wanted);
  }

  /**
   * Removes the address with exactly this prefix length from the interface.
   * @throws SystemError `EADDRNOTAVAIL` when it is not there, `EPERM` …
   */
  deleteAddress(unwanted: InterfaceAddress): void {
    const { interfaceIndex, address, prefixLength } = unwanted;
    const exact = { interfaceIndex, address, prefixLength };
    this.#change(`delete address ${addressText(address)}`, DELETE_ADDRESS, exact);
  }

  /** All addresses of one family on all interfaces. @throws SystemError */
  addresses(family: 4 | 6): ListedAddress[] {
    const fixed = new Uint8Array(ADDRESS_BYTES);
    fixed[0] = family === 4 ? AF_INET : AF_INET6;
    return this.#dump("list addresses", GET_ADDRESS, fixed)
      .filter(({ type }) => type === NEW_ADDRESS)
      .map(({ data }) => listedAddress(data));
  }

  /** All interfaces. @throws SystemError */
  links(): NetworkLink[] {
    return this.#dump("list interfaces", GET_LINK, new Uint8Array(LINK_BYTES))
      .filter(({ type }) => type === NEW_LINK)
      .map(({ data }) => networkLink(data));
  }

  /**
   * One interface, by name or by number.
   * @throws SystemError `ENODEV` when there is none
   */
  link(which: string | number): NetworkLink {
    const call = `look up interface ${which}`;
    const fixed = new Uint8Array(LINK_BYTES);
    const attributes: Attribute[] = [];
    if (typeof which === "number") new DataView(fixed.buffer).setInt32(4, which, true);
    else attributes.push([IFLA.name, zeroTerminated(which)]);
    const answers = this.#ask(call, GET_LINK, REQUEST, fixed, attributes);
    const answer = answers.find(({ type }) => type === NEW_LINK);
    if (answer === undefined) throw new SystemError(call, errnoNumber("ENODEV"));
    return networkLink(answer.data);
  }

  /**
   * The route that a packet to `target` would take; undefined when nothing leads there, or when
   * what leads there is no route to another host (the target is this host's own, or forbidden).
   * @throws SystemError for anything but "no route"
   */
  route(target: Uint8Array): Route | undefined {
    const fixed = new Uint8Array(ROUTE_BYTES);
    fixed[0] = familyOf(target);
    fixed[1] = target.length * 8;
    new DataView(fixed.buffer).setUint32(8, RTM_F_FIB_MATCH, true);
    const call = `look up the route to ${addressText(target)}`;
    let answers: NetlinkMessage[];
    try {
      answers = this.#ask(call, GET_ROUTE, REQUEST, fixed, [[RTA.destination, target]]);
    } catch (error) {
      if (error instanceof SystemError && NO_ROUTE.has(error.name)) return undefined;
      throw error;
    }
    const answer = answers.find(({ type }) => type === NEW_ROUTE);
    if (answer === undefined || answer.data[7] !== RTN_UNICAST) return undefined;
    const attributes = attributesOf(answer.data, ROUTE_BYTES);
    const interfaceIndex = readUint32(attributes.get(RTA.outInterface));
    if (interfaceIndex === 0) return undefined;
    return {
      interfaceIndex,
      prefixLength: answer.data[1] ?? 0,
      connected: !attributes.has(RTA.gateway) && !attributes.has(RTA.via),
    };
  }

  /** The IPv4 routes of the main table to other hosts. @throws SystemError */
  routes(): ListedRoute[] {
    const fixed = new Uint8Array(ROUTE_BYTES);
    fixed[0] = AF_INET;
    return this.#dump("list routes", GET_ROUTE, fixed)
      .filter(({ type }) => type === NEW_ROUTE)
      .flatMap(({ data }) => listedRoute(data) ?? []);
  }

  /**
   * Gives a route this preferred source address; undefined leaves the choice to the kernel.
   * @throws SystemError `EINVAL` when this host does not have the address, `ENOENT` when the route
   *   is gone, `EPERM`
   */
  setPreferredSource(route: ListedRoute, source: Uint8Array | undefined): void {
    const call = `change route ${addressText(route.destination)}/${route.prefixLength}`;
    const { fixed, attributes } = withPreferredSource(route, source);
    this.#ask(call, NEW_ROUTE, REQUEST | ACK | REPLACE, fixed, attributes);
  }

  #change(call: string, type: number, address: InterfaceAddress): void {
    const family = familyOf(address.address);
    const fixed = new Uint8Array(ADDRESS_BYTES);
    fixed[0] = family;
    fixed[1] = address.prefixLength;
    if (family === AF_INET6) fixed[2] = IFA_F_NODAD;
    else if (address.address[0] === LOOPBACK_NET) fixed[3] = RT_SCOPE_HOST;
    new DataView(fixed.buffer).setUint32(4, address.interfaceIndex, true);
    const attributes: Attribute[] = [
      [IFA.local, address.address],
      [IFA.address, address.address],
    ];
    if (address.broadcast !== undefined) attributes.push([IFA.broadcast, address.broadcast]);
    if (address.label !== undefined) {
      attributes.push([IFA.label, zeroTerminated(address.label)]);
    }
    const flags = REQUEST | ACK | (type === NEW_ADDRESS ? CREATE_EXCLUSIVE : 0);
    this.#ask(`${call}/${address.prefixLength}`, type, flags, fixed, attributes);
  }

  #dump(call: string, type: number, fixed: Uint8Array): NetlinkMessage[] {
    for (let attempt = 1;; attempt++) {
      const answers = this.#ask(call, type, REQUEST | DUMP, fixed, []);
      const interrupted = answers.some(({ flags }) => (flags & DUMP_INTERRUPTED) !== 0);
      if (!interrupted || attempt === MAX_DUMP_ATTEMPTS) return answers;
    }
  }

  /** Sends one request and collects its answer; an error number in it is thrown. */
  #ask(
    call: string,
    type: number,
    flags: number,
    fixed: Uint8Array,
    attributes: readonly Attribute[],
  ): NetlinkMessage[] {
    const sequence = ++this.#sequence;
    const request = encodeMessage(type, flags, sequence, fixed, attributes);
    check(call, libc.send(this.#fd, request, request.length, 0));
    const answers: NetlinkMessage[] = [];
    for (let datagrams = 0; datagrams < MAX_ANSWER_DATAGRAMS; datagrams++) {
      for (const message of this.#receive(call)) {
        if (message.sequence !== sequence) continue;
        if (message.type === ERROR) {
          const errno = -new DataView(message.data.buffer).getInt32(0, true);
          if (errno !== 0) throw new SystemError(call, errno);
          return answers;
        }
        if (message.type === DONE) return answers;
        answers.push(message);
      }
      if ((flags & (ACK | DUMP)) === 0) return answers;
    }
    throw new SystemError(call, errnoNumber("EMSGSIZE"));
  }

  #receive(call: string): Iterable<NetlinkMessage> {
    const length = libc.recv(this.#fd, this.#received, RECEIVE_BYTES, MSG_DONTWAIT);
    if (length === -1) throw new SystemError(`${call}: no answer from the kernel`, lastErrno());
    return decodeMessages(this.#received.subarray(0, length));
  }
}

function listedAddress(data: Uint8Array): ListedAddress {
  const attributes = attributesOf(data, ADDRESS_BYTES);
  const flags = attributes.get(IFA.flags);
  const broadcast = attributes.get(IFA.broadcast);
  const label = attributeText(attributes.get(IFA.label));
  return {
    interfaceIndex: new DataView(data.buffer, data.byteOffset).getUint32(4, true),
    address: attributes.get(IFA.local) ?? attributes.get(IFA.address) ?? new Uint8Array(4),
    prefixLength: data[1] ?? 0,
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(label === "" ? {} : { label }),
    secondary: ((flags === undefined ? data[2] ?? 0 : readUint32(flags)) & IFA_F_SECONDARY) !== 0,
  };
}

function networkLink(data: Uint8Array): NetworkLink {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const flags = view.getUint32(8, true);
  const attributes = attributesOf(data, LINK_BYTES);
  const ethernet = view.getUint16(2, true) === ARPHRD_ETHER;
  return {
    index: view.getInt32(4, true),
    name: attributeText(attributes.get(IFLA.name)),
    up: (flags & IFF_UP) !== 0,
    speaksArp: ethernet && (flags & (IFF_LOOPBACK | IFF_NOARP)) === 0,
    hardwareAddress: attributes.get(IFLA.address) ?? new Uint8Array(0),
  };
}
