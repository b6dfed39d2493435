/** Every kind of line of the original's logs must come out of our own functions byte for byte. */
import assert from "node:assert/strict";
import {
  daemonLine,
  printableLines,
  scriptDebugLine,
  scriptLine,
} from "../../core/runtime/log_lines.ts";
import type { LogLevel } from "../../core/types.ts";

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const LEVELS: Record<string, LogLevel> = {
  CRIT: "crit",
  ERROR: "error",
  WARN: "warn",
  notice: "notice",
  info: "info",
  debug: "debug",
};

const SYSLOG =
  /^(?<month>\w{3}) (?<day>\d\d) (?<clock>[\d:]{8}) (?<host>\S+) heartbeat: \[(?<pid>\d+)\]: (?<level>\w+): (?<text>.*)$/;
const STAMPED = /^heartbeat\[(?<pid>\d+)\]: (?<stamp>[\d/_:]{19}) (?<level>\w+): (?<text>.*)$/;
const SCRIPT = /^(?<stamp>[\d/_:]{19}) {2}(?<tag>\S+)\[(?<pid>\d+)\]: {4}(?<text>.*)$/;
const SCRIPT_DEBUG = /^(?<tag>\S+)\[(?<pid>\d+)\]:\t(?<stamp>[\d/_:]{19}) (?<text>.*)$/;

function dateOf(stamp: string): Date {
  const [year, month, day, hour, minute, second] = stamp.split(/\D/).map(Number);
  return new Date(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
}

/** The line as our functions write it, from what is said in it. */
function rebuilt(line: string): string | undefined {
  const syslog = SYSLOG.exec(line)?.groups;
  if (syslog !== undefined) {
    const { month = "", day, clock = "", host = "", pid, level = "", text = "" } = syslog;
    const at = new Date(2026, MONTHS.indexOf(month) / 3, Number(day));
    const [hour = 0, minute = 0, second = 0] = clock.split(":").map(Number);
    at.setHours(hour, minute, second);
    return daemonLine("syslog", at, host, Number(pid), LEVELS[level] ?? "info", text);
  }
  const stamped = STAMPED.exec(line)?.groups;
  if (stamped !== undefined) {
    const { pid, stamp = "", level = "", text = "" } = stamped;
    return daemonLine("stamped", dateOf(stamp), "", Number(pid), LEVELS[level] ?? "info", text);
  }
  const script = SCRIPT.exec(line)?.groups;
  if (script !== undefined) {
    const { stamp = "", tag = "", pid, text = "" } = script;
    return scriptLine(dateOf(stamp), tag, Number(pid), text);
  }
  const debug = SCRIPT_DEBUG.exec(line)?.groups;
  if (debug === undefined) return undefined;
  const { stamp = "", tag = "", pid, text = "" } = debug;
  return scriptDebugLine(dateOf(stamp), tag, Number(pid), text);
}

const GOLDEN = new URL("golden/", import.meta.url);

for (const { name } of Deno.readDirSync(GOLDEN)) {
  Deno.test(`log lines: each line of the original's ${name} is reproduced`, () => {
    const lines = Deno.readTextFileSync(new URL(name, GOLDEN)).trimEnd().split("\n");
    assert.ok(lines.length > 30);
    for (const line of lines) assert.equal(rebuilt(line), line);
  });
}

Deno.test("printableLines: a packet's content can neither forge a line nor move the cursor", () => {
  assert.deepEqual(printableLines("a\nb\n"), ["a", "b"]);
  assert.deepEqual(printableLines("\x1b[2Jx\x07\x9b\x7f\r\ty"), [
    "\\x1b[2Jx\\x07\\x9b\\x7f\\x0d\ty",
  ]);
  assert.deepEqual(printableLines("Grüße"), ["Grüße"]);
});
