/** How a plugin host came to its end, in words that name what the plugin did. */

const SIGNAL_BASE = 128;
const SIGNALS: Readonly<Record<number, string>> = {
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  15: "SIGTERM",
};
const MEMORY_WORDS = /out of memory|memory allocation of|Cannot allocate memory/i;

export const OUT_OF_MEMORY = "needed more memory than a plugin host may have, which ended it";

/** Whether a line is the runtime's own complaint before it ends. */
export function saysOutOfMemory(line: string): boolean {
  return MEMORY_WORDS.test(line);
}

/**
 * @param code exit code, or 128 + signal
 * @param said what the host or its daemon knew before; it wins
 * @param lastLine of its output
 */
export function endText(
  code: number,
  said: string | undefined,
  lastLine: string | undefined,
): string {
  if (said !== undefined) return said;
  const signal = SIGNALS[code - SIGNAL_BASE];
  if (signal !== undefined) return `crashed its host (${signal})`;
  return `ended its host with code ${code}${lastLine === undefined ? "" : `: ${lastLine}`}`;
}
