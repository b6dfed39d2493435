/**
 * Hears from the kernel (rtnetlink) when an interface appears, disappears, goes up or down, or
 * changes its addresses. It says only "something happened to it"; the listener asks
 * `readInterface` for the state, so a lost or doubled notice does no harm.
 */
import { cString } from "./abi.ts";
import { readdressedLink } from "./address_message.ts";
import { libc } from "./libc.ts";
import { changedLink } from "./link_message.ts";
import type { NetlinkMessage } from "./netlink_message.ts";
import { NetlinkNotices, NOTICES } from "./netlink_notices.ts";
import type { Reactor } from "./reactor.ts";

/** An interface under watch, until `close`. */
export class LinkWatch {
  readonly #name: string;
  readonly #notices: NetlinkNotices;

  /**
   * @param changed called once for one or several notices about the interface
   * @throws SystemError when the kernel gives no netlink socket
   */
  constructor(reactor: Reactor, name: string, changed: () => void) {
    this.#name = name;
    const groups = NOTICES.links | NOTICES.addresses4 | NOTICES.addresses6;
    this.#notices = new NetlinkNotices(reactor, groups, (messages) => {
      if (messages === null || this.#concerns(messages)) changed();
    });
  }

  /** No callback comes after this. */
  close(): void {
    this.#notices.close();
  }

  #concerns(messages: readonly NetlinkMessage[]): boolean {
    for (const message of messages) {
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
