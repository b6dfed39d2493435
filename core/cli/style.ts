/** Marks, colours and ages of the status table, chosen once for what the terminal can show. */
import type { Terminal } from "./host.ts";

export interface Style {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  dim(text: string): string;
  readonly dot: string;
  readonly yes: string;
  readonly none: string;
  readonly separator: string;
}

const GREEN = 32;
const RED = 31;
const YELLOW = 33;
const DIM = 2;

/** The style for a terminal; without colour its colour functions return the text unchanged. */
export function styleFor(terminal: Terminal): Style {
  const paint = (code: number) => (text: string) =>
    terminal.colour ? `\x1b[${code}m${text}\x1b[0m` : text;
  const marks = terminal.unicode
    ? { dot: "●", yes: "✓", none: "–", separator: " · " }
    : { dot: "*", yes: "+", none: "-", separator: ", " };
  return {
    good: paint(GREEN),
    bad: paint(RED),
    warn: paint(YELLOW),
    dim: paint(DIM),
    ...marks,
  };
}

/** An age in the two largest units that matter: `0.4s`, `12s`, `3m 20s`, `2h 10m`, `12d 04h`. */
export function age(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (ms < 9950) return `${(ms / 1000).toFixed(1)}s`;
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
