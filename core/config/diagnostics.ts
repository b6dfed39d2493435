/**
 * What is wrong in a configuration, and how it is told: one model, one list of findings, one
 * rendering for people (code, sentence, place, caret, literal fix) and one for programs. Only
 * gathers and shows; never decides what is wrong.
 */

import type { DiagnosticCode } from "./codes.ts";
import { locate, type Position, type Span } from "./source.ts";

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: "error" | "warning";
  /** Of an error with which a daemon starts all the same, and does no good until it is mended. */
  readonly startsAnyway?: true;
  /** One sentence: the action that is impossible, or the fact to know. */
  readonly title: string;
  /** The file, when no place in it can be pointed at. */
  readonly path?: string;
  readonly span?: Span;
  /** Shown behind the caret: the cause, or what was expected. */
  readonly caretNote?: string | undefined;
  /** The literal fix. */
  readonly help?: string | undefined;
}

/** The words of one finding. */
type Words = Pick<Diagnostic, "title" | "caretNote" | "help">;

/** Where parsers hand over what they find, each at a place or, by its path, in a file as a whole. */
export class Report {
  readonly #findings: Diagnostic[] = [];

  /** In the order in which they were found. */
  get findings(): readonly Diagnostic[] {
    return this.#findings;
  }

  /** Something with which no daemon starts. */
  error(code: DiagnosticCode, at: Span | string, words: Words): void {
    this.#add("error", code, at, words);
  }

  /** Something with which a daemon starts, and does no good until it is mended. */
  standstill(code: DiagnosticCode, at: Span | string, words: Words): void {
    this.#add("error", code, at, { ...words, startsAnyway: true });
  }

  /** Something to know, with which a daemon starts. */
  warning(code: DiagnosticCode, at: Span | string, words: Words): void {
    this.#add("warning", code, at, words);
  }

  #add(
    severity: Diagnostic["severity"],
    code: DiagnosticCode,
    at: Span | string,
    words: Words & Pick<Diagnostic, "startsAnyway">,
  ): void {
    const place = typeof at === "string" ? { path: at } : { span: at };
    this.#findings.push({ code, severity, ...place, ...words });
  }
}

/** Whether no daemon starts with what was found. */
export function refuses({ severity, startsAnyway }: Diagnostic): boolean {
  return severity === "error" && startsAnyway !== true;
}

/** The form for programs; `line`, `column` from 1, `length` in characters, null without a place. */
export interface DiagnosticRecord {
  readonly code: DiagnosticCode;
  readonly severity: "error" | "warning";
  /** Whether no daemon starts with it. */
  readonly refuses: boolean;
  readonly title: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly length: number | null;
  readonly note: string | null;
  readonly help: string | null;
}

/** Tab stops of a source line as it is shown. */
const TAB_WIDTH = 8;
/** Longest part of a source line that is shown, and of a value quoted in a sentence. */
const MAX_LINE_SHOWN = 100;
const MAX_QUOTE_SHOWN = 60;
/** Share of it that is shown left of the caret in a line that had to be cut. */
const CONTEXT_SHARE = 0.3;

/** A value as sentences quote it: in double quotes, bounded, without control characters. */
export function quote(value: string): string {
  const characters = [...printable(value)];
  const shown = characters.slice(0, MAX_QUOTE_SHOWN).join("");
  return characters.length > MAX_QUOTE_SHOWN ? `"${shown}…"` : `"${shown}"`;
}

/** A text without control characters, which a terminal would obey. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, "\uFFFD");
}

/** By file name, then by place; what concerns a whole file comes before what lies in it. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const path = (one: Diagnostic) => pathOf(one) ?? "";
  const start = (one: Diagnostic) => one.span?.start ?? -1;
  return [...diagnostics].sort((a, b) =>
    path(a) === path(b) ? start(a) - start(b) : path(a) < path(b) ? -1 : 1
  );
}

/**
 * The text for people, sorted, with a count at the end; empty when there is nothing to tell.
 * @param options.columns of the terminal, behind which a caret would lose its place
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  { color, columns = Infinity }: { readonly color: boolean; readonly columns?: number },
): string {
  if (diagnostics.length === 0) return "";
  const paint = color ? colored : plain;
  const blocks = sortDiagnostics(diagnostics).map((one) => renderOne(one, paint, columns));
  return `${blocks.join("\n")}\n${countLine(diagnostics)}\n`;
}

/** The same facts for programs, sorted likewise; every element is plain JSON. */
export function diagnosticRecords(diagnostics: readonly Diagnostic[]): DiagnosticRecord[] {
  return sortDiagnostics(diagnostics).map((one) => {
    const position = one.span === undefined ? null : locate(one.span);
    return {
      code: one.code,
      severity: one.severity,
      refuses: refuses(one),
      title: one.title,
      file: pathOf(one),
      line: position?.line ?? null,
      column: position?.column ?? null,
      length: position?.length ?? null,
      note: one.caretNote ?? null,
      help: one.help ?? null,
    };
  });
}

