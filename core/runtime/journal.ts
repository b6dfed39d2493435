/**
 * Remembers which groups this node holds or may hold, for the daemon that is started after a crash:
 * it looks after those groups at once instead of finding them by accident. Groups are noted by their
 * resources and not by their place in haresources, because lines may have been moved meanwhile. The
 * note is a hint; what really runs is asked of the agents.
 *
 * It is written on the way to every takeover, so it is never synced to the disk: the page cache
 * outlives a crash of the daemon, and a crash of the host ends what the note is about. For that
 * reason it names the boot in which it was written.
 */
import type { GroupConfig } from "../types.ts";

const JOURNAL_MODE = 0o600;
const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

export interface Held {
  /** Indexes in the present haresources. */
  readonly groups: readonly number[];
  /** Lines that are no longer there: they may run, and nobody will stop them. */
  readonly gone: readonly string[];
}

/** Notes that the groups with these indexes are held. */
export async function storeHeld(
  path: string,
  held: readonly number[],
  groups: readonly GroupConfig[],
): Promise<void> {
  const lines = groups.filter((group) => held.includes(group.index)).map(lineOf);
  const text = `${JSON.stringify({ boot: await bootId(), held: lines })}\n`;
  const beside = `${path}.new`;
  await Deno.writeTextFile(beside, text, { mode: JOURNAL_MODE });
  await Deno.rename(beside, path);
}

/**
 * What an earlier life noted, in terms of the present groups; nothing when there is no note or when
 * it is from before the host's last start. An unreadable note may mean anything, so every group is
 * then said to be held, that is, looked at.
 * @throws {Error} when the file is there and cannot be read
 */
export async function loadHeld(path: string, groups: readonly GroupConfig[]): Promise<Held> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { groups: [], gone: [] };
    throw error;
  }
  const note = parseNote(text);
  if (note === null) return { groups: groups.map(({ index }) => index), gone: [] };
  if (note.boot !== await bootId()) return { groups: [], gone: [] };
  const { held } = note;
  return {
    groups: groups.filter((group) => held.includes(lineOf(group))).map(({ index }) => index),
    gone: held.filter((line) => !groups.some((group) => lineOf(group) === line)),
  };
}

/** Read once; it cannot change while this process lives. */
let boot: Promise<string> | undefined;

function bootId(): Promise<string> {
  return boot ??= Deno.readTextFile(BOOT_ID_FILE).then((text) => text.trim());
}

function lineOf(group: GroupConfig): string {
  return group.resources.map(({ text }) => text).join(" ");
}

function parseNote(text: string): { boot: string; held: string[] } | null {
  let note: unknown;
  try {
    note = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof note !== "object" || note === null || !("held" in note && "boot" in note)) return null;
  const { boot, held } = note;
  if (typeof boot !== "string" || !Array.isArray(held)) return null;
  return held.every((line) => typeof line === "string") ? { boot, held } : null;
}
