/**
 * Renders the usage text of a command from its entry in the table, so that help, manual and
 * behaviour cannot drift apart.
 */
import type { CommandDoc, OptionDoc } from "./command.ts";
import type { Terminal } from "./host.ts";
import { folded } from "./layout.ts";

/** Where the right column has fewer characters than this, it stands below the left one. */
const MIN_RIGHT = 24;
const BELOW_INDENT = 6;

/** @returns usage, options and exit codes of one command, ending with a newline */
export function renderHelp(doc: CommandDoc, terminal: Terminal): string {
  const called = doc.name === "heartbeat" ? "heartbeat" : `heartbeat ${doc.name}`;
  const usage = ["Usage:", called, doc.options.length > 0 ? "[options]" : "", doc.operands].filter((
    word,
  ) => word !== "");
  const lines = [usage.join(" "), `${doc.summary}.`].flatMap((text) =>
    folded(text, 0, terminal.foldAt)
  );
  if (doc.terms !== undefined) lines.push("", ...columns(doc.terms, terminal));
  if (doc.options.length > 0) lines.push("", "Options:");
  lines.push(...columns(doc.options.map((option) => [optionUsage(option), option.doc]), terminal));
  lines.push("", "Exit codes:");
  lines.push(...columns(doc.exits.map(([code, meaning]) => [String(code), meaning]), terminal));
  return lines.join("\n") + "\n";
}

function optionUsage(option: OptionDoc): string {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const value = option.value === undefined ? "" : ` ${option.value}`;
  return `${short}--${option.name}${value}`;
}

/** Two aligned columns, indented by two blanks; on a terminal the right one is folded. */
export function columns(
  rows: readonly (readonly [string, string])[],
  { foldAt }: Terminal,
): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  const indent = width + 4;
  return rows.flatMap(([left, right]) => {
    const head = `  ${left.padEnd(width)}  `;
    if (indent + right.length <= foldAt) return [`${head}${right}`.trimEnd()];
    if (foldAt - indent < MIN_RIGHT) {
      return [head.trimEnd(), ...folded(right, BELOW_INDENT, foldAt)];
    }
    const [first = "", ...more] = folded(right, indent, foldAt);
    return [head + first.trimStart(), ...more];
  });
}
