/**
 * Hears from the kernel (rtnetlink) when an interface appears, disappears, goes up or down, or
 * changes its addresses. It says only "something happened to it"; the listener asks
 * `readInterface` for the state, so a lost or doubled notice does no harm.
 */
import { errnoNumber } from "./errno.ts";
import { libc } from "./libc.ts";
import { type Reactor, READABLE } from "./reactor.ts";
import {
  AF_NETLINK,
  bindSocket,
  closeFd,
  cString,
  openSocket,
  receive,
  SOCK_RAW,
} from "./socket.ts";

const RTMGRP_LINK = 0x1;
const RTMGRP_IPV4_IFADDR = 0x10;
const RTMGRP_IPV6_IFADDR = 0x100;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const IFLA_IFNAME = 3;

const NLMSG_HEADER_BYTES = 16;
const IFINFO_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
const MAX_READS_PER_WAKEUP = 32;

const EAGAIN = errnoNumber("EAGAIN");
const buffer = new Uint8Array(32 * 1024);
const view = new DataView(buffer.buffer);
const decoder = new TextDecoder();

/** An interface under watch, until `close`. */
export class LinkWatch {
  readonly #reactor: Reactor;
  readonly #name: string;
  readonly #changed: () => void;
  #fd: number;

  /**
   * @param changed called once for one or several notices about the interface
   * @throws SystemError when the kernel gives no netlink socket
   */
  constructor(reactor: Reactor, name: string, changed: () => void) {
    this.#reactor = reactor;
    this.#name = name;
    this.#changed = changed;
    this.#fd = openSocket(AF_NETLINK, SOCK_RAW);
    try {
      const address = new DataView(new ArrayBuffer(12));
      address.setUint16(0, AF_NETLINK, true);
      address.setUint32(8, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, true);
      bindSocket(this.#fd, new Uint8Array(address.buffer), "netlink link and address groups");
      reactor.watch(this.#fd, READABLE, () => this.#drain());
    } catch (error) {
      closeFd(this.#fd);
      throw error;
    }
  }

  /** No callback comes after this. */
  close(): void {
    if (this.#fd === -1) return;
    this.#reactor.unwatch(this.#fd);
    closeFd(this.#fd);
    this.#fd = -1;
  }

  #drain(): void {
    let concerned = false;
    for (let reads = 0; reads < MAX_READS_PER_WAKEUP; reads++) {
      const length = receive(this.#fd, buffer);
      if (length === -EAGAIN) break;
      // ENOBUFS: the kernel dropped notices, so anything may have happened.
      concerned = length < 0 || this.#concerns(length) || concerned;
    }
    if (concerned) this.#changed();
  }

  #concerns(length: number): boolean {
    for (let at = 0; at + NLMSG_HEADER_BYTES <= length;) {
      const size = view.getUint32(at, true);
      if (size < NLMSG_HEADER_BYTES || at + size > length) return true;
      if (this.#names(at, size)) return true;
      at += align4(size);
    }
    return false;
  }

  #names(at: number, size: number): boolean {
    const body = at + NLMSG_HEADER_BYTES;
    switch (view.getUint16(at + 4, true)) {
      case RTM_NEWLINK:
      case RTM_DELLINK:
        return linkName(body + IFINFO_BYTES, at + size) === this.#name;
      case RTM_NEWADDR:
      case RTM_DELADDR: {
        // 0: it has gone, or no descriptor is free to ask; either way the listener should look.
        const index = libc.if_nametoindex(cString(this.#name));
        return index === 0 || index === view.getUint32(body + 4, true);
      }
      default:
        return false;
    }
  }
}

/** IFLA_IFNAME among the attributes between two offsets of the buffer. */
function linkName(from: number, to: number): string | undefined {
  for (let at = from; at + ATTRIBUTE_HEADER_BYTES <= to;) {
    const size = view.getUint16(at, true);
    if (size < ATTRIBUTE_HEADER_BYTES || at + size > to) return undefined;
    if (view.getUint16(at + 2, true) === IFLA_IFNAME) {
      const withoutNul = size - 1;
      return decoder.decode(buffer.subarray(at + ATTRIBUTE_HEADER_BYTES, at + withoutNul));
    }
    at += align4(size);
  }
  return undefined;
}

function align4(size: number): number {
  return (size + 3) & ~3;
}
