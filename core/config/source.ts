/**
 * Text of a configuration file and places in it: offsets, words, lines and columns. Every parser of
 * this room works on these, so that each diagnostic can point at the very word it speaks of.
 * Does not read files; the text is handed in.
 */

/** One configuration text under the name that messages use for it. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** Offset of the first character of each line; never empty. */
  readonly lineStarts: readonly number[];
  /** How one of its lines may be shown; keeps the number of characters. */
  readonly redact: (line: string) => string;
}

/** A stretch of a source, as UTF-16 offsets; `end` is exclusive. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A word and its place. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

/** Where a span begins, for people. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters (code points), a tab counting as one. */
  readonly column: number;
  /** Length in characters of the part of the span that lies on this line; at least 1. */
  readonly length: number;
  /** The line without its end, as it may be shown. */
  readonly lineText: string;
}

/** Makes a source of `text`; `path` is only shown, lines only as `redact` leaves them. */
export function createSource(
  path: string,
  text: string,
  redact: (line: string) => string = (line) => line,
): Source {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lineStarts.push(at + 1);
  }
  return { path, text, lineStarts, redact };
}

/** One span a physical line, in order, without the line feed (a CR stays; it counts as blank). */
export function linesOf(source: Source): Span[] {
  return source.lineStarts.map((start, index) => {
    const next = source.lineStarts[index + 1];
    return { source, start, end: next === undefined ? source.text.length : next - 1 };
  });
}

/** The words of a span, as a global `pattern` finds them. */
export function wordsOf(span: Span, pattern: RegExp): Word[] {
  const part = span.source.text.slice(span.start, span.end);
  return [...part.matchAll(pattern)].map((match) => {
    const start = span.start + match.index;
    return { text: match[0], span: { ...span, start, end: start + match[0].length } };
  });
}

/** The span without what follows the first `#`, the `#` included. */
export function withoutComment(line: Span): Span {
  const hash = line.source.text.indexOf("#", line.start);
  return hash >= 0 && hash < line.end ? { ...line, end: hash } : line;
}

/** Line number, from 1, in which `offset` lies. */
export function lineNumber(span: Span): number {
  const starts = span.source.lineStarts;
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= span.start) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Line, column and extent of a span; a span over several lines is cut at the end of its first. */
export function locate(span: Span): Position {
  const { text, lineStarts } = span.source;
  const line = lineNumber(span);
  const start = lineStarts[line - 1] ?? 0;
  const end = (lineStarts[line] ?? text.length + 1) - 1;
  const lineText = text.slice(start, end).replace(/\r$/, "");
  const inLine = text.slice(span.start, Math.min(span.end, start + lineText.length));
  return {
    line,
    column: [...text.slice(start, span.start)].length + 1,
    length: Math.max(1, [...inLine].length),
    lineText: span.source.redact(lineText),
  };
}
