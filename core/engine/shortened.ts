/**
 * A sentence for people that has to fit into a message: what is too long ends behind a word, with an
 * ellipsis. The limit is one of characters; who counts bytes does so elsewhere.
 */

const ELLIPSIS = "…";

/** At most `limit` characters; a word is cut only where more than half would go with it. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const room = text.slice(0, limit);
  const end = room.search(/\s\S*$/);
  // No half of a character that takes two.
  const kept = end >= limit / 2 ? room.slice(0, end) : room.slice(0, -1).toWellFormed();
  return `${kept.replace(/[\s\ufffd]+$/, "")}${ELLIPSIS}`;
}
