/**
 * Whether the serial lines can do what the rest of ha.cf asks of them: carry the heartbeats in
 * time, and join these nodes.
 */

import type { Report } from "./diagnostics.ts";
import type { MediumEntry } from "./media.ts";
import type { Nodes } from "./nodes.ts";
import type { Settings } from "./settings.ts";
import { wordsOfSyntax, writeTime } from "./syntax.ts";
import { findDirective } from "./directives.ts";
import type { Timing } from "./timing.ts";

/** A signed status message in classic text, for a node name of 20 characters and sha256. */
export const BEAT_BYTES = 280;
/** Acknowledgements, repeats and words about resources, as part of the heartbeats. */
const RESERVE = 0.5;
/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;

/** Judges all serial lines together, since they share one speed. */
export function checkSerialLines(
  entries: readonly MediumEntry[],
  nodes: Nodes,
  timing: Timing,
  settings: Settings,
  report: Report,
): void {
  const line = entries.find(({ config }) => config.kind === "serial");
  if (line === undefined || line.config.kind !== "serial") return;
  if (settings.readable("keepalive", "baud")) {
    const isSole = entries.every(({ config }) => config.kind === "serial");
    checkSpeed({ line, baud: line.config.baud, isSole }, timing.keepaliveMs, settings, report);
  }
  const count = nodes.names.length;
  if (count <= 2) return;
  report.error("HB147", line.span, {
    title: `Cannot join ${count} nodes by serial lines`,
    caretNote: "a message goes no further than the other end, as with the original",
    help: 'keep two nodes, or replace the serial lines, for example by "bcast eth1"',
  });
}

/** The first line, the speed of all, and whether nothing else carries the beats. */
interface Lines {
  readonly line: MediumEntry;
  readonly baud: number;
  readonly isSole: boolean;
}

function checkSpeed(
  { line, baud, isSole }: Lines,
  keepaliveMs: number,
  settings: Settings,
  report: Report,
): void {
  const beats = BEAT_BYTES * 1000 / keepaliveMs;
  const needed = Math.ceil(beats * (1 + RESERVE));
  const carried = Math.floor(baud / BITS_PER_BYTE);
  if (needed <= carried) return;
  const place = settings.get("keepalive") ?? settings.get("baud") ?? line;
  const shortestMs = Math.ceil(BEAT_BYTES * (1 + RESERVE) * 1000 / carried);
  const faster = fastEnough(needed);
  const title = `Cannot send a heartbeat every ${keepaliveMs} ms over serial lines of ${baud} baud`;
  const words = {
    title: isSole ? title : `${title}: they lag, and drop what is old`,
    caretNote: `${BEAT_BYTES} bytes × ${rounded(1000 / keepaliveMs)}/s + ${RESERVE * 100} % ` +
      `reserve = ${needed} bytes/s; ${baud} baud carry ${carried}`,
    help: `write "keepalive ${writeTime(shortestMs)}" or more` +
      (faster === undefined ? "" : `, or "baud ${faster}" above the serial line on all nodes`),
  };
  if (isSole) report.error("HB146", place.span, words);
  else report.warning("HB146", place.span, words);
}

/** The slowest speed of the original that carries so much; undefined when none does. */
function fastEnough(bytesPerSecond: number): string | undefined {
  const baud = findDirective("baud");
  return baud === undefined
    ? undefined
    : wordsOfSyntax(baud.syntax).find((word) => Number(word) / BITS_PER_BYTE >= bytesPerSecond);
}

function rounded(perSecond: number): string {
  return String(Math.round(perSecond * 100) / 100);
}
