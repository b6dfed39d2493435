/**
 * Reads the optional heartbeat.toml: what the classic files cannot say. A missing file means the
 * defaults; an unknown key is an error, because a misspelt wish must not be lost silently.
 */

import { parse, TomlError } from "smol-toml";
import type { ClusterConfig } from "../types.ts";
import { quote, type Report } from "./diagnostics.ts";
import { nearestName } from "./nearest.ts";
import type { Source, Span } from "./source.ts";

/** Time that one call of a resource may take, in milliseconds. */
export type Deadlines = Pick<
  ClusterConfig,
  "startDeadlineMs" | "stopDeadlineMs" | "statusDeadlineMs"
>;

const DEFAULT_DEADLINES: Deadlines = {
  startDeadlineMs: 90_000,
  stopDeadlineMs: 90_000,
  statusDeadlineMs: 20_000,
};

/** What the file decides. */
export interface HeartbeatToml {
  readonly deadlines: Deadlines;
  /** Hardware flow control of all serial lines: the cable must have the wires for it. */
  readonly rtscts: boolean;
}

export const DEFAULT_TOML: HeartbeatToml = { deadlines: DEFAULT_DEADLINES, rtscts: false };

/** Longest deadline: one day. */
const MAX_DEADLINE_S = 86_400;
/** Tables and their keys. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  deadlines: ["start_s", "stop_s", "status_s"],
  serial: ["rtscts"],
};

/** Parses the text; whatever is wrong is reported and replaced by its default. */
export function parseHeartbeatToml(source: Source, report: Report): HeartbeatToml {
  let tables: Record<string, unknown>;
  try {
    tables = parse(source.text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    report({
      ...{ code: "HB180", severity: "error", span: spanAt(source, error.line, error.column) },
      title: `Cannot read ${source.path} as TOML`,
      caretNote: reasonOf(error),
      help: 'write for example "[deadlines]" and below it "start_s = 90"',
    });
    return DEFAULT_TOML;
  }
  const seconds: Record<string, number> = {};
  let rtscts = false;
  for (const [table, content] of Object.entries(tables)) {
    const known = Object.hasOwn(KNOWN, table) ? KNOWN[table] : undefined;
    if (known === undefined) {
      reportUnknown(source, [table], Object.keys(KNOWN), report);
    } else if (!isTable(content)) {
      reportValue(source, [table], "a table", `[${table}]`, report);
    } else {
      for (const [key, value] of Object.entries(content)) {
        if (!known.includes(key)) reportUnknown(source, [table, key], known, report);
        else if (key === "rtscts") {
          if (typeof value === "boolean") rtscts = value;
          else reportValue(source, [table, key], "true or false", `${key} = true`, report);
        } else if (typeof value === "number" && value > 0 && value <= MAX_DEADLINE_S) {
          seconds[key] = value;
        } else {
          const expected = `seconds above 0, at most ${MAX_DEADLINE_S}`;
          reportValue(source, [table, key], expected, `${key} = 90`, report);
        }
      }
    }
  }
  const ms = (key: string, fallbackMs: number) =>
    Math.max(1, Math.round((seconds[key] ?? fallbackMs / 1000) * 1000));
  const deadlines = {
    startDeadlineMs: ms("start_s", DEFAULT_DEADLINES.startDeadlineMs),
    stopDeadlineMs: ms("stop_s", DEFAULT_DEADLINES.stopDeadlineMs),
    statusDeadlineMs: ms("status_s", DEFAULT_DEADLINES.statusDeadlineMs),
  };
  return { deadlines, rtscts };
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

function reportUnknown(
  source: Source,
  path: readonly string[],
  known: readonly string[],
  report: Report,
): void {
  const name = path.at(-1) ?? "";
  const near = nearestName(name, known);
  report({
    ...{ code: "HB181", severity: "error", span: spanOf(source, path) },
    title: `Cannot understand the key ${quote(path.join("."))}`,
    caretNote: near === null ? `expected ${known.join(", ")}` : `did you mean "${near}"?`,
    help: near === null ? "delete it" : `write "${near}"`,
  });
}

function reportValue(
  source: Source,
  path: readonly string[],
  expected: string,
  example: string,
  report: Report,
): void {
  report({
    ...{ code: "HB182", severity: "error", span: spanOf(source, path) },
    title: `Cannot use the value of ${quote(path.join("."))}`,
    caretNote: `expected ${expected}`,
    help: `write for example "${example}"`,
  });
}

/** Where a key stands. The TOML library gives no places, so the text is searched for it. */
function spanOf(source: Source, path: readonly string[]): Span {
  const name = path.at(-1) ?? "";
  const at = new RegExp(`(?<![\\w-])${name.replace(/[^\w-]/g, "\\$&")}(?![\\w-])`).exec(
    source.text.replace(/#.*/g, (comment) => " ".repeat(comment.length)),
  );
  const start = at?.index ?? 0;
  return { source, start, end: at === null ? start : start + name.length };
}

function spanAt(source: Source, line: number, column: number): Span {
  const start = Math.min((source.lineStarts[line - 1] ?? 0) + column - 1, source.text.length);
  return { source, start, end: start };
}

/** The library's first line without its own prefix. */
function reasonOf(error: TomlError): string {
  return (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
}
