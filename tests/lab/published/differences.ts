/**
 * Where ours differs from the recorded originals by intention (docs/differences.md): what ours has
 * to do, made of what the originals did.
 */
import { addressOf, bare, originalWord, type Published } from "./configuration.ts";
import { isAddress, ordered } from "./history.ts";
import type { Act } from "./play.ts";

/** Ours stops the lines of haresources from the last to the first, the original in file order. */
export function asOurs(published: Published, recorded: readonly Act[]): readonly Act[] {
  const { groups } = published;
  const lineOf = (told: string) => groups.findIndex(({ words }) => words.some(isIn(told)));
  const asWritten = (told: string) => {
    const words = groups.flatMap(({ words }) => words);
    const word = words.find((word) => isIn(told)(originalWord(word, published)));
    return word === undefined || isAddress(told) ? told : `${told.split(" ")[0]} ${word}`;
  };
  const reversed = (told: readonly string[]) => {
    const isStop = (line: string) => /^(?:stop|-) /.test(line);
    const stops = told.filter(isStop).toSorted((a, b) => lineOf(b) - lineOf(a)).values();
    return ordered(told.map((line) => isStop(line) ? stops.next().value ?? line : line));
  };
  return recorded.map(({ title, told }) => ({
    title,
    told: Object.fromEntries(
      Object.entries(told).map(([host, lines]) => [host, reversed(lines.map(asWritten))]),
    ),
  }));
}

/** Whether a line of a history is about that word of haresources. */
function isIn(told: string): (word: string) => boolean {
  const [, what = ""] = told.split(" ");
  return (word) => isAddress(told) ? addressOf(word) === bare(what) : word === what;
}
