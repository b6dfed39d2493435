/**
 * Serial lines as Linux has them: opened without waiting for a carrier, locked against a second
 * user, raw 8N1 at a speed, with or without hardware flow control. The layout of `struct termios`
 * is that of glibc on x86-64 and aarch64 (reference: Deno runtime, section C).
 *
 * A pseudo-terminal has no modem lines and answers ENOTTY or EINVAL; that means "unknown" here.
 */
import { cString, O_CLOEXEC, O_NONBLOCK, O_RDWR } from "./abi.ts";
import { check, errnoNumber, lastErrno, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";
import { flockHolders, processName } from "./proc.ts";
import { closeFd } from "./socket.ts";

const O_NOCTTY = 0o400;
const LOCK_EX_NB = 2 | 4;

const TERMIOS_BYTES = 60;
const C_IFLAG = 0;
const C_CFLAG = 8;
const C_CC = 17;
const VTIME = 5;
const VMIN = 6;
const IGNBRK = 0o1;
const CSIZE = 0o60;
const CS8 = 0o60;
const CSTOPB = 0o100;
const CREAD = 0o200;
const PARENB = 0o400;
const HUPCL = 0o2000;
const CLOCAL = 0o4000;
const CRTSCTS = 0o20000000000;
const TCSANOW = 0;
const TCIOFLUSH = 2;

const TIOCOUTQ = 0x5411;
const TIOCMGET = 0x5415;
const TIOCMBIS = 0x5416;
const TIOCMBIC = 0x5417;
const TIOCSBRK = 0x5427;
const TIOCCBRK = 0x5428;
const NO_MODEM_LINES = new Set(["ENOTTY", "EINVAL"].map(errnoNumber));

/** Bits of the modem lines. */
export const MODEM = { dtr: 0x002, rts: 0x004, cts: 0x020, dcd: 0x040, dsr: 0x100 } as const;

/** Speeds in baud and the codes that termios has for them. */
const SPEEDS: ReadonlyMap<number, number> = new Map([
  ...[50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400]
    .map((baud, at) => [baud, at + 1] as const),
  ...[
    ...[57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000],
    ...[1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000],
  ].map((baud, at) => [baud, 0o10001 + at] as const),
]);

/** How a line is to be used. */
export interface LineSettings {
  readonly baud: number;
  /** Hardware flow control: the other end can hold us back with CTS. */
  readonly rtscts: boolean;
}

/**
 * Opens a serial line, locks it and makes it raw; what was in its buffers is thrown away.
 * @param lock take the line for this process alone
 * @returns a non-blocking, close-on-exec descriptor
 * @throws SystemError; EAGAIN when another process holds the lock, with its name and pid
 */
export function openLine(path: string, settings: LineSettings, lock: boolean): number {
  const flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
  const fd = check(`open "${path}"`, libc.open(cString(path), flags, 0));
  try {
    if (lock && libc.flock(fd, LOCK_EX_NB) === -1) {
      const errno = lastErrno();
      throw new SystemError(`lock "${path}", which ${lockHolder(path)} uses`, errno);
    }
    configureLine(fd, path, settings);
    check(`tcflush "${path}"`, libc.tcflush(fd, TCIOFLUSH));
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

/**
 * Closes a line without waiting for what the other end does not take: the kernel would wait for
 * half a minute.
 */
export function closeLine(fd: number): void {
  libc.tcflush(fd, TCIOFLUSH);
  closeFd(fd);
}

/**
 * Raw, 8 data bits, no parity, 1 stop bit; a break is no byte.
 * @throws SystemError; ENOTTY when `path` is no terminal; EINVAL for a speed that does not exist
 */
export function configureLine(fd: number, path: string, { baud, rtscts }: LineSettings): void {
  const speed = SPEEDS.get(baud);
  if (speed === undefined) throw new SystemError(`set ${baud} baud`, errnoNumber("EINVAL"));
  const termios = new Uint8Array(TERMIOS_BYTES);
  check(`tcgetattr "${path}"`, libc.tcgetattr(fd, termios));
  libc.cfmakeraw(termios);
  check(`cfsetspeed ${baud}`, libc.cfsetspeed(termios, speed));
  const view = new DataView(termios.buffer);
  view.setUint32(C_IFLAG, view.getUint32(C_IFLAG, true) | IGNBRK, true);
  const kept = view.getUint32(C_CFLAG, true) & ~(CSIZE | CSTOPB | PARENB | CRTSCTS);
  const wanted = CS8 | CREAD | HUPCL | CLOCAL | (rtscts ? CRTSCTS : 0);
  view.setUint32(C_CFLAG, (kept | wanted) >>> 0, true);
  termios[C_CC + VMIN] = 1;
  termios[C_CC + VTIME] = 0;
  check(`tcsetattr "${path}"`, libc.tcsetattr(fd, TCSANOW, termios));
}

/**
 * Speed that the kernel has for a line, in baud; 0 when it is none of termios.
 * @throws SystemError
 */
export function lineSpeed(fd: number): number {
  const termios = new Uint8Array(TERMIOS_BYTES);
  check("tcgetattr", libc.tcgetattr(fd, termios));
  const code = libc.cfgetospeed(termios);
  for (const [baud, speed] of SPEEDS) if (speed === code) return baud;
  return 0;
}

/** Throws away what was received and not read, and what was written and has not left. */
export function flushLine(fd: number): void {
  check("tcflush", libc.tcflush(fd, TCIOFLUSH));
}

/** Bytes that were written and have not left. */
export function unsentBytes(fd: number): number {
  const count = new Int32Array(1);
  check("ioctl TIOCOUTQ", libc.ioctl(fd, TIOCOUTQ, count));
  return count[0] ?? 0;
}

/** Holds the line in the break state, or ends that. */
export function setBreak(fd: number, on: boolean): void {
  check("ioctl break", libc.ioctl(fd, on ? TIOCSBRK : TIOCCBRK, null));
}

/** Bits of {@link MODEM}; 0 where there are no modem lines. */
export function modemLines(fd: number): number {
  const bits = new Int32Array(1);
  modemCall("TIOCMGET", libc.ioctl(fd, TIOCMGET, bits));
  return bits[0] ?? 0;
}

/** Raises or drops our own lines; does nothing where there are none. */
export function setModemLines(fd: number, bits: number, on: boolean): void {
  const value = new Int32Array([bits]);
  modemCall("set modem lines", libc.ioctl(fd, on ? TIOCMBIS : TIOCMBIC, value));
}

function modemCall(call: string, result: number): void {
  if (result !== -1) return;
  const errno = lastErrno();
  if (!NO_MODEM_LINES.has(errno)) throw new SystemError(`ioctl ${call}`, errno);
}

/** As far as it can be seen from here. */
function lockHolder(path: string): string {
  const [pid] = flockHolders(path);
  return pid === undefined ? "another process" : `${processName(pid)} (pid ${pid})`;
}
