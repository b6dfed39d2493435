/**
 * The steps that every UDP socket of a medium shares: made, tied to its interface, set up, bound.
 * A step that is refused closes the socket and throws, so that no descriptor is lost.
 */
import { AF_INET, AF_INET6, SO_REUSEADDR, SOCK_DGRAM, SOL_SOCKET } from "../core/os/abi.ts";
import { libc } from "../core/os/libc.ts";
import {
  bindSocket,
  bindToDevice,
  type Bytes,
  closeFd,
  openSocket,
  setIntOption,
} from "../core/os/socket.ts";

export const IPPROTO_IP = 0;
export const IPPROTO_IPV6 = 41;
const IP_MULTICAST_ALL = 49;
const IPV6_V6ONLY = 26;
const IPV6_MULTICAST_ALL = 29;

/**
 * Frames that wait while this process is busy: room for some five thousand small ones, where the
 * kernel's usual 208 kB hold 277 and a flood of a few milliseconds would push the beats out.
 */
const RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024;
const SO_RCVBUF = 8;
/** Beyond the limit that is set for everybody; needs CAP_NET_ADMIN. */
const SO_RCVBUFFORCE = 33;

/** Type of service "low delay", which the classic unicast medium asks for. */
export const LOW_DELAY = 0x10;

/**
 * A UDP socket that sends on one interface only, from a port that the kernel chooses.
 * @param configure sets the options of the kind
 * @throws SystemError
 */
export function openUdpSender(
  family: typeof AF_INET | typeof AF_INET6,
  device: string,
  configure: (fd: number) => void,
): number {
  const fd = openSocket(family, SOCK_DGRAM);
  try {
    bindToDevice(fd, device);
    configure(fd);
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

/**
 * A UDP socket that hears on one interface only; several may share the port, one an interface.
 * @param address where it is bound: any address, or the group
 * @param what the address in words, for the error
 * @param configure sets the options of the kind, before the bind
 * @throws SystemError
 */
export function openUdpReceiver(
  family: typeof AF_INET | typeof AF_INET6,
  device: string,
  address: Bytes,
  what: string,
  configure: (fd: number) => void = () => {},
): number {
  return openUdpSender(family, device, (fd) => {
    setIntOption(fd, "SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR, 1);
    enlargeReceiveBuffer(fd);
    hearOwnGroupsOnly(fd, family);
    if (family === AF_INET6) setIntOption(fd, "IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY, 1);
    configure(fd);
    bindSocket(fd, address, `${what} on ${device}`);
  });
}

/** As far as it is allowed; the answer is not looked at, since a smaller buffer works too. */
function enlargeReceiveBuffer(fd: number): void {
  const size = new Int32Array([RECEIVE_BUFFER_BYTES]);
  if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, 4) === 0) return;
  libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, size, 4);
}

/**
 * Otherwise a socket hears each group that anyone on the host joined. Kernels before 4.20 cannot do
 * this for IPv6; a frame heard twice does no harm there, so the answer is not looked at.
 */
function hearOwnGroupsOnly(fd: number, family: typeof AF_INET | typeof AF_INET6): void {
  const none = new Int32Array([0]);
  if (family === AF_INET6) libc.setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, none, 4);
  else libc.setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, none, 4);
}
