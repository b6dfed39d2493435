/**
 * Draws the demo: a strip of coloured cells, one for each slice of time, and a line for every act
 * and change. Where the output is no terminal the strip is left out and the lines remain; NO_COLOR
 * takes the colour and leaves letters.
 */
import { type HostName, HOSTS } from "./stage.ts";
import type { Verdict } from "./acts.ts";
import { type Change, outageMs, SILENT_MS } from "./watch.ts";

const CELLS_A_ROW = 60;
const PROGRESS_EVERY_MS = 1_000;
const COLOUR = { green: 32, blue: 34, red: 31, bold: 1, dim: 2 } as const;

export interface ScreenOptions {
  readonly terminal: boolean;
  readonly colour: boolean;
  /** Time that one cell stands for. */
  readonly cellMs: number;
  readonly write: (text: string) => void;
}

export class Screen {
  #beganMs: number | undefined;
  #cells = 0;
  #nextCellMs = 0;
  /** Who answered at the last tick. */
  #answering: string | null = null;
  #nextProgressMs = 0;

  constructor(private readonly options: ScreenOptions) {}

  /** One line of text at the left edge, after whatever strip was being drawn. */
  line(text = ""): void {
    this.#endRow();
    this.options.write(text + "\n");
  }

  heading(text: string): void {
    this.line();
    this.line(this.#paint("bold", text));
  }

  /** What the cells of the strip mean; nothing where there is no strip. */
  legend(): void {
    if (!this.options.terminal) return;
    const cells = HOSTS.map((name) => `${this.#cell(name)} ${name} answers`);
    const meaning = [...cells, `${this.#cell(null)} nobody for ${SILENT_MS} ms`].join(", ");
    this.line(`The client's view, a cell each ${this.options.cellMs} ms: ${meaning}`);
  }

  /** A line for the change, behind the cells of what was before it. */
  change(change: Change): void {
    this.#begin(change.toMs);
    this.#strip(change.toMs, this.#answering);
    const host = this.#host(change.after);
    const again = change.before === change.after ? " again" : "";
    const gap = change.fromMs === null
      ? ""
      : this.#paint("red", `  after ${milliseconds(outageMs(change))} without an answer`);
    this.line(`  ${this.#clock(change.toMs)}  ${host} answers${again}${gap}`);
  }

  /** Moves time on: draws the cells that are due, or a line now and then where there is no strip. */
  tick(nowMs: number, answering: string | null, silentMs: number): void {
    this.#begin(nowMs);
    this.#answering = answering;
    if (!this.options.terminal) {
      if (nowMs < this.#nextProgressMs) return;
      this.#nextProgressMs = nowMs + PROGRESS_EVERY_MS;
      if (answering !== null || silentMs < PROGRESS_EVERY_MS) return;
      const since = Number.isFinite(silentMs) ? ` for ${milliseconds(silentMs)}` : " yet";
      this.line(`  ${this.#clock(nowMs)}  … nobody answers${since}`);
      return;
    }
    this.#strip(nowMs, answering);
  }

  /** Draws the cells that are due by then. */
  #strip(untilMs: number, answering: string | null): void {
    while (this.options.terminal && this.#nextCellMs <= untilMs) {
      if (this.#cells === 0) this.options.write(`  ${this.#clock(this.#nextCellMs)}  `);
      this.options.write(this.#cell(answering));
      this.#nextCellMs += this.options.cellMs;
      if (++this.#cells === CELLS_A_ROW) this.#endRow();
    }
  }

  verdict({ act, problems }: Verdict): void {
    for (const problem of problems) this.line(`  ${this.#paint("red", `✗ ${problem}`)}`);
    if (problems.length > 0) return;
    const tick = this.#paint("green", "✓");
    this.line(`  ${tick} ${this.#host(act.owner)} alone has the address and httpd`);
  }

  table(verdicts: readonly Verdict[]): void {
    this.heading("Measured by the client");
    const rows = [["act", "answered by", "outage", "first page after the cause", "overhead"]];
    for (const { act, outageMs: outage, servedAfterMs, overheadMs } of verdicts) {
      rows.push([
        act.title,
        act.owner,
        outage === 0 ? "–" : milliseconds(outage),
        servedAfterMs === null ? "never" : milliseconds(servedAfterMs),
        overheadMs === null ? "" : milliseconds(overheadMs),
      ]);
    }
    const widths =
      rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    for (const row of rows) {
      const cells = row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < 2 ? cell.padEnd(width) : cell.padStart(width);
      });
      this.line("  " + cells.join("  ").trimEnd());
    }
    this.line(
      this.#paint("dim", "  overhead: from deadtime after the last beat to the first page"),
    );
  }

  #begin(nowMs: number): void {
    if (this.#beganMs !== undefined) return;
    this.#beganMs = this.#nextCellMs = nowMs;
    this.#nextProgressMs = nowMs + PROGRESS_EVERY_MS;
  }

  #endRow(): void {
    if (this.#cells > 0) this.options.write("\n");
    this.#cells = 0;
  }

  #cell(answering: string | null): string {
    if (answering === null) return this.#paint("red", this.options.colour ? "█" : ".");
    return this.#paint(hostColour(answering), this.options.colour ? "█" : hostDigit(answering));
  }

  #host(name: string): string {
    return this.#paint(hostColour(name), name);
  }

  #clock(atMs: number): string {
    const seconds = (atMs - (this.#beganMs ?? atMs)) / 1000;
    return this.#paint("dim", `${seconds.toFixed(3).padStart(7)} s`);
  }

  #paint(colour: keyof typeof COLOUR, text: string): string {
    return this.options.colour ? `\x1b[${COLOUR[colour]}m${text}\x1b[0m` : text;
  }
}

/** `5012 ms`: whole milliseconds, one decimal below ten. */
export function milliseconds(ms: number): string {
  return `${Math.abs(ms) < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

function hostColour(name: string): "green" | "blue" {
  return HOSTS.indexOf(name as HostName) === 0 ? "green" : "blue";
}

/** The letter that stands for a host where there is no colour: 1 for ha1, 2 for ha2. */
function hostDigit(name: string): string {
  return String(HOSTS.indexOf(name as HostName) + 1);
}
