/**
 * Hears from the kernel when any Ethernet interface of this host gets its carrier: at the end of a
 * cable that was not plugged in, or of a switch that was off. That it lost it is nobody's matter here.
 */
import { type NetworkLink, networkLink } from "./link_message.ts";
import { NetlinkNotices, NOTICES } from "./netlink_notices.ts";
import type { Reactor } from "./reactor.ts";
import { Rtnetlink } from "./rtnetlink.ts";

export class CarrierWatch {
  readonly #came: (name: string) => void;
  readonly #notices: NetlinkNotices;
  /** By index: whether packets could leave it when it was heard of last. */
  readonly #running = new Map<number, boolean>();

  /**
   * @param came called with the name of the interface
   * @throws SystemError when the kernel gives no netlink socket
   */
  constructor(reactor: Reactor, came: (name: string) => void) {
    this.#came = came;
    this.#notices = new NetlinkNotices(reactor, NOTICES.links, (messages) => {
      if (messages === null) return this.#lookAtAll();
      for (const message of messages) {
        const link = networkLink(message);
        if (link !== undefined) this.#heard(link);
      }
    });
    for (const { index, running } of listed()) this.#running.set(index, running);
  }

  /** No callback comes after this. */
  close(): void {
    this.#notices.close();
  }

  #lookAtAll(): void {
    for (const link of listed()) this.#heard(link);
  }

  #heard({ index, name, running, speaksArp }: NetworkLink): void {
    const before = this.#running.get(index) === true;
    this.#running.set(index, running);
    if (running && !before && speaksArp) this.#came(name);
  }
}

/** None where the kernel cannot be asked now: then the first notice of each counts as news. */
function listed(): readonly NetworkLink[] {
  try {
    using kernel = new Rtnetlink();
    return kernel.links();
  } catch {
    return [];
  }
}
