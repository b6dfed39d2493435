/**
 * What the kernel says about one interface, asked anew each time: existence, index, up and carrier,
 * IPv4 address and broadcast address. It changes nothing and remembers nothing; `link_watch.ts`
 * tells when asking again is worth it.
 */
import { AF_INET, cString, IFF_UP, SOCK_DGRAM } from "./abi.ts";
import { errnoNumber, lastErrno, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";
import { type Bytes, closeFd, openSocket } from "./socket.ts";

/** What {@link readInterface} found. */
export interface InterfaceState {
  readonly name: string;
  readonly index: number;
  /** Administratively up (`ip link set … up`). */
  readonly up: boolean;
  /** Up and with carrier: packets can leave. */
  readonly running: boolean;
  /** First IPv4 address, dotted quad. */
  readonly address: string | undefined;
  /**
   * Where an IPv4 broadcast on this interface goes: the address set with it, else computed from
   * the netmask, as the kernel itself does for its routes. Absent without an address.
   */
  readonly broadcast: string | undefined;
}

const SIOCGIFNAME = 0x8910;
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFADDR = 0x8915;
const SIOCGIFBRDADDR = 0x8919;
const SIOCGIFNETMASK = 0x891b;
const SIOCGIFINDEX = 0x8933;

const IFREQ_BYTES = 40;
/** `union` of `struct ifreq`: flags and index start here … */
const IFREQ_VALUE = 16;
/** … and the address of a `sockaddr_in` here. */
const IFREQ_ADDRESS = 20;
const IFF_BROADCAST = 0x2;
const IFF_RUNNING = 0x40;
const MAX_NAME_BYTES = 15;

/**
 * Asks the kernel about an interface.
 * @returns undefined when there is no interface of that name
 * @throws SystemError for anything but ENODEV and a missing address
 */
export function readInterface(name: string): InterfaceState | undefined {
  const nameBytes = cString(name);
  if (name === "" || nameBytes.length > MAX_NAME_BYTES + 1) return undefined;
  const fd = openSocket(AF_INET, SOCK_DGRAM);
  try {
    const flags = query(fd, SIOCGIFFLAGS, nameBytes)?.getUint16(IFREQ_VALUE, true);
    const index = query(fd, SIOCGIFINDEX, nameBytes)?.getInt32(IFREQ_VALUE, true);
    if (flags === undefined || index === undefined) return undefined;
    const ownName = nameOf(fd, index) ?? nameBytes;
    const address = query(fd, SIOCGIFADDR, ownName)?.getUint32(IFREQ_ADDRESS);
    return {
      name,
      index,
      up: (flags & IFF_UP) !== 0,
      running: (flags & (IFF_UP | IFF_RUNNING)) === (IFF_UP | IFF_RUNNING),
      address: address === undefined ? undefined : quad(address),
      broadcast: address === undefined || (flags & IFF_BROADCAST) === 0
        ? undefined
        : readBroadcast(fd, ownName, address),
    };
  } finally {
    closeFd(fd);
  }
}

/** Addresses are asked by the first name of an interface, not by another one that it has. */
function nameOf(fd: number, index: number): Bytes | undefined {
  const ifreq = new Uint8Array(IFREQ_BYTES);
  new DataView(ifreq.buffer).setInt32(IFREQ_VALUE, index, true);
  if (libc.ioctl(fd, SIOCGIFNAME, ifreq) !== 0) return undefined;
  return ifreq.slice(0, IFREQ_VALUE);
}

/** `ip address add` without `brd +` leaves the broadcast address at 0.0.0.0. */
function readBroadcast(fd: number, name: Bytes, address: number): string | undefined {
  const set = query(fd, SIOCGIFBRDADDR, name)?.getUint32(IFREQ_ADDRESS) ?? 0;
  if (set !== 0) return quad(set);
  const mask = query(fd, SIOCGIFNETMASK, name)?.getUint32(IFREQ_ADDRESS);
  const hostBits = mask === undefined ? 0 : ~mask >>> 0;
  const hasBroadcast = hostBits > 1;
  return hasBroadcast ? quad((address | hostBits) >>> 0) : undefined;
}

/** One `SIOCGIF…`: undefined when the interface, or its address, is not there. */
function query(fd: number, request: number, name: Bytes): DataView | undefined {
  const ifreq = new Uint8Array(IFREQ_BYTES);
  ifreq.set(name);
  if (libc.ioctl(fd, request, ifreq) === 0) return new DataView(ifreq.buffer);
  const errno = lastErrno();
  if (errno === errnoNumber("ENODEV") || errno === errnoNumber("EADDRNOTAVAIL")) return undefined;
  throw new SystemError(`ioctl 0x${request.toString(16)}`, errno);
}

function quad(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}