type Paint = (color: keyof typeof ANSI, text: string) => string;

const ANSI = { error: "1;31", warning: "1;33", place: "34", help: "36", title: "1" } as const;

const plain: Paint = (_color, text) => text;
const colored: Paint = (color, text) => `\x1b[${ANSI[color]}m${text}\x1b[0m`;

function pathOf(one: Diagnostic): string | null {
  return one.span?.source.path ?? one.path ?? null;
}

function renderOne(one: Diagnostic, paint: Paint, columns: number): string {
  const head = paint(one.severity, `${one.severity}[${one.code}]`);
  const lines = [`${head}: ${paint("title", printable(one.title))}`];
  if (one.span !== undefined) lines.push(...renderPlace(one, one.span, paint, columns));
  else if (one.path !== undefined) lines.push(`${paint("place", "  -->")} ${one.path}`);
  if (one.help !== undefined) lines.push(`${paint("help", "help:")} ${printable(one.help)}`);
  return lines.join("\n") + "\n";
}

function renderPlace(one: Diagnostic, span: Span, paint: Paint, columns: number): string[] {
  const position = locate(span);
  const gutter = " ".repeat(String(position.line).length);
  const bar = paint("place", `${gutter} |`);
  const room = columns - gutter.length - " | ".length;
  const { shown, caretAt, caretLength } = layOut(position, room);
  const note = one.caretNote === undefined ? "" : ` ${printable(one.caretNote)}`;
  const carets = paint(one.severity, "^".repeat(caretLength) + note);
  return [
    `${paint("place", `${gutter}-->`)} ${span.source.path}:${position.line}:${position.column}`,
    bar,
    `${paint("place", `${position.line} |`)} ${shown}`.trimEnd(),
    `${bar} ${" ".repeat(caretAt)}${carets}`,
    ...(one.help === undefined ? [] : [bar]),
  ];
}

/** Expands tabs, blinds control characters, and cuts a long line around its caret. */
function layOut(
  position: Position,
  room: number,
): { shown: string; caretAt: number; caretLength: number } {
  const cells: string[] = [];
  let caretStart = 0;
  let caretEnd = 0;
  const characters = [...position.lineText];
  const first = position.column - 1;
  for (let index = 0; index <= characters.length; index++) {
    if (index === first) caretStart = cells.length;
    if (index === first + position.length) caretEnd = cells.length;
    const character = characters[index];
    if (character === undefined) break;
    if (character !== "\t") cells.push(printable(character));
    else cells.push(...Array<string>(TAB_WIDTH - cells.length % TAB_WIDTH).fill(" "));
  }
  const caretLength = Math.max(1, caretEnd - caretStart);
  const width = Math.min(MAX_LINE_SHOWN, room - "…".length);
  if (cells.length <= width) {
    return { shown: cells.join(""), caretAt: caretStart, caretLength };
  }
  const context = Math.floor(width * CONTEXT_SHARE);
  const from = Math.max(0, Math.min(caretStart - context, cells.length - width));
  const window = cells.slice(from, from + width);
  if (from > 0) window[0] = "…";
  if (from + width < cells.length) window.push("…");
  const caretAt = caretStart - from;
  return {
    shown: window.join(""),
    caretAt,
    caretLength: Math.min(caretLength, width - caretAt),
  };
}

function countLine(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((one) => one.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  return [[errors, "error"] as const, [warnings, "warning"] as const]
    .filter(([number]) => number > 0)
    .map(([number, noun]) => count(number, noun))
    .join(", ");
}
