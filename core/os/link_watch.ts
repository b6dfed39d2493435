/**
 * Hears from the kernel (rtnetlink) when an interface appears, disappears, goes up or down, or
 * changes its addresses. It says only "something happened to it"; the listener asks
 * `readInterface` for the state, so a lost or doubled notice does no harm.
 */
import { AF_NETLINK, cString, SOCK_RAW } from "./abi.ts";
import { readdressedLink } from "./address_message.ts";
import { errnoNumber } from "./errno.ts";
import { libc } from "./libc.ts";
import { changedLink } from "./link_message.ts";
import { decodeMessages } from "./netlink_message.ts";
import { type Reactor, READABLE } from "./reactor.ts";
import { bindSocket, closeFd, openSocket, receive } from "./socket.ts";

const RTMGRP_LINK = 0x1;
const RTMGRP_IPV4_IFADDR = 0x10;
const RTMGRP_IPV6_IFADDR = 0x100;
const MAX_READS_PER_WAKEUP = 32;

const EAGAIN = errnoNumber("EAGAIN");
const buffer = new Uint8Array(32 * 1024);

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
    // There may have been more than the buffer holds.
    if (length === buffer.length) return true;
    for (const message of decodeMessages(buffer.subarray(0, length))) {
      if (changedLink(message)?.includes(this.#name) === true) return true;
      const readdressed = readdressedLink(message);
      if (readdressed === undefined) continue;
      // 0: it has gone, or no descriptor is free to ask; either way the listener should look.
      const index = libc.if_nametoindex(cString(this.#name));
      if (index === 0 || index === readdressed) return true;
    }
    return false;
  }
}
