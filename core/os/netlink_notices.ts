/**
 * What the kernel says unasked over rtnetlink, message by message, as long as somebody listens.
 * What the messages mean, their readers know.
 */
import { AF_NETLINK, SOCK_RAW } from "./abi.ts";
import { errnoNumber } from "./errno.ts";
import { decodeMessages, type NetlinkMessage } from "./netlink_message.ts";
import { type Reactor, READABLE } from "./reactor.ts";
import { bindSocket, closeFd, openSocket, receive } from "./socket.ts";

/** Groups of notices that can be listened to. */
export const NOTICES = { links: 0x1, addresses4: 0x10, addresses6: 0x100 } as const;

const MAX_READS_PER_WAKEUP = 32;
const EAGAIN = errnoNumber("EAGAIN");
const buffer = new Uint8Array(32 * 1024);

export class NetlinkNotices {
  readonly #reactor: Reactor;
  readonly #heard: (messages: readonly NetlinkMessage[] | null) => void;
  #fd: number;

  /**
   * @param groups a combination of {@link NOTICES}
   * @param heard called once for all that waited; null: the kernel dropped some, so anything may have
   *   happened
   * @throws SystemError when the kernel gives no netlink socket
   */
  constructor(
    reactor: Reactor,
    groups: number,
    heard: (messages: readonly NetlinkMessage[] | null) => void,
  ) {
    this.#reactor = reactor;
    this.#heard = heard;
    this.#fd = openSocket(AF_NETLINK, SOCK_RAW);
    try {
      const address = new DataView(new ArrayBuffer(12));
      address.setUint16(0, AF_NETLINK, true);
      address.setUint32(8, groups, true);
      bindSocket(this.#fd, new Uint8Array(address.buffer), "netlink groups");
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
    const messages: NetlinkMessage[] = [];
    let lost = false;
    for (let reads = 0; reads < MAX_READS_PER_WAKEUP; reads++) {
      const length = receive(this.#fd, buffer);
      if (length === -EAGAIN) break;
      // An error (ENOBUFS), or more than the buffer holds.
      if (length < 0 || length === buffer.length) lost = true;
      else messages.push(...decodeMessages(buffer.slice(0, length)));
    }
    this.#heard(lost ? null : messages);
  }
}
