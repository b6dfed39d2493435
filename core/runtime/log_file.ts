/**
 * One log file that never delays the daemon and never fails it. Lines go through a bounded queue
 * to the disk off the event loop; a full disk, a missing directory or a file that was rotated
 * away costs lines at worst, and the next line that gets through says how many.
 */

import { ParkedFile } from "../os/parked_file.ts";
import { messageOf } from "../os/thrown.ts";
import { clientGid } from "./client_group.ts";

/** Lines that wait for a slow disk; beyond it the oldest go. */
const MAX_QUEUED_LINES = 5_000;
/** How often the path is compared with the open file, and how soon a failed open is retried. */
const RECHECK_MS = 1_000;
/** Programs may print what is not for everybody. */
const LOG_FILE_MODE = 0o640;
/** A write that takes longer is worth a word in the status. */
const LONG_MS = 5_000;

export class LogFile {
  readonly #path: string;
  readonly #encoder = new TextEncoder();
  #queue: string[] = [];
  #lost = 0;
  #file: ParkedFile | null = null;
  #reason: string | null = null;
  #writingSinceMs: number | null = null;
  #checkedMs = -Infinity;
  #draining: Promise<void> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Why lines do not get into the file at present, in one sentence; null when they do. */
  get problem(): string | null {
    const waitsMs = this.#writingSinceMs === null ? 0 : performance.now() - this.#writingSinceMs;
    const waits = `it has not taken anything for ${Math.round(waitsMs / 1000)} s`;
    const reason = waitsMs > LONG_MS ? waits : this.#reason;
    return reason === null ? null : `log file ${this.#path} is not written: ${reason}`;
  }

  /** Takes one line without its line feed; returns at once. */
  append(line: string): void {
    this.#queue.push(line);
    if (this.#queue.length > MAX_QUEUED_LINES) {
      this.#queue.shift();
      this.#lost++;
    }
    this.#draining ??= this.#drain();
  }

  /** Makes the next line open the path anew (SIGHUP after a rotation). */
  reopen(): void {
    this.#checkedMs = -Infinity;
  }

  /** Resolves when everything taken so far is written or given up, and closes the file. */
  async close(): Promise<void> {
    await this.#draining;
    this.#file?.close();
    this.#file = null;
  }

  async #drain(): Promise<void> {
    // Give the lines of one turn of the event loop the chance to leave together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const lines = this.#queue;
      this.#queue = [];
      const lost = this.#lost;
      this.#writingSinceMs = performance.now();
      try {
        await this.#write(lost > 0 ? [this.#lossNotice(lost), ...lines] : lines);
        this.#lost -= lost;
        this.#reason = null;
      } catch (error) {
        this.#lost += lines.length;
        this.#reason = messageOf(error);
      }
      this.#writingSinceMs = null;
    }
    this.#draining = null;
  }

  async #write(lines: readonly string[]): Promise<void> {
    const file = await this.#usableFile();
    await file.write(this.#encoder.encode(`${lines.join("\n")}\n`));
  }

  /** A new file is the group's to read; one that is there stays as the administrator made it. */
  async #open(): Promise<ParkedFile> {
    const isNew = await Deno.lstat(this.#path).then(() => false, () => true);
    const file = await ParkedFile.open(this.#path, "appending", LOG_FILE_MODE);
    // Where the group means nothing, root alone reads it.
    if (isNew) await Deno.chown(this.#path, null, clientGid()).catch(() => {});
    return file;
  }

  #lossNotice(count: number): string {
    return `*** ${count} log line(s) lost: ${this.#path} could not be written ***`;
  }

  /** @throws {Error} the system's; or that of the last try until the next one */
  async #usableFile(): Promise<ParkedFile> {
    const nowMs = performance.now();
    if (nowMs - this.#checkedMs >= RECHECK_MS) {
      this.#checkedMs = nowMs;
      if (this.#file !== null && !(await this.#file.isAtItsPath())) {
        this.#file.close();
        this.#file = null;
      }
      this.#file ??= await this.#open();
    }
    if (this.#file === null) throw new Error(this.#reason ?? "it is not open");
    return this.#file;
  }
}
