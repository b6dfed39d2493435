/**
 * What C programs take from the header files of Linux and more than one file here needs: numbers,
 * the same on x86-64 and aarch64, device numbers taken apart, and text as C has it. Numbers of one file only stand in that file.
 */

export const O_RDWR = 0o2;
export const O_EXCL = 0o200;
export const O_NONBLOCK = 0o4000;
/** Sockets, pipes, epoll and eventfd have the same bit. */
export const O_CLOEXEC = 0o2000000;
export const FIOCLEX = 0x5451;

export const SIGKILL = 9;
export const SIGTERM = 15;

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_DONTROUTE = 5;
export const SO_BROADCAST = 6;
export const SO_REUSEPORT = 15;

export const ETH_P_IPV6 = 0x86dd;
export const IFF_UP = 0x1;

/** Of a device number as stat(2) gives it; the minor's upper bits stand above the major's. */
export function majorMinor(dev: number): readonly [major: number, minor: number] {
  const bits = BigInt(dev);
  return [Number((bits >> 8n) & 0xfffn), Number((bits & 0xffn) | ((bits >> 12n) & 0xfff00n))];
}

const encoder = new TextEncoder();

/** Text as the C library and the kernel want it: with a zero byte behind it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${text}\0`);
}
