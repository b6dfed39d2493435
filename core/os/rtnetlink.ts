/**
 * Addresses, interfaces and routes of this host, asked of the kernel and changed in it directly:
 * some 30 µs an operation, where starting `ip` takes 2 ms. The kernel answers while the request is
 * being sent, so every method returns with the answer in hand and none waits on the network.
 * It decides nothing: whether EEXIST is a success is for its caller to say.
 */
import { AF_NETLINK, SOCK_RAW } from "./abi.ts";
import {
  addressListRequest,
  addressRequest,
  addressText,
  type InterfaceAddress,
  type ListedAddress,
  listedAddress,
} from "./address_message.ts";
import { check, errnoNumber, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";
import { linkRequest, type NetworkLink, networkLink, setUpRequest } from "./link_message.ts";
import {
  decodeMessages,
  encodeMessage,
  type NetlinkMessage,
  type NetlinkRequest,
} from "./netlink_message.ts";
import {
  foundRoute,
  type ListedRoute,
  listedRoute,
  type Route,
  routeListRequest,
  routeRequest,
  sourceRequest,
} from "./route_message.ts";
import { closeFd, openSocket, receive } from "./socket.ts";

const REQUEST = 0x01;
const ACK = 0x04;
const DUMP_INTERRUPTED = 0x10;
const DUMP = 0x300;
const REPLACE = 0x100;
const CREATE_EXCLUSIVE = 0x600;

const ERROR = 2;
const DONE = 3;

/** What the kernel says when nothing leads to a target. */
const NO_ROUTE = new Set(["ENETUNREACH", "EHOSTUNREACH", "ESRCH"]);

const RECEIVE_BYTES = 65536;
/** A list that changed while it was read is read again, this many times at most. */
const MAX_DUMP_ATTEMPTS = 5;
/** Datagrams of one answer; 64 KiB each hold some 800 addresses. */
const MAX_ANSWER_DATAGRAMS = 1024;

/** One netlink socket. Use with `using`, or end with `close()`. */
export class Rtnetlink implements Disposable {
  readonly #fd: number;
  readonly #received = new Uint8Array(RECEIVE_BYTES);
  #sequence = 0;

  /** @throws SystemError when no netlink socket can be had */
  constructor() {
    this.#fd = openSocket(AF_NETLINK, SOCK_RAW, "netlink socket");
  }

  close(): void {
    closeFd(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Adds an address; an IPv6 one is usable at once (no duplicate address detection).
   * @throws SystemError `EEXIST` when the interface has it already, `EPERM`, `ENODEV` …
   */
  addAddress(wanted: InterfaceAddress): void {
    const call = `add address ${addressText(wanted.address)}/${wanted.prefixLength}`;
    this.#ask(call, REQUEST | ACK | CREATE_EXCLUSIVE, addressRequest("add", wanted));
  }

  /**
   * Removes the address with exactly this prefix length from the interface.
   * @throws SystemError `EADDRNOTAVAIL` when it is not there, `EPERM` …
   */
  deleteAddress(unwanted: InterfaceAddress): void {
    const { interfaceIndex, address, prefixLength } = unwanted;
    const exact = { interfaceIndex, address, prefixLength };
    const call = `delete address ${addressText(address)}/${prefixLength}`;
    this.#ask(call, REQUEST | ACK, addressRequest("delete", exact));
  }

  /** All addresses of one family on all interfaces. @throws SystemError */
  addresses(family: 4 | 6): ListedAddress[] {
    return this.#dump("list addresses", addressListRequest(family))
      .flatMap((answer) => listedAddress(answer) ?? []);
  }

  /** All interfaces. @throws SystemError */
  links(): NetworkLink[] {
    return this.#dump("list interfaces", linkRequest())
      .flatMap((answer) => networkLink(answer) ?? []);
  }

  /**
   * One interface, by name or by number.
   * @throws SystemError `ENODEV` when there is none
   */
  link(which: string | number): NetworkLink {
    const call = `look up interface ${which}`;
    const [found] = this.#ask(call, REQUEST, linkRequest(which))
      .flatMap((answer) => networkLink(answer) ?? []);
    if (found === undefined) throw new SystemError(call, errnoNumber("ENODEV"));
    return found;
  }

  /**
   * Sets an interface up, as `ip link set … up` does.
   * @throws SystemError whatever its driver says, `EPERM`, `ENODEV`
   */
  setUp(index: number): void {
    this.#ask(`set interface ${index} up`, REQUEST | ACK, setUpRequest(index));
  }

  /**
   * The route that a packet to `target` would take; undefined when nothing leads there, or when
   * what leads there is no route to another host (the target is this host's own, or forbidden).
   * @throws SystemError for anything but "no route"
   */
  route(target: Uint8Array): Route | undefined {
    const call = `look up the route to ${addressText(target)}`;
    try {
      const [route] = this.#ask(call, REQUEST, routeRequest(target))
        .flatMap((answer) => foundRoute(answer) ?? []);
      return route;
    } catch (error) {
      if (error instanceof SystemError && NO_ROUTE.has(error.name)) return undefined;
      throw error;
    }
  }

  /** The IPv4 routes of the main table to other hosts. @throws SystemError */
  routes(): ListedRoute[] {
    return this.#dump("list routes", routeListRequest())
      .flatMap((answer) => listedRoute(answer) ?? []);
  }

  /**
   * Gives a route this preferred source address; undefined leaves the choice to the kernel.
   * @throws SystemError `EINVAL` when this host does not have the address, `ENOENT` when the route
   *   is gone, `EPERM`
   */
  setPreferredSource(route: ListedRoute, source: Uint8Array | undefined): void {
    const call = `change route ${addressText(route.destination)}/${route.prefixLength}`;
    this.#ask(call, REQUEST | ACK | REPLACE, sourceRequest(route, source));
  }

  #dump(call: string, request: NetlinkRequest): NetlinkMessage[] {
    for (let attempt = 1;; attempt++) {
      const answers = this.#ask(call, REQUEST | DUMP, request);
      const interrupted = answers.some(({ flags }) => (flags & DUMP_INTERRUPTED) !== 0);
      if (!interrupted || attempt === MAX_DUMP_ATTEMPTS) return answers;
    }
  }

  /** Sends one request and collects its answer; an error number in it is thrown. */
  #ask(call: string, flags: number, request: NetlinkRequest): NetlinkMessage[] {
    const sequence = ++this.#sequence;
    const bytes = encodeMessage(request, flags, sequence);
    check(call, libc.send(this.#fd, bytes, bytes.length, 0));
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
    const length = receive(this.#fd, this.#received);
    if (length < 0) throw new SystemError(`${call}: no answer from the kernel`, -length);
    return decodeMessages(this.#received.subarray(0, length));
  }
}
