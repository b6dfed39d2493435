/**
 * Remembers on disk which groups this node holds or may hold, for the daemon that is started
 * after a crash: it looks after those groups at once instead of finding them by accident. Groups
 * are noted by their resources and not by their place in haresources, because lines may have been
 * moved meanwhile. The note is a hint; what really runs is asked of the agents.
 */
import type { GroupConfig } from "../types.ts";
import { writeDurably } from "./durable.ts";

const JOURNAL_MODE = 0o600;

export interface Held {
  /** Indexes in the present haresources. */
  readonly groups: readonly number[];
  /** Lines that are no longer there: they may run, and nobody will stop them. */
  readonly gone: readonly string[];
}

/** Stores durably that the groups with these indexes are held. */
export function storeHeld(
  path: string,
  held: readonly number[],
  groups: readonly GroupConfig[],
): Promise<void> {
  const lines = groups.filter((group) => held.includes(group.index)).map(lineOf);
  const text = `${JSON.stringify({ held: lines })}\n`;
  return writeDurably(path, new TextEncoder().encode(text), JOURNAL_MODE);
}

/**
 * What an earlier life noted, in terms of the present groups; nothing when there is no note. An
 * unreadable note throws, since a guess of "nothing held" could start a group that runs already.
 * @throws {Error} naming the file and what it holds
 */
export async function loadHeld(path: string, groups: readonly GroupConfig[]): Promise<Held> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { groups: [], gone: [] };
    throw error;
  }
  const lines = parseLines(text);
  if (lines === null) {
    throw new Error(
      `${path} holds ${JSON.stringify(text.slice(0, 60))}, expected {"held":["…"]}; ` +
        "check by hand what runs here, then remove it",
    );
  }
  return {
    groups: groups.filter((group) => lines.includes(lineOf(group))).map(({ index }) => index),
    gone: lines.filter((line) => !groups.some((group) => lineOf(group) === line)),
  };
}

function lineOf(group: GroupConfig): string {
  return group.resources.map(({ text }) => text).join(" ");
}

function parseLines(text: string): string[] | null {
  let note: unknown;
  try {
    note = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof note !== "object" || note === null || !("held" in note)) return null;
  const { held } = note;
  return Array.isArray(held) && held.every((line) => typeof line === "string") ? held : null;
}
