/**
 * The times of ha.cf, their defaults and how they must relate to each other (config-files §2).
 */

import type { Report } from "./diagnostics.ts";
import type { Settings } from "./settings.ts";
import type { Source, Span } from "./source.ts";
import { writeTime } from "./syntax.ts";

/** All in milliseconds. */
export interface Timing {
  readonly keepaliveMs: number;
  readonly warntimeMs: number;
  readonly deadtimeMs: number;
  readonly initdeadMs: number;
  readonly deadpingMs: number;
}

/** Below this a slow network start looks like a dead peer (config-files §2, initdead). */
const SAFE_INITDEAD_MS = 10_000;

/** Reads the times; a relation is only judged when both its sides could be read. */
export function readTiming(settings: Settings, source: Source, report: Report): Timing {
  const keepaliveMs = settings.number("keepalive");
  const deadtimeMs = settings.number("deadtime");
  const timing = {
    keepaliveMs,
    deadtimeMs,
    warntimeMs: settings.number("warntime", Math.round(deadtimeMs / 2)),
    initdeadMs: settings.number("initdead", defaultInitdeadMs(deadtimeMs)),
    deadpingMs: settings.number("deadping", deadtimeMs),
  };
  if (settings.readable("keepalive", "deadtime") && deadtimeMs <= 2 * keepaliveMs) {
    report.error("HB130", placeOf(settings, source, "deadtime", "keepalive"), {
      title: `Cannot use a deadtime of ${deadtimeMs} ms with a keepalive of ${keepaliveMs} ms`,
      caretNote: `deadtime must be greater than twice keepalive, ${2 * keepaliveMs} ms`,
      help: `write "deadtime ${writeTime(10 * keepaliveMs)}", or a smaller keepalive`,
    });
  }
  if (settings.readable("keepalive") && settings.get("deadping") !== undefined) {
    checkDeadping(timing, settings, source, report);
  }
  if (settings.readable("deadtime")) {
    checkInitdead(timing, settings, source, report);
    checkWarntime(timing, settings, source, report);
  }
  return timing;
}

function defaultInitdeadMs(deadtimeMs: number): number {
  if (deadtimeMs > 10_000) return deadtimeMs;
  return deadtimeMs < 6_000 ? 12_000 : 2 * deadtimeMs;
}

function checkDeadping(timing: Timing, settings: Settings, source: Source, report: Report): void {
  const { deadpingMs, keepaliveMs } = timing;
  if (deadpingMs > 2 * keepaliveMs) return;
  report.error("HB133", placeOf(settings, source, "deadping"), {
    title: `Cannot use a deadping of ${deadpingMs} ms with a keepalive of ${keepaliveMs} ms`,
    caretNote: `must be greater than twice keepalive, ${2 * keepaliveMs} ms`,
    help: `write "deadping ${writeTime(10 * keepaliveMs)}"`,
  });
}

function checkInitdead(timing: Timing, settings: Settings, source: Source, report: Report): void {
  const { initdeadMs, deadtimeMs } = timing;
  if (settings.get("initdead") === undefined || !settings.readable("initdead")) return;
  if (initdeadMs < deadtimeMs) {
    report.error("HB131", placeOf(settings, source, "initdead"), {
      title: `Cannot use an initdead of ${initdeadMs} ms with a deadtime of ${deadtimeMs} ms`,
      caretNote: "must not be smaller than deadtime",
      help: `write "initdead ${writeTime(Math.max(2 * deadtimeMs, SAFE_INITDEAD_MS))}"`,
    });
  } else if (initdeadMs < SAFE_INITDEAD_MS) {
    report.warning("HB132", placeOf(settings, source, "initdead"), {
      title: `An initdead of ${initdeadMs} ms may be too short`,
      caretNote: "a peer whose network starts slower than this looks dead at boot",
      help: `write "initdead ${writeTime(SAFE_INITDEAD_MS)}" or more`,
    });
  }
}

function checkWarntime(timing: Timing, settings: Settings, source: Source, report: Report): void {
  const { warntimeMs, deadtimeMs } = timing;
  if (settings.get("warntime") === undefined || !settings.readable("warntime")) return;
  if (warntimeMs < deadtimeMs) return;
  report.warning("HB134", placeOf(settings, source, "warntime"), {
    title: `A warntime of ${warntimeMs} ms never warns: deadtime is ${deadtimeMs} ms`,
    caretNote: "the peer is declared dead before",
    help: `write "warntime ${writeTime(Math.round(deadtimeMs / 2))}"`,
  });
}

/** The place of the first of `names` that is given, else the file. */
function placeOf(
  settings: Settings,
  source: Source,
  ...names: readonly string[]
): Span | string {
  return names.map((name) => settings.get(name)?.span).find((one) => one !== undefined) ??
    source.path;
}
