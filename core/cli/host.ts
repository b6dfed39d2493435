/**
 * What a command is given of the world: where files are, where its words go, and what the terminal
 * can show. The commands get everything else (sockets, processes, files) through core/runtime.
 */
import { troubleText } from "../runtime/file_trouble.ts";
import { chosenRoot, type Paths, pathsUnder } from "../runtime/paths.ts";

/** Width of what goes to a file or a pipe, and to a terminal that tells none. */
const FILE_COLUMNS = 80;
/** Terminals that claim to be narrower than this mean that they do not know. */
const MIN_COLUMNS = 20;

/** The output has no room, or its receiver fails; what it should have said is lost. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** What the receiver of the output can show. */
export interface Terminal {
  readonly colour: boolean;
  /** False: ASCII only. */
  readonly unicode: boolean;
  /** Characters in a line of a table. */
  readonly columns: number;
  /** Characters after which running text is folded; never for programs, which read line by line. */
  readonly foldAt: number;
}

export interface Streams {
  /** @throws {OutputError} */
  out(text: string): void;
  err(text: string): void;
  readonly terminal: Terminal;
}

export interface Host extends Streams {
  /** This program as it was called; the original's scripts begin their messages with it. */
  readonly program: string;
  readonly paths: Paths;
  /** `uname -n`. */
  readonly hostname: string;
}

/** The host under a root directory (option `--root`; absent: HEARTBEAT_ROOT, then `/`). */
export function openHost(program: string, root: string | undefined, streams: Streams): Host {
  return {
    out: (text) => streams.out(text),
    err: (text) => streams.err(text),
    terminal: streams.terminal,
    program,
    paths: pathsUnder(chosenRoot(root)),
    hostname: Deno.hostname(),
  };
}

/** Standard output and error of this process. */
export function processStreams(): Streams {
  return {
    out: writeOutput,
    err: writeComplaint,
    terminal: terminalOf((name) => Deno.env.get(name), columnsOfStdout()),
  };
}

/**
 * What may be shown: colour only on a terminal, unless NO_COLOR is set to anything or the terminal
 * is dumb; other than ASCII only when the locale's encoding is UTF-8 (POSIX order of variables).
 * @param columns of the terminal; null when the receiver is none
 */
export function terminalOf(
  environment: (name: string) => string | undefined,
  columns: number | null,
): Terminal {
  const locale = environment("LC_ALL") || environment("LC_CTYPE") || environment("LANG") || "C";
  const plain = (environment("NO_COLOR") ?? "") !== "" || environment("TERM") === "dumb";
  const width = columns === null || columns < MIN_COLUMNS ? FILE_COLUMNS : columns;
  return {
    colour: columns !== null && !plain,
    unicode: /utf-?8/i.test(locale),
    columns: width,
    foldAt: columns === null ? Infinity : width,
  };
}

function columnsOfStdout(): number | null {
  if (!Deno.stdout.isTerminal()) return null;
  try {
    return Deno.consoleSize().columns;
  } catch {
    // A terminal that tells no size, such as a serial console.
    return FILE_COLUMNS;
  }
}

/** A reader that went away (`heartbeat status | head -1`) is not an error. */
function writeOutput(text: string): void {
  try {
    writeAll(Deno.stdout, text);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return;
    throw new OutputError(`cannot write the output: ${troubleText(error)}`);
  }
}

function writeComplaint(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // There is nowhere left to say it; the exit code still does.
  }
}

function writeAll(stream: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += stream.writeSync(bytes.subarray(sent));
}
