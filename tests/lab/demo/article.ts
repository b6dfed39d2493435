/**
 * The article's three files, from examples/article, at the pace of a timing.
 */
import { join } from "node:path";
import type { Timing } from "./timing.ts";

export const ARTICLE_DIR = join(import.meta.dirname ?? ".", "../../../examples/article");

export interface ArticleFiles {
  readonly haCf: string;
  readonly haresources: string;
  readonly authkeys: string;
}

/**
 * Reads them; where the timing has a value for a directive of ha.cf, that line carries it. The speed
 * of a serial line is what stands above it.
 */
export function articleFiles(timing: Timing): ArticleFiles {
  const read = (name: string) => Deno.readTextFileSync(join(ARTICLE_DIR, name));
  const timed = read("ha.cf").replace(/^(\S+) .*$/gm, (line, word: string) => {
    const value = timing.directives[word];
    return value === undefined ? line : `${word} ${value}`;
  });
  const haCf = timing.directives["baud"] === undefined
    ? timed
    : timed.replace(/^(serial .*\n)(baud .*\n)/m, "$2$1");
  return { haCf, haresources: read("haresources"), authkeys: read("authkeys") };
}
