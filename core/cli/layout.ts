/**
 * Lays text out for one width of line: tables, paragraphs, and lines that are cut. It makes texts
 * of others harmless for a terminal and knows nothing of what they say.
 */

/** What is shown of a table; a row is its cells from left to right. */
export interface Table {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const INDENT = 2;
/** Where the other cells of a row stand that needs a line for its first cell alone. */
const STACKED_INDENT = 6;

/**
 * Aligned columns; where they do not fit, the first cell of each row gets a line of its own above
 * the others. What still does not fit is cut at the right edge.
 * @returns a list of lines for the titles and one for each row
 */
export function tableLines({ titles, rows }: Table, columns: number): string[][] {
  const all = [titles, ...rows];
  const widths = titles.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const line = (indent: number, cells: readonly string[], from: number) => {
    const padded = cells.slice(from).map((cell, at) => cell.padEnd(widths[from + at] ?? 0));
    return clip(" ".repeat(indent) + padded.join("  ").trimEnd(), columns);
  };
  const fits = all.every((row) => wholeLength(row, widths) <= columns);
  return all.map((row) =>
    fits
      ? [line(INDENT, row, 0)]
      : [clip(" ".repeat(INDENT) + (row[0] ?? ""), columns), line(STACKED_INDENT, row, 1)]
  );
}

/** The last cell that says something ends the line. */
function wholeLength(row: readonly string[], widths: readonly number[]): number {
  const last = row.findLastIndex((cell) => cell !== "");
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  return INDENT + before + (row[last]?.length ?? 0);
}

/** Cuts at the right edge; what scripts printed cannot steer the terminal. */
export function clip(text: string, columns: number): string {
  const safe = text.replace(/\p{C}/gu, "?");
  return safe.length <= columns ? safe : `${safe.slice(0, columns - 3)}...`;
}

/** Words over as many lines as they need, each indented; what is too long for a line is cut. */
export function wrapped(text: string, indent: number, columns: number): string[] {
  return folded(text, indent, columns).map((line) => clip(line, columns));
}

/** Words over as many lines as they need, each indented; a word that is too long stays whole. */
export function folded(text: string, indent: number, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => " ".repeat(indent) + each);
}
