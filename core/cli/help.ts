/**
 * Renders the usage text of a command from its entry in the table, so that help, manual and
 * behaviour cannot drift apart.
 */
import type { CommandDoc, OptionDoc } from "./command.ts";

/** @returns usage, options and exit codes of one command, ending with a newline */
export function renderHelp(doc: CommandDoc): string {
  const called = doc.name === "heartbeat" ? "heartbeat" : `heartbeat ${doc.name}`;
  const usage = ["Usage:", called, doc.options.length > 0 ? "[options]" : "", doc.operands].filter((
    word,
  ) => word !== "");
  const lines = [usage.join(" "), `${doc.summary}.`];
  if (doc.terms !== undefined) lines.push("", ...columns(doc.terms));
  if (doc.options.length > 0) lines.push("", "Options:");
  lines.push(...columns(doc.options.map((option) => [optionUsage(option), option.doc])));
  lines.push("", "Exit codes:");
  lines.push(...columns(doc.exits.map(([code, meaning]) => [String(code), meaning])));
  return lines.join("\n") + "\n";
}

function optionUsage(option: OptionDoc): string {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const value = option.value === undefined ? "" : ` ${option.value}`;
  return `${short}--${option.name}${value}`;
}

/** Two aligned columns, indented by two blanks. */
export function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}
