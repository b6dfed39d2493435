/**
 * The log of one daemon: every line goes to `logfile`, `debugfile` and syslog as far as they are
 * configured, in the original's formats. Writing returns at once and never throws. The debug level
 * decides whether our own debug lines exist at all; what programs print is no such line.
 */
import type { LogLevel } from "../types.ts";
import { LogFile } from "./log_file.ts";
import {
  daemonLine,
  levelWord,
  type LineStyle,
  printableLines,
  scriptDebugLine,
  scriptLine,
} from "./log_lines.ts";

/** Where syslog lines go; ident, pid and facility are its matter. */
export interface SyslogSink {
  log(level: LogLevel, text: string): void;
}

export interface LogTargets {
  /** Gets all but debug; null: none. */
  readonly logFile: string | null;
  /** Gets everything, also what programs print; null: none. */
  readonly debugFile: string | null;
  readonly syslog: SyslogSink | null;
  readonly style: LineStyle;
  /** As `uname -n` says it. */
  readonly host: string;
  readonly pid: number;
}

export type Echo = (level: LogLevel, line: string) => void;

/** Highest debug level, as `debug` in ha.cf. */
const MAX_DEBUG_LEVEL = 255;

export class Log {
  readonly #targets: LogTargets;
  readonly #logFile: LogFile | null;
  readonly #debugFile: LogFile | null;
  #debugLevel: number;
  #echo: Echo | null = null;

  constructor(targets: LogTargets, debugLevel: number) {
    this.#targets = targets;
    this.#logFile = targets.logFile === null ? null : new LogFile(targets.logFile);
    this.#debugFile = targets.debugFile === null ? null : new LogFile(targets.debugFile);
    this.#debugLevel = debugLevel;
  }

  /** Debug level, 0 … 255; 0 drops our own debug lines. */
  get debugLevel(): number {
    return this.#debugLevel;
  }

  /** SIGUSR1 and SIGUSR2: raises or lowers the debug level within its range. */
  changeDebugLevel(by: number): void {
    this.#debugLevel = Math.max(0, Math.min(MAX_DEBUG_LEVEL, this.#debugLevel + by));
  }

  /** Lines of the daemon go there too from now on: the terminal of a start, or of `-D`. */
  echoTo(echo: Echo | null): void {
    this.#echo = echo;
  }

  /** One event in the daemon's own words; several lines become several log lines. */
  write(level: LogLevel, text: string): void {
    if (level === "debug" && this.#debugLevel === 0) return;
    const { style, host, pid, syslog } = this.#targets;
    const at = new Date();
    for (const part of printableLines(text)) {
      const line = daemonLine(style, at, host, pid, level, part);
      if (level !== "debug") this.#logFile?.append(line);
      this.#debugFile?.append(line);
      syslog?.log(level, `${levelWord(level)}: ${part}`);
      this.#echo?.(level, line);
    }
  }

  /**
   * What an agent or the resource manager says.
   * @param tag name of who says it, as the original shows it: `ResourceManager`, `IPaddr`
   * @param pid its process, or ours when it has none
   */
  script(level: LogLevel, tag: string, pid: number, text: string): void {
    if (level === "debug" && this.#debugLevel === 0) return;
    const at = new Date();
    for (const part of printableLines(text)) {
      const said = `${levelWord(level)}: ${part}`;
      if (level !== "debug") this.#logFile?.append(scriptLine(at, tag, pid, said));
      this.#debugFile?.append(scriptDebugLine(at, tag, pid, said));
      this.#targets.syslog?.log(level, `${tag}[${pid}]: ${said}`);
    }
  }

  /**
   * What a program printed, in its own words: whatever the debug level is, for a failure must be
   * explained the first time. It goes to the debug file, or where there is none to the log file.
   * @param tag name of the agent that ran it
   * @param pid the program's
   */
  output(tag: string, pid: number, text: string): void {
    const at = new Date();
    for (const part of printableLines(text)) {
      if (this.#debugFile !== null) this.#debugFile.append(scriptDebugLine(at, tag, pid, part));
      else this.#logFile?.append(scriptLine(at, tag, pid, part));
      this.#targets.syslog?.log("debug", `${tag}[${pid}]: ${part}`);
    }
  }

  /** Why its files are not written at present, a sentence each. */
  get problems(): readonly string[] {
    const all = [this.#logFile?.problem, this.#debugFile?.problem];
    return all.filter((problem) => typeof problem === "string");
  }

  /** Opens the files anew with the next line (SIGHUP). */
  reopen(): void {
    this.#logFile?.reopen();
    this.#debugFile?.reopen();
  }

  /** Resolves when every line is written or given up. */
  async close(): Promise<void> {
    await Promise.all([this.#logFile?.close(), this.#debugFile?.close()]);
  }
}
