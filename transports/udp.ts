/**
 * What all UDP media share: two sockets tied to one interface, one that hears and one that sends,
 * and their repair. The state of the interface is asked again at each notice of the kernel; while
 * the sockets cannot be had, opening is retried with growing pauses. What differs between broadcast,
 * multicast and unicast stands in a `UdpPlan`.
 *
 * It does not know its own packets from others', nor look into a frame: the engine does.
 */
import { errnoNumber, SystemError } from "../core/os/errno.ts";
import { type InterfaceState, readInterface } from "../core/os/interfaces.ts";
import { LinkWatch } from "../core/os/link_watch.ts";
import { type Reactor, READABLE } from "../core/os/reactor.ts";
import { type Bytes, closeFd, receive, sendTo } from "../core/os/socket.ts";
import { messageOf } from "../core/os/thrown.ts";
import { MAX_FRAME_BYTES, type Medium, type MediumSink, type MediumStats } from "./contract.ts";
import { Traffic } from "./traffic.ts";

/** The part of a UDP medium that depends on its kind. */
export interface UdpPlan {
  readonly kind: string;
  readonly interface: string;
  readonly title: string;
  /**
   * Work that must succeed once before the sockets are opened, such as looking up a name; absent
   * when there is none. Rejects with an Error that says what is missing.
   */
  prepare?(): Promise<void>;
  /** @throws SystemError */
  openReceiver(link: InterfaceState): number;
  /** @throws SystemError */
  openSender(link: InterfaceState): number;
  /** Socket address that each frame goes to. */
  destination(link: InterfaceState): Bytes;
}

interface Sockets {
  readonly receiver: number;
  readonly sender: number;
  /** Index of the interface they are tied to; a re-created interface has another. */
  readonly interfaceIndex: number;
}

/** So that one flooded medium cannot keep the others, and the timers, waiting. */
const MAX_FRAMES_PER_WAKEUP = 64;
const MAX_BYTES_PER_WAKEUP = 64 * 1024;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 8000;

const EAGAIN = errnoNumber("EAGAIN");
const EINTR = errnoNumber("EINTR");
const ENODEV = errnoNumber("ENODEV");
/** They cost one frame and say nothing about the next. */
const LOST_FRAME_ONLY = new Set(
  ["EAGAIN", "ENOBUFS", "ENOMEM", "EINTR", "EMSGSIZE"].map(errnoNumber),
);

// All media run on one thread and use these only between two calls of the kernel.
const sendBuffer = new Uint8Array(MAX_FRAME_BYTES);
/** The kernel throws away what does not fit: one byte more says that there was more. */
const receiveBuffer = new Uint8Array(MAX_FRAME_BYTES + 1);

/** A medium over UDP on one interface. */
export class UdpMedium implements Medium {
  readonly kind: string;
  readonly name: string;
  readonly title: string;
  readonly #plan: UdpPlan;
  readonly #reactor: Reactor;
  #sink: MediumSink | undefined;
  #linkWatch: LinkWatch | undefined;
  #sockets: Sockets | undefined;
  #destination: Bytes = new Uint8Array(0);
  #prepared: "no" | "running" | "yes";
  #retryTimer: number | undefined;
  #retryMs = FIRST_RETRY_MS;
  #linkTrouble: string | undefined;
  #sendTrouble: string | undefined;
  /** What was reported last: usable, and open. */
  #reported: readonly [boolean, boolean] | undefined;
  /** Counted for frames that come while there are no sockets: why there are none. */
  #closedErrno = "ENOTCONN";
  readonly #traffic = new Traffic();

  constructor(plan: UdpPlan, reactor: Reactor) {
    this.kind = plan.kind;
    this.name = plan.interface;
    this.title = plan.title;
    this.#plan = plan;
    this.#reactor = reactor;
    this.#prepared = plan.prepare === undefined ? "yes" : "no";
  }

  open(sink: MediumSink): void {
    this.#sink = sink;
    this.#reported = undefined;
    this.#refresh();
  }

