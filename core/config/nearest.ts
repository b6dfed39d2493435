/**
 * Finds what somebody probably meant to write. Used for "did you mean"; refuses to guess when
 * nothing is near, because a wrong suggestion costs more than none.
 */

/** Longest word compared; beyond it nobody mistyped a name. */
const MAX_WORD_LENGTH = 64;

/**
 * The candidate nearest to `word`, upper and lower case being equal, or null when more than a third
 * of its characters (at least one) would have to change. Among equals the first one wins. `ha1` and
 * `ha2`, `eth0` and `eth1` are different things, never misspellings of each other.
 */
export function nearestName(word: string, candidates: Iterable<string>): string | null {
  if (word.length > MAX_WORD_LENGTH) return null;
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    if (candidate !== word && withoutNumbers(candidate) === withoutNumbers(word)) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function withoutNumbers(name: string): string {
  return name.replace(/\d+/g, "0");
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
