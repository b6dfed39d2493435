/**
 * One log file that never delays the daemon and never fails it. Lines go through a bounded queue
 * to the disk off the event loop; a full disk, a missing directory or a file that was rotated
 * away costs lines at worst, and the next line that gets through says how many.
 */

/** Lines that wait for a slow disk; beyond it the oldest go. */
const MAX_QUEUED_LINES = 5_000;
/** How often the path is compared with the open file, and how soon a failed open is retried. */
const RECHECK_MS = 1_000;
const LOG_FILE_MODE = 0o644;

export class LogFile {
  readonly #path: string;
  readonly #encoder = new TextEncoder();
  #queue: string[] = [];
  #lost = 0;
  #file: Deno.FsFile | null = null;
  #checkedMs = -Infinity;
  #draining: Promise<void> | null = null;

  constructor(path: string) {
    this.#path = path;
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
      try {
        await this.#write(lost > 0 ? [this.#lossNotice(lost), ...lines] : lines);
        this.#lost -= lost;
      } catch {
        this.#lost += lines.length;
      }
    }
    this.#draining = null;
  }

  async #write(lines: readonly string[]): Promise<void> {
    const file = await this.#usableFile();
    const data = this.#encoder.encode(`${lines.join("\n")}\n`);
    for (let offset = 0; offset < data.length;) {
      offset += await file.write(data.subarray(offset));
    }
  }

  #lossNotice(count: number): string {
    return `*** ${count} log line(s) lost: ${this.#path} could not be written ***`;
  }

  /** @throws {Error} the system's; or our own while a failed open waits for its next try */
  async #usableFile(): Promise<Deno.FsFile> {
    const nowMs = performance.now();
    if (nowMs - this.#checkedMs >= RECHECK_MS) {
      this.#checkedMs = nowMs;
      if (this.#file !== null && !(await this.#isStillAtPath(this.#file))) {
        this.#file.close();
        this.#file = null;
      }
      this.#file ??= await Deno.open(this.#path, {
        append: true,
        create: true,
        mode: LOG_FILE_MODE,
      });
    }
    if (this.#file === null) throw new Error(`${this.#path} could not be opened`);
    return this.#file;
  }

  async #isStillAtPath(file: Deno.FsFile): Promise<boolean> {
    try {
      const [open, named] = await Promise.all([file.stat(), Deno.stat(this.#path)]);
      return open.dev === named.dev && open.ino === named.ino;
    } catch {
      return false;
    }
  }
}
