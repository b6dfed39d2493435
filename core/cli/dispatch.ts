/**
 * From a command line to one command: by the name under which the program was called (`cl_status`,
 * `hb_standby`, `hb_takeover` are links to it), else by the first word, else the options of the
 * original daemon binary. It decides which command runs and nothing more.
 */
import { basename } from "node:path";
import { type Command, guess, TROUBLE_EXIT } from "./command.ts";
import { CLASSIC, findCommand, TOOLS, VERBS } from "./commands.ts";
import { type Host, openHost, OutputError, processStreams, type Streams } from "./host.ts";

const USAGE_EXIT = 2;

/**
 * Runs one command line.
 * @param argv0 the name under which the program was called, with or without directories
 * @param args the words behind it; `--root DIR` is taken out wherever it stands before `--`
 * @returns the exit code
 */
export async function runCli(
  argv0: string,
  args: readonly string[],
  streams: Streams = processStreams(),
): Promise<number> {
  const { root, rest, complaint } = takeRoot(args);
  if (complaint !== undefined) {
    streams.err(`heartbeat: ${complaint}\n`);
    return USAGE_EXIT;
  }
  const tool = TOOLS.find(({ name }) => name === basename(argv0));
  if (tool !== undefined) return await perform(tool, openHost(argv0, root, streams), rest);

  const [word, ...behind] = rest;
  if (word === undefined || word.startsWith("-")) {
    return await runClassic(openHost(argv0, root, streams), rest);
  }
  const command = findCommand(word);
  if (command !== undefined) return await perform(command, openHost(word, root, streams), behind);
  const meant = guess(word, VERBS.map(({ name }) => name));
  streams.err(`heartbeat: there is no command "${word}"${meant}\nTry "heartbeat help".\n`);
  return USAGE_EXIT;
}

/** `heartbeat --help` lists the commands too, which only the help command can. */
async function runClassic(host: Host, args: readonly string[]): Promise<number> {
  const wantsHelp = args.length === 1 && (args[0] === "--help" || args[0] === "-h");
  const help = wantsHelp ? findCommand("help") : undefined;
  return help === undefined ? await perform(CLASSIC, host, args) : await perform(help, host, []);
}

/** Runs a command, whose output may not find room. */
async function perform(command: Command, host: Host, args: readonly string[]): Promise<number> {
  try {
    return await command.run(host, args);
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    host.err(`heartbeat: ${error.message}\n`);
    return command.troubleExit ?? TROUBLE_EXIT;
  }
}

interface RootChoice {
  readonly root: string | undefined;
  readonly rest: readonly string[];
  readonly complaint?: string;
}

function takeRoot(args: readonly string[]): RootChoice {
  const rest: string[] = [];
  let root: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") {
      rest.push(...args.slice(at));
      break;
    }
    if (word === "--root") root = args[++at] ?? "";
    else if (word.startsWith("--root=")) root = word.slice("--root=".length);
    else rest.push(word);
  }
  if (root === "") return { root, rest, complaint: "--root needs a directory" };
  return { root, rest };
}
