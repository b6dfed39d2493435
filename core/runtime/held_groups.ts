/**
 * Remembers which groups this node holds or may hold, for the daemon that is started after a crash:
 * it looks after those groups at once instead of finding them by accident. Groups are noted by their
 * resources and not by their place in haresources, because lines may have been moved meanwhile. The
 * note is a hint; what really runs is asked of the agents.
 *
 * It lies in /run, which is memory: written on the way to every takeover, it must not depend on a
 * disk that is full or slow, and a crash of the host ends what it is about. Where /run is a disk,
 * the boot that the note names does the same. A note that cannot be written is worse than none,
 * since the one before it speaks of another time: that one is removed, and the next daemon asks
 * about every group.
 */
import { parseHaresources } from "../config/haresources.ts";
import { createSource } from "../config/source.ts";
import { resourceLine } from "../engine/groups.ts";
import type { GroupConfig, LogLevel } from "../types.ts";
import { troubleText } from "./file_trouble.ts";

const NOTE_MODE = 0o600;
/** What status shows of a group whose line is gone and whose note named no home. */
const UNKNOWN_HOME = "unknown";
const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

export interface HeldGroups {
  /** In terms of the present haresources. */
  readonly groups: readonly GroupConfig[];
  /** Groups that are in no line any more and may run; they have to be stopped. */
  readonly removed: readonly GroupConfig[];
}

const NOTHING: HeldGroups = { groups: [], removed: [] };

/** The note of this life. */
export class HeldGroupsNote {
  readonly #path: string;
  readonly #log: (level: LogLevel, text: string) => void;
  #held: readonly GroupConfig[] = [];
  #removed: readonly string[] = [];
  #stored: Promise<void> = Promise.resolve();
  #problem: string | null = null;

  constructor(path: string, log: (level: LogLevel, text: string) => void) {
    this.#path = path;
    this.#log = log;
  }

  /** Why the note is not written, in one sentence; null when it is. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Notes that groups are held, and that removed ones are not stopped yet; never rejects. */
  store(held: readonly GroupConfig[], removed: readonly GroupConfig[]): Promise<void> {
    this.#held = held;
    this.#removed = removed.map((group) => `${group.node} ${resourceLine(group)}`);
    return this.#write();
  }

  /** Writes again what could not be written, or what somebody removed; never rejects. */
  async renew(): Promise<void> {
    await this.#stored;
    if (this.#problem === null && await isThere(this.#path)) return;
    await this.#write();
  }

  /** One write after the other. */
  #write(): Promise<void> {
    this.#stored = this.#stored.then(async () => {
      try {
        const held = this.#held.map(resourceLine);
        const homes = this.#held.map(({ node }) => node);
        const note: Note = { boot: await bootId(), held, homes, removed: this.#removed };
        await replace(this.#path, `${JSON.stringify(note)}\n`);
        if (this.#problem !== null) this.#log("info", `${this.#path} is written again`);
        this.#problem = null;
      } catch (error) {
        await Deno.remove(this.#path).catch(() => {});
        if (this.#problem === null) this.#log("crit", problemText(this.#path, error));
        this.#problem = problemText(this.#path, error);
      }
    });
    return this.#stored;
  }
}

/**
 * What an earlier life noted, in terms of the present groups; nothing when the note is from before
 * the host's last start. A note that is unreadable, or missing after a life that did not end in
 * order, may mean anything: every group is then said to be held, that is, looked at.
 * @param crashed whether the life before did not end in order
 * @throws {Error} when the file is there and cannot be read
 */
export async function loadHeldGroups(
  path: string,
  groups: readonly GroupConfig[],
  crashed: boolean,
): Promise<HeldGroups> {
  const every: HeldGroups = { ...NOTHING, groups };
  const lines = new Set(groups.map(resourceLine));
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return crashed ? every : NOTHING;
    throw error;
  }
  const note = parseNote(text);
  if (note === null) return every;
  if (note.boot !== await bootId()) return NOTHING;
  // The line of a held group may have been edited since; a removed line that is back is a group like
  // any other.
  const held = note.held.map((words, at) => `${note.homes[at] ?? UNKNOWN_HOME} ${words}`);
  const noted = groupsOf([...held, ...note.removed]);
  const words = new Set([...note.held, ...noted.map(resourceLine)]);
  return {
    groups: groups.filter((group) => words.has(resourceLine(group))),
    removed: noted.filter((group) => !lines.has(resourceLine(group))),
  };
}

/**
 * What a daemon that is gone noted as held since this boot: it may still run, and nobody stops it.
 * @returns lines of haresources; none when there is no such note, or it cannot be read
 */
export async function leftBehind(path: string): Promise<readonly string[]> {
  try {
    const note = parseNote(await Deno.readTextFile(path));
    return note === null || note.boot !== await bootId() ? [] : [
      ...note.held.map((words, at) => `${note.homes[at] ?? UNKNOWN_HOME} ${words}`),
      ...note.removed,
    ];
  } catch {
    return [];
  }
}

/** Read once; it cannot change while this process lives. */
let boot: Promise<string> | undefined;

function bootId(): Promise<string> {
  return boot ??= Deno.readTextFile(BOOT_ID_FILE).then((text) => text.trim());
}

async function replace(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  await Deno.writeTextFile(beside, text, { mode: NOTE_MODE });
  await Deno.rename(beside, path);
}

function problemText(path: string, error: unknown): string {
  return `cannot note in ${path} which groups are held: ${troubleText(error)}; ` +
    "a daemon that is started after a crash will have to ask about all of them";
}

function isThere(path: string): Promise<boolean> {
  return Deno.lstat(path).then(() => true, () => false);
}

/** Lines of a haresources that is no longer there. */
function groupsOf(lines: readonly string[]): GroupConfig[] {
  const source = createSource("removed lines", lines.join("\n"));
  return parseHaresources(source).map(({ node, resources }) => ({
    index: -1,
    key: resources[0]?.config.text ?? "",
    node: node.text,
    resources: resources.map(({ config }) => config),
  }));
}

interface Note {
  readonly boot: string;
  /** Words of the held groups. */
  readonly held: readonly string[];
  /** Their preferred nodes. */
  readonly homes: readonly string[];
  /** Whole lines. */
  readonly removed: readonly string[];
}

function parseNote(text: string): Note | null {
  let note: unknown;
  try {
    note = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof note !== "object" || note === null || !("held" in note && "boot" in note)) return null;
  const { boot, held } = note;
  // Notes of earlier versions have not all.
  const removed = "removed" in note ? note.removed : [];
  const homes = "homes" in note ? note.homes : [];
  if (typeof boot !== "string" || !isLines(held) || !isLines(homes) || !isLines(removed)) {
    return null;
  }
  return { boot, held, homes, removed };
}

function isLines(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((line) => typeof line === "string");
}
