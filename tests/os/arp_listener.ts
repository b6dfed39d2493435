/** Hears the ARP frames, or others, that arrive on an interface; for tests inside a namespace. */
import { check } from "../../core/os/errno.ts";
import { libc } from "../../core/os/libc.ts";

const AF_PACKET = 17;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;
const MSG_DONTWAIT = 0x40;
const FRAME_BYTES = 2048;

export class ArpListener implements Disposable {
  readonly #fd: number;

  constructor(interfaceIndex: number, etherType = ETH_P_ARP) {
    const protocol = ((etherType & 0xff) << 8) | (etherType >> 8);
    this.#fd = check("packet socket", libc.socket(AF_PACKET, SOCK_RAW_CLOEXEC, protocol));
    const address = new Uint8Array(20);
    const view = new DataView(address.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setUint16(2, etherType);
    view.setInt32(4, interfaceIndex, true);
    check("bind packet socket", libc.bind(this.#fd, address, address.length));
  }

  /** The frames that came since the last call, in hex. */
  heard(): string[] {
    const frames: string[] = [];
    const buffer = new Uint8Array(FRAME_BYTES);
    for (;;) {
      const length = libc.recv(this.#fd, buffer, FRAME_BYTES, MSG_DONTWAIT);
      if (length <= 0) return frames;
      frames.push(buffer.subarray(0, length).toHex());
    }
  }

  [Symbol.dispose](): void {
    libc.close(this.#fd);
  }
}
