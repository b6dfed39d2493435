/**
 * Sockets as the kernel has them, thinly: every descriptor made here is close-on-exec (scripts must
 * not inherit it) and non-blocking (the main thread never waits). Setting up throws a `SystemError`
 * that names the call; moving data answers with a count or a negative errno, because a lost packet
 * is everyday business and an exception is not.
 */
import {
  AF_INET,
  AF_INET6,
  AF_PACKET,
  AF_UNIX,
  cString,
  O_CLOEXEC,
  O_NONBLOCK,
  SOL_SOCKET,
} from "./abi.ts";
import { check, errnoNumber, lastErrno, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";

const SO_PEERCRED = 17;
const SO_BINDTODEVICE = 25;
const SOCK_CLOEXEC_NONBLOCK = O_CLOEXEC | O_NONBLOCK;
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
const MSG_DONTWAIT = 0x40;
const MAX_DEVICE_NAME_BYTES = 15;
const MAX_UNIX_PATH_BYTES = 107;

const encoder = new TextEncoder();

/** Bytes in memory that the kernel may be given: not shared between threads. */
export type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Makes a socket, close-on-exec and non-blocking.
 * @param what which one it is, for the error
 * @throws SystemError
 */
export function openSocket(domain: number, type: number, what = "socket"): number {
  return check(what, libc.socket(domain, type | SOCK_CLOEXEC_NONBLOCK, 0));
}

/** Closes a descriptor; an error of it changes nothing for the caller and is not told. */
export function closeFd(fd: number): void {
  libc.close(fd);
}

/**
 * Reads what is there.
 * @returns bytes read (0: the other side is gone), or a negative errno
 */
export function readFd(fd: number, buffer: Bytes): number {
  const count = libc.read(fd, buffer, buffer.length);
  return count === -1 ? -lastErrno() : count;
}

/**
 * Writes as much as the kernel takes at once.
 * @returns bytes taken, or a negative errno
 */
export function writeFd(fd: number, data: Bytes): number {
  const count = libc.write(fd, data, data.length);
  return count === -1 ? -lastErrno() : count;
}

/**
 * Sets an option whose value is an integer.
 * @param what name of the option, for the error
 * @throws SystemError
 */
export function setIntOption(
  fd: number,
  what: string,
  level: number,
  option: number,
  value: number,
): void {
  setOption(fd, what, level, option, new Uint8Array(new Int32Array([value]).buffer));
}

/**
 * Sets an option whose value is a structure.
 * @param what name of the option, for the error
 * @throws SystemError
 */
export function setOption(
  fd: number,
  what: string,
  level: number,
  option: number,
  value: Bytes,
): void {
  check(`setsockopt ${what}`, libc.setsockopt(fd, level, option, value, value.length));
}

/**
 * Ties a socket to one interface: it hears and sends on no other.
 * @throws SystemError, ENODEV when there is no such interface
 */
export function bindToDevice(fd: number, device: string): void {
  if (encoder.encode(device).length > MAX_DEVICE_NAME_BYTES) {
    throw new SystemError(`bind to device "${device}"`, errnoNumber("ENODEV"));
  }
  setOption(fd, `SO_BINDTODEVICE "${device}"`, SOL_SOCKET, SO_BINDTODEVICE, cString(device));
}

/**
 * Gives a socket its own address.
 * @param what the address in words, for the error
 * @throws SystemError
 */
export function bindSocket(fd: number, address: Bytes, what: string): void {
  check(`bind ${what}`, libc.bind(fd, address, address.length));
}

/**
 * Sends to an address, at once or not at all.
 * @returns bytes sent, or a negative errno
 */
export function sendTo(fd: number, data: Bytes, address: Bytes): number {
  const sent = libc.sendto(
    fd,
    data,
    data.length,
    MSG_DONTWAIT_NOSIGNAL,
    address,
    address.length,
  );
  return sent === -1 ? -lastErrno() : sent;
}

/**
 * Sends on a connected socket as much as fits at once.
 * @returns bytes sent, or a negative errno
 */
export function send(fd: number, data: Bytes): number {
  const sent = libc.send(fd, data, data.length, MSG_DONTWAIT_NOSIGNAL);
  return sent === -1 ? -lastErrno() : sent;
}

/**
 * Receives what is there.
 * @returns bytes received (0 is the end of a stream), or a negative errno: -EAGAIN when empty
 */
export function receive(fd: number, buffer: Bytes): number {
  const received = libc.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
  return received === -1 ? -lastErrno() : received;
}

/**
 * Takes one waiting connection of a listening socket.
 * @returns its descriptor, or a negative errno: -EAGAIN when nobody waits
 */
export function acceptConnection(fd: number): number {
  const accepted = libc.accept4(fd, null, null, SOCK_CLOEXEC_NONBLOCK);
  return accepted === -1 ? -lastErrno() : accepted;
}

/** Who is at the other end of a unix stream socket, as the kernel vouches for it. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Asks the kernel who made the connection.
 * @throws SystemError
 */
export function peerCredentials(fd: number): PeerCredentials {
  const value = new Int32Array(3);
  const length = new Uint32Array([value.byteLength]);
  check("getsockopt SO_PEERCRED", libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, value, length));
  const [pid = 0, uid = 0, gid = 0] = value;
  return { pid, uid: uid >>> 0, gid: gid >>> 0 };
}

/**
 * `struct sockaddr_in`.
 * @param host dotted quad
 * @throws Error when `host` is not one
 */
export function sockaddrIn(host: string, port: number): Bytes {
  return inet(16, AF_INET, host, port, 4);
}

/**
 * `struct sockaddr_in6`.
 * @param host without a zone
 * @param scope interface index, for link-local and multicast addresses
 * @throws Error when `host` is not an IPv6 address
 */
export function sockaddrIn6(host: string, port: number, scope = 0): Bytes {
  const address = inet(28, AF_INET6, host, port, 8);
  new DataView(address.buffer).setUint32(24, scope, true);
  return address;
}

/** @param at where the address bytes stand; the port stands at 2 in both families */
function inet(size: number, family: number, host: string, port: number, at: number): Bytes {
  const address = new Uint8Array(size);
  const view = new DataView(address.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, port, false);
  if (libc.inet_pton(family, cString(host), address.subarray(at)) !== 1) {
    throw new Error(`"${host}" is not an ${family === AF_INET ? "IPv4" : "IPv6"} address`);
  }
  return address;
}

/**
 * `struct sockaddr_un`, just as long as its path; a leading `@` means the abstract namespace.
 * @throws Error for a path over 107 bytes
 */
export function sockaddrUn(path: string): Bytes {
  const abstract = path.startsWith("@");
  const bytes = abstract ? encoder.encode(`\0${path.slice(1)}`) : cString(path);
  if (bytes.length > MAX_UNIX_PATH_BYTES + 1) {
    throw new Error(
      `the socket path "${path}" has ${bytes.length} bytes; Linux takes at most ` +
        `${MAX_UNIX_PATH_BYTES}`,
    );
  }
  const address = new Uint8Array(2 + bytes.length);
  address[0] = AF_UNIX;
  address.set(bytes, 2);
  return address;
}

/**
 * `struct sockaddr_ll`, where an AF_PACKET frame leaves.
 * @param protocol EtherType, such as 0x0806
 * @param mac destination
 */
export function sockaddrLl(interfaceIndex: number, protocol: number, mac: Uint8Array): Bytes {
  const address = new Uint8Array(20);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol, false);
  view.setInt32(4, interfaceIndex, true);
  address[11] = mac.length;
  address.set(mac, 12);
  return address;
}
