/**
 * What makes this node and this life of it unmistakable on the wire: the uuid (who) and the
 * generation (which life). Peers reject a lower generation as a replay, so the number is on disk
 * before the first packet leaves.
 */
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { LogLevel } from "../types.ts";
import { messageOf } from "../os/thrown.ts";
import { writeDurably } from "./durable.ts";

/** Columns of the number in hb_generation; a line feed follows (wire-protocol §10.5). */
const GENERATION_COLUMNS = 15;
const UUID_BYTES = 16;
const STATE_FILE_MODE = 0o644;
/** How often to try again what a full disk refused. */
const STORE_RETRY_MS = 60_000;

export type LogLine = (level: LogLevel, text: string) => void;

/** Stores the generation in the original's format, durably. */
export function storeGeneration(path: string, generation: number): Promise<void> {
  const text = `${String(generation).padStart(GENERATION_COLUMNS)}\n`;
  return writeDurably(path, new TextEncoder().encode(text), STATE_FILE_MODE);
}

/**
 * Raises, stores and returns the generation of this life (wire-protocol §10.5). A disk that takes
 * nothing must not keep a node away: the clock then stands in for the file, and the number is stored
 * when the disk has recovered, since the next life must not begin below it.
 * @param method `file`: one more than stored; `time`: Unix time, if that is more
 * @param wallS Unix time in seconds; also the base when no number is stored
 * @throws {Error} when the file cannot be read for another reason than absence
 */
export async function nextGeneration(
  path: string,
  method: "file" | "time",
  wallS: number,
  log: LogLine,
  retryMs = STORE_RETRY_MS,
): Promise<number> {
  const stored = await storedGeneration(path, log);
  const next = (stored ?? wallS) + 1;
  const generation = method === "time" ? Math.max(wallS, (stored ?? 0) + 1) : next;
  if (stored === null) log("warn", `No Previous generation - starting at ${generation}`);
  try {
    await storeGeneration(path, generation);
    return generation;
  } catch (error) {
    const unstored = Math.max(generation, wallS);
    const why = messageOf(error);
    log(
      "error",
      `Cannot store the generation ${generation}, going on with ${unstored}: ${path}: ${why}`,
    );
    void storeLater(path, unstored, log, retryMs);
    return unstored;
  }
}

/**
 * Stores a later generation of this process; what the disk refuses is tried again.
 * @throws {Error} its first refusal
 */
export async function storeOrRetry(
  path: string,
  generation: number,
  log: LogLine,
  retryMs = STORE_RETRY_MS,
): Promise<void> {
  try {
    await storeGeneration(path, generation);
  } catch (error) {
    void storeLater(path, generation, log, retryMs);
    throw error;
  }
}

/** Tries for as long as this process lives, which it does not prolong. */
async function storeLater(
  path: string,
  generation: number,
  log: LogLine,
  retryMs: number,
): Promise<void> {
  for (;;) {
    await delay(retryMs, undefined, { ref: false });
    try {
      // A node that joined anew meanwhile has stored a higher one.
      if ((await storedGeneration(path, () => {}) ?? 0) >= generation) return;
      await storeGeneration(path, generation);
      return log("info", `Heartbeat generation ${generation} is stored now`);
    } catch {
      // It was said once; nothing has changed.
    }
  }
}

async function storedGeneration(path: string, log: LogLine): Promise<number | null> {
  const text = await Deno.readTextFile(path).catch(nullWhenMissing);
  if (text === null) return null;
  if (/^ *[0-9]{1,15}\n?$/.test(text)) return Number(text);
  log("warn", `${path} holds ${JSON.stringify(text.slice(0, 40))} instead of a number`);
  return null;
}

/**
 * The uuid of this node: 16 raw bytes from the file, made on first use (wire-protocol §11).
 * @param from `nodename` derives it from the name, for hosts that keep no state; any stable
 *   unique value is right, the original's own derivation is not portable
 * @throws {Error} when the file holds something else, or cannot be made; guessing would make a
 *   second identity, and one that is not stored another with each start
 */
export async function nodeUuid(
  path: string,
  from: "file" | "nodename",
  node: string,
  log: LogLine,
): Promise<Uint8Array> {
  if (from === "nodename") {
    return new Uint8Array(createHash("sha256").update(node).digest().subarray(0, UUID_BYTES));
  }
  const stored = await Deno.readFile(path).catch(nullWhenMissing);
  if (stored === null) {
    log("info", "No uuid found for current node - generating a new uuid.");
    const fresh = new Uint8Array(randomBytes(UUID_BYTES));
    try {
      await writeDurably(path, fresh, STATE_FILE_MODE);
    } catch (error) {
      throw new Error(
        `cannot store the identity of this node in ${path}: ${error}; ` +
          'make room there, or write "uuidfrom nodename" in ha.cf',
      );
    }
    return fresh;
  }
  if (stored.length !== UUID_BYTES) {
    throw new Error(
      `${path}: ${stored.length} bytes, expected ${UUID_BYTES}; remove it to get a new identity`,
    );
  }
  return stored;
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof Deno.errors.NotFound) return null;
  throw error;
}