  send(frame: Uint8Array): void {
    if (this.#sockets === undefined) return this.#traffic.failed(this.#closedErrno);
    if (frame.length > MAX_FRAME_BYTES) return this.#traffic.failed("EMSGSIZE");
    sendBuffer.set(frame);
    const data = sendBuffer.subarray(0, frame.length);
    const sent = sendTo(this.#sockets.sender, data, this.#destination);
    if (sent < 0) return this.#sendFailed(-sent);
    this.#traffic.sent(sent);
    if (this.#sendTrouble === undefined) return;
    this.#sendTrouble = undefined;
    this.#report();
  }

  close(): void {
    this.#sink = undefined;
    clearTimeout(this.#retryTimer);
    this.#linkWatch?.close();
    this.#linkWatch = undefined;
    this.#closeSockets();
    this.#closedErrno = "ENOTCONN";
  }

  stats(): MediumStats {
    return this.#traffic.stats;
  }

  /** Brings sockets, destination and report in line with the interface as it is now. */
  #refresh(): void {
    clearTimeout(this.#retryTimer);
    if (this.#sink === undefined) return;
    if (this.#prepared !== "yes") return this.#prepare();
    let link: InterfaceState | undefined;
    try {
      this.#linkWatch ??= new LinkWatch(this.#reactor, this.name, () => this.#refresh());
      link = readInterface(this.name);
    } catch (error) {
      // Asking was not possible, for lack of a descriptor or memory: that says nothing about the
      // interface, and what works goes on.
      return this.#sockets === undefined ? this.#failed(error) : this.#retry();
    }
    try {
      if (link === undefined) throw new SystemError(`interface "${this.name}"`, ENODEV);
      if (this.#sockets?.interfaceIndex !== link.index) {
        this.#closeSockets();
        this.#openSockets(link);
      }
      this.#destination = this.#plan.destination(link);
      this.#linkTrouble = linkTrouble(link);
      this.#sendTrouble = undefined;
      this.#retryMs = FIRST_RETRY_MS;
      this.#report();
    } catch (error) {
      this.#failed(error);
    }
  }

  #prepare(): void {
    if (this.#prepared === "running") return;
    this.#prepared = "running";
    this.#plan.prepare?.().then(() => {
      this.#prepared = "yes";
      this.#refresh();
    }, (error) => {
      this.#prepared = "no";
      this.#failed(error);
    });
  }

  #openSockets(link: InterfaceState): void {
    const receiver = this.#plan.openReceiver(link);
    let sender = -1;
    try {
      sender = this.#plan.openSender(link);
      this.#reactor.watch(receiver, READABLE, () => this.#drain());
    } catch (error) {
      closeFd(receiver);
      if (sender !== -1) closeFd(sender);
      throw error;
    }
    this.#sockets = { receiver, sender, interfaceIndex: link.index };
  }

  #closeSockets(): void {
    if (this.#sockets === undefined) return;
    this.#reactor.unwatch(this.#sockets.receiver);
    closeFd(this.#sockets.receiver);
    closeFd(this.#sockets.sender);
    this.#sockets = undefined;
  }

  /** No sockets for now: says why, and tries again later or when the kernel has news. */
  #failed(error: unknown): void {
    if (this.#sink === undefined) return;
    this.#closeSockets();
    this.#closedErrno = error instanceof SystemError ? error.name : "ENOTCONN";
    this.#linkTrouble = messageOf(error);
    this.#retry();
    this.#report();
  }

  #retry(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#refresh(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #sendFailed(errno: number): void {
    const error = new SystemError(`send on ${this.title}`, errno);
    this.#traffic.failed(error.name);
    if (LOST_FRAME_ONLY.has(errno)) return;
    if (errno === ENODEV) return this.#failed(error);
    this.#sendTrouble = error.message;
    this.#report();
  }

  #report(): void {
    const trouble = this.#linkTrouble ?? this.#sendTrouble;
    const [usable, open] = [trouble === undefined, this.#sockets !== undefined];
    if (usable === this.#reported?.[0] && open === this.#reported[1]) return;
    this.#reported = [usable, open];
    this.#sink?.usable(usable, trouble ?? `${this.title} is ready`, open);
  }

  #drain(): void {
    const sockets = this.#sockets;
    let bytes = 0;
    for (let frames = 0; frames < MAX_FRAMES_PER_WAKEUP; frames++) {
      if (bytes >= MAX_BYTES_PER_WAKEUP) return;
      // The sink may close the medium while it handles a frame.
      if (sockets === undefined || this.#sockets !== sockets) return;
      const length = receive(sockets.receiver, receiveBuffer);
      if (length === -EAGAIN || length === -EINTR) return;
      if (length < 0) return this.#failed(new SystemError(`receive on ${this.title}`, -length));
      if (length === 0) continue;
      bytes += length;
      this.#traffic.received(length);
      this.#sink?.received(receiveBuffer.slice(0, length));
    }
  }
}

/** Why nothing can leave an interface that exists; undefined when it can. */
function linkTrouble(link: InterfaceState): string | undefined {
  if (!link.up) return `interface "${link.name}" is down (ENETDOWN)`;
  if (!link.running) return `interface "${link.name}" has no carrier`;
  return undefined;
}
