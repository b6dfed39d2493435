/**
 * Lines for the system log, as datagrams to `/dev/log`. Each is addressed anew, so a log daemon that
 * is restarted is found again; while there is none, or it cannot keep up, lines are dropped: the
 * log must never hold up the heartbeat, and the log file has them too.
 */
import type { LogLevel } from "../types.ts";
import { AF_UNIX, SOCK_DGRAM } from "./abi.ts";
import { type Bytes, closeFd, openSocket, sendTo, sockaddrUn } from "./socket.ts";

/** Facility codes by the names that `logfacility` accepts (RFC 5424, section 6.2.1). */
export const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

const SEVERITIES: Readonly<Record<LogLevel, number>> = {
  crit: 2,
  error: 3,
  warn: 4,
  notice: 5,
  info: 6,
  debug: 7,
};

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
/** What common log daemons take whole. */
const MAX_DATAGRAM_BYTES = 8192;
const encoder = new TextEncoder();

/** An open way to the system log. */
export class Syslog {
  readonly #facility: number;
  readonly #ident: string;
  readonly #address: Bytes;
  #fd: number;

  /**
   * @param facility a name of {@link FACILITIES}
   * @param ident program name in front of each line
   * @throws Error for an unknown facility; SystemError without a socket
   */
  constructor(facility: string, ident: string, path = "/dev/log") {
    const code = FACILITIES[facility];
    if (code === undefined) throw new Error(`"${facility}" is not a syslog facility`);
    this.#facility = code;
    this.#ident = ident;
    this.#address = sockaddrUn(path);
    this.#fd = openSocket(AF_UNIX, SOCK_DGRAM);
  }

  /** Sends one line or drops it. */
  log(level: LogLevel, text: string): void {
    if (this.#fd === -1) return;
    const priority = this.#facility * 8 + SEVERITIES[level];
    const head = `<${priority}>${timestamp(new Date())} ${this.#ident}[${Deno.pid}]: `;
    const data = encoder.encode(head + text.replaceAll("\n", " "));
    sendTo(this.#fd, data.subarray(0, MAX_DATAGRAM_BYTES), this.#address);
  }

  close(): void {
    if (this.#fd !== -1) closeFd(this.#fd);
    this.#fd = -1;
  }
}

/** Local time as log daemons read it: `Jan  2 03:04:05`. */
function timestamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = String(now.getDate()).padStart(2, " ");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(":");
  return `${MONTHS[now.getMonth()]} ${day} ${time}`;
}
