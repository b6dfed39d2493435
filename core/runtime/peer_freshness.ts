/**
 * Keeps what this node heard last of the others, for its next life: a recording of an earlier life
 * of the peer is then known for what it is from the first packet on. Losing the note costs that
 * protection and nothing else, so one that cannot be read only draws a warning.
 */
import type { NewestStatus } from "../engine/events.ts";
import { writeDurably } from "./durable.ts";
import type { LogLine } from "./identity.ts";

const NOTE_MODE = 0o600;

/** Stores the note durably. */
export function storePeerFreshness(path: string, newest: readonly NewestStatus[]): Promise<void> {
  return writeDurably(path, new TextEncoder().encode(`${JSON.stringify(newest)}\n`), NOTE_MODE);
}

/** What earlier lives noted; nothing when there is no note. */
export async function loadPeerFreshness(
  path: string,
  log: LogLine,
): Promise<readonly NewestStatus[]> {
  try {
    const note: unknown = JSON.parse(await Deno.readTextFile(path));
    if (Array.isArray(note) && note.every(isNewestStatus)) return note;
    log("warn", `${path} holds something else than a note of what was heard: not used`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    log("warn", `${path}: ${error}: not used`);
  }
  return [];
}

function isNewestStatus(entry: unknown): entry is NewestStatus {
  if (typeof entry !== "object" || entry === null) return false;
  if (!("node" in entry && "generation" in entry && "seq" in entry && "sentS" in entry)) {
    return false;
  }
  const numbers = [entry.generation, entry.seq, entry.sentS];
  const left = "left" in entry ? entry.left : [];
  if (!Array.isArray(left) || !left.every((word) => typeof word === "string")) return false;
  return typeof entry.node === "string" && numbers.every(Number.isSafeInteger);
}
