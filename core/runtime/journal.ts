/**
 * Remembers on disk which groups this node holds or may hold, for the daemon that is started
 * after a crash: it looks after those groups at once instead of finding them by accident. The
 * note is a hint; what really runs is asked of the agents.
 */
import { writeDurably } from "./durable.ts";

const JOURNAL_MODE = 0o600;

/** Stores the indexes of the held groups durably. */
export function storeHeld(path: string, groups: readonly number[]): Promise<void> {
  return writeDurably(
    path,
    new TextEncoder().encode(`${JSON.stringify({ held: groups })}\n`),
    JOURNAL_MODE,
  );
}

/**
 * What an earlier life noted; empty when there is no note. An unreadable note throws, since a
 * guess of "nothing held" could start a group that runs already.
 * @throws {Error} naming the file and what it holds
 */
export async function loadHeld(path: string): Promise<number[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const held = parseHeld(text);
  if (held === null) {
    throw new Error(
      `${path} holds ${JSON.stringify(text.slice(0, 60))}, expected {"held":[0,…]}; ` +
        "check by hand what runs here, then remove it",
    );
  }
  return held;
}

function parseHeld(text: string): number[] | null {
  let note: unknown;
  try {
    note = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof note !== "object" || note === null || !("held" in note)) return null;
  const { held } = note;
  const isIndex = (item: unknown): item is number => Number.isInteger(item) && Number(item) >= 0;
  return Array.isArray(held) && held.every(isIndex) ? held : null;
}
