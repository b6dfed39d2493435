/**
 * Reads the optional heartbeat.toml: what the classic files cannot say. A missing file means the
 * defaults; an unknown key is an error, because a misspelt wish must not be lost silently. The table
 * of keys is also what the manual is made of.
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

/** What the file decides. */
export interface HeartbeatToml {
  readonly deadlines: Deadlines;
  /** Hardware flow control of all serial lines: the cable must have the wires for it. */
  readonly rtscts: boolean;
}

/** One key of the file: what the parser and the manual need to know of it. */
export interface TomlKey {
  readonly table: string;
  readonly name: string;
  /** A number is one of seconds. */
  readonly default: number | boolean;
  /** As one would write it. */
  readonly example: string;
  /** One paragraph of what it does. */
  readonly doc: string;
}

/** Longest deadline: one day. */
const MAX_DEADLINE_S = 86_400;

function deadline(name: string, seconds: number, doc: string): TomlKey {
  return { table: "deadlines", name, default: seconds, example: "90", doc };
}

/** All keys, in the order of the manual. */
export const TOML_KEYS: readonly TomlKey[] = [
  deadline("start_s", 90, "Time that the start of a resource may take."),
  deadline("stop_s", 90, "Time that the stop of a resource may take."),
  deadline("status_s", 20, "Time that the question whether a resource runs may take."),
  {
    table: "serial",
    name: "rtscts",
    default: false,
    example: "true",
    doc: "Hardware flow control (RTS and CTS) of all serial lines: the cable must have the wires " +
      "for it.",
  },
];

const TABLES = [...new Set(TOML_KEYS.map(({ table }) => table))];

/** What the file decides where it says nothing, or is not there. */
export const DEFAULT_TOML: HeartbeatToml = decided(new Map());

/** Parses the text; whatever is wrong is reported and replaced by its default. */
export function parseHeartbeatToml(source: Source, report: Report): HeartbeatToml {
  let tables: Record<string, unknown>;
  try {
    tables = parse(source.text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    report.error("HB180", spanAt(source, error.line, error.column), {
      title: `Cannot read ${source.path} as TOML`,
      caretNote: reasonOf(error),
      help: 'write for example "[deadlines]" and below it "start_s = 90"',
    });
    return DEFAULT_TOML;
  }
  const given = new Map<string, unknown>();
  for (const [table, content] of Object.entries(tables)) {
    const keys = TOML_KEYS.filter((key) => key.table === table);
    if (keys.length === 0) reportUnknown(source, [table], TABLES, report);
    else if (!isTable(content)) reportValue(source, [table], "a table", `[${table}]`, report);
    else {
      for (const [name, value] of Object.entries(content)) {
        const key = keys.find((one) => one.name === name);
        if (key === undefined) {
          reportUnknown(source, [table, name], keys.map((one) => one.name), report);
        } else if (fits(key, value)) given.set(name, value);
        else reportValue(source, [table, name], describeKey(key), exampleOf(key), report);
      }
    }
  }
  return decided(given);
}

/** What a key expects, to stand behind "expected" and in the manual. */
export function describeKey(key: TomlKey): string {
  return typeof key.default === "boolean"
    ? "true or false"
    : `seconds above 0, at most ${MAX_DEADLINE_S}`;
}

/** A line of the file that sets the key. */
export function exampleOf({ name, example }: TomlKey): string {
  return `${name} = ${example}`;
}

function fits(key: TomlKey, value: unknown): boolean {
  if (typeof key.default === "boolean") return typeof value === "boolean";
  return typeof value === "number" && value > 0 && value <= MAX_DEADLINE_S;
}

/** @param given checked values by the names of their keys */
function decided(given: ReadonlyMap<string, unknown>): HeartbeatToml {
  const valueOf = (name: string) =>
    given.get(name) ?? TOML_KEYS.find((key) => key.name === name)?.default;
  const ms = (name: string) => Math.max(1, Math.round(Number(valueOf(name)) * 1000));
  const deadlines = {
    startDeadlineMs: ms("start_s"),
    stopDeadlineMs: ms("stop_s"),
    statusDeadlineMs: ms("status_s"),
  };
  return { deadlines, rtscts: valueOf("rtscts") === true };
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
  report.error("HB181", spanOf(source, path), {
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
  report.error("HB182", spanOf(source, path), {
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
