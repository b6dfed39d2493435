/**
 * Watches one process until it has gone, without mistaking another process that got its number
 * later, or a zombie that nobody reaps, for the one that was meant.
 */

/** Identifies one life of a pid: its start time in clock ticks since boot; null when it is over. */
export function lifeOf(pid: number): string | null {
  let stat: string;
  try {
    stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    return null;
  }
  // The second field, the name in parentheses, may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  return state === "Z" || state === "X" ? null : fields[19] ?? null;
}
