/**
 * The line formats of the log, byte for byte those that operators' tools parse
 * (cluster-semantics §19). Pure: time, host and pid come in.
 */
import type { LogLevel } from "../types.ts";

/** `syslog`: 3.0.x default (`syslogmsgfmt on`); `stamped`: that of 2.x (`syslogmsgfmt off`). */
export type LineStyle = "syslog" | "stamped";

/** Word that the original prints for a level. */
export function levelWord(level: LogLevel): string {
  switch (level) {
    case "crit":
      return "CRIT";
    case "error":
      return "ERROR";
    case "warn":
      return "WARN";
    case "notice":
    case "info":
    case "debug":
      return level;
    default: {
      const never: never = level;
      return never;
    }
  }
}

/** A line of the daemon itself, for either file, without line feed. */
export function daemonLine(
  style: LineStyle,
  at: Date,
  host: string,
  pid: number,
  level: LogLevel,
  text: string,
): string {
  const said = `${levelWord(level)}: ${text}`;
  return style === "syslog"
    ? `${syslogTime(at)} ${host} heartbeat: [${pid}]: ${said}`
    : `heartbeat[${pid}]: ${stampTime(at)} ${said}`;
}

/**
 * A line of a script or agent as the shell functions of the original write it to `logfile`.
 * @param text carries its own priority word, if any (`info: Running …`)
 */
export function scriptLine(at: Date, tag: string, pid: number, text: string): string {
  return `${stampTime(at)}  ${tag}[${pid}]:    ${text}`;
}

/** The same for `debugfile`, where the original orders the parts otherwise. */
export function scriptDebugLine(at: Date, tag: string, pid: number, text: string): string {
  return `${tag}[${pid}]:\t${stampTime(at)} ${text}`;
}

/** Text as one or more printable lines: a packet's content can neither forge nor break a line. */
export function printableLines(text: string): string[] {
  return text.replace(/\n+$/, "").split("\n").map((line) =>
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    line.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (c) =>
      `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)
  );
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function clock(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `Nov 22 22:26:14`, local time. */
export function syslogTime(at: Date): string {
  return `${MONTHS[at.getMonth()]} ${two(at.getDate())} ${clock(at)}`;
}

/** `2024/11/22_22:26:14`, local time. */
export function stampTime(at: Date): string {
  return `${at.getFullYear()}/${two(at.getMonth() + 1)}/${two(at.getDate())}_${clock(at)}`;
}
