/**
 * What a command is: its entry in the one table that dispatch, `--help`, the manual and shell
 * completion read, and the wrapper that turns such an entry into something to call. It knows no
 * single command and prints nothing but usage errors and help.
 */
import { parseArgs } from "node:util";
import { nearestName } from "../config/nearest.ts";
import { fileTrouble, troubleText } from "../runtime/file_trouble.ts";
import { renderHelp } from "./help.ts";
import type { Host } from "./host.ts";

/**
 * One option, `--name` or `-short`; a `value` placeholder says that it takes a value, {@link DIR}
 * that this is a directory.
 */
export interface OptionDoc {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  /** The value is the name of a node of ha.cf. */
  readonly takesNode?: boolean;
  /** The words that the value may be; absent when any word is possible. */
  readonly words?: readonly string[];
  /** May be given several times; the number of times counts. */
  readonly repeat?: boolean;
  readonly doc: string;
}

/** Placeholder of a value that is a directory. */
export const DIR = "DIR";

/** Everything that is said about a command in help, manual and completion. */
export interface CommandDoc {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** What its words and what it prints mean, in one sentence each. */
  readonly terms?: readonly (readonly [term: string, meaning: string])[];
  /** Positional arguments as the usage line shows them; empty when there are none. */
  readonly operands: string;
  readonly maxOperands: number;
  /** The words that an operand may be; absent when any word is possible. */
  readonly words?: readonly string[];
  /** The first operand is the name of an agent, or its file; the second may be one of these words. */
  readonly takesAgent?: readonly string[];
  /** The operand is the name of a command, which only the whole table knows. */
  readonly takesCommand?: boolean;
  /** Commands that the first operand chooses; their names are this one's and that word. */
  readonly subcommands?: readonly CommandDoc[];
  /** It has nothing to do with the root; its help does not name that option. */
  readonly readsNoFiles?: boolean;
  /**
   * From the first operand on nothing is an option. `program`: it is the command line of another
   * program. `agent`: it is an agent with its arguments; there a name of our own options, which was
   * hardly meant as an argument, is refused unless all of it stands behind `--`.
   */
  readonly optionsEndAtOperand?: "program" | "agent";
  readonly options: readonly OptionDoc[];
  readonly exits: readonly (readonly [code: number, meaning: string])[];
  /** Exit code of a call that cannot be understood. */
  readonly usageExit: number;
  /** Exit code when a file, or the output, cannot be read or written; 1 if absent. */
  readonly troubleExit?: number;
  /** Exit code when that is because this user may not; as for other troubles if absent. */
  readonly deniedExit?: number;
}

/** A question to append to what is said of an unknown word; empty when nothing is near it. */
export function guess(word: string, known: Iterable<string>): string {
  const meant = nearestName(word, known);
  return meant === null ? "" : `; did you mean "${meant}"?`;
}

/** The last word of a command's name: for `agent list` the one that chooses it. */
export function lastWord(name: string): string {
  return name.split(" ").at(-1) ?? name;
}

/** The command line of one call, checked against the command's entry. */
export interface Call {
  readonly operands: readonly string[];
  /** How often a flag was given; 0 when it was not. */
  count(option: string): number;
  /** Value of an option, or undefined. */
  value(option: string): string | undefined;
  /** All values of an option, in their order. */
  values(option: string): readonly string[];
}

export interface Command extends CommandDoc {
  /** @returns the exit code */
  run(host: Host, args: readonly string[]): Promise<number>;
}

/** A command line that cannot be understood; the message says which word and what was wanted. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const HELP: OptionDoc = { name: "help", short: "h", doc: "Show this help." };
/** Read by dispatch before the command is chosen; listed in every help. */
const ROOT: OptionDoc = {
  name: "root",
  value: DIR,
  doc: "Use DIR/etc, DIR/var, DIR/run instead of the host's own.",
};

/** Of everything that fails for a reason of its own. */
export const TROUBLE_EXIT = 1;

/**
 * Makes a command of an entry and its work: parses the options, answers `--help`, and turns a
 * UsageError, or an error of the file system that the work had no answer to, into a message and
 * an exit code. Any other error is a defect of the program and goes on.
 */
export function defineCommand(
  doc: CommandDoc,
  work: (host: Host, call: Call) => Promise<number> | number,
): Command {
  const shared = doc.readsNoFiles === true ? [HELP] : [ROOT, HELP];
  const full = { ...doc, options: [...doc.options, ...shared] };
  return {
    ...full,
    async run(host, args) {
      try {
        const call = parseCall(full, args);
        if (call.count("help") > 0) {
          host.out(renderHelp(full, host.terminal));
          return 0;
        }
        return await work(host, call);
      } catch (error) {
        const self = doc.name === "heartbeat" ? "heartbeat" : `heartbeat ${doc.name}`;
        if (error instanceof UsageError) {
          host.err(`${self}: ${error.message}\nTry "${self} --help".\n`);
          return doc.usageExit;
        }
        const trouble = fileTrouble(error);
        if (trouble === null) throw error;
        host.err(`${self}: ${troubleText(error)}\n`);
        const exit = doc.troubleExit ?? TROUBLE_EXIT;
        return trouble.denied ? doc.deniedExit ?? exit : exit;
      }
    },
  };
}

/** @throws {UsageError} for an unknown option, a missing value or a wrong operand */
function parseCall(doc: CommandDoc, args: readonly string[]): Call {
  const { values, positionals } = parse(doc, args);
  const surplus = positionals[doc.maxOperands];
  if (surplus !== undefined) {
    throw new UsageError(
      `"${surplus}" is one argument too many, at most ${doc.maxOperands} may be given`,
    );
  }
  const wrong = positionals.find((word) => doc.words?.includes(word) === false);
  if (wrong !== undefined) {
    const words = doc.words ?? [];
    throw new UsageError(`"${wrong}" is not one of ${words.join(", ")}${guess(wrong, words)}`);
  }
  for (const { name, words } of doc.options) {
    const given = [values[name] ?? []].flat().find((one) => words?.includes(String(one)) === false);
    if (given === undefined) continue;
    const known = words ?? [];
    const near = guess(String(given), known);
    throw new UsageError(`--${name} "${given}" is not one of ${known.join(", ")}${near}`);
  }
  return {
    operands: positionals,
    count(option) {
      const given = values[option];
      return Array.isArray(given) ? given.length : given === undefined ? 0 : 1;
    },
    value(option) {
      const given = values[option];
      return typeof given === "string" ? given : undefined;
    },
    values(option) {
      const given = values[option];
      return [given ?? []].flat().filter((one) => typeof one === "string");
    },
  };
}

function parse(doc: CommandDoc, args: readonly string[]) {
  const options = Object.fromEntries(doc.options.map((option) => [option.name, {
    type: option.value === undefined ? "boolean" as const : "string" as const,
    ...(option.short === undefined ? {} : { short: option.short }),
    multiple: option.repeat === true,
  }]));
  try {
    const allowPositionals = true;
    if (doc.optionsEndAtOperand === undefined) {
      return parseArgs({ args: [...args], options, allowPositionals });
    }
    const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
    const end = tokens.find(({ kind }) => kind !== "option")?.index ?? args.length;
    const own = args.slice(0, end);
    const marked = args[end] === "--";
    const rest = args.slice(marked ? end + 1 : end);
    if (!marked && doc.optionsEndAtOperand === "agent") refuseOptions(doc, rest);
    return parseArgs({ args: [...own, "--", ...rest], options, allowPositionals });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node adds advice about "--" after the first sentence that does not fit here.
    const message = error.message.replace(/\. To specify a positional.*$/s, "");
    const unknown = /^Unknown option '(--[^']+)'/.exec(message)?.[1];
    const names = doc.options.map(({ name }) => `--${name}`);
    throw new UsageError(message + (unknown === undefined ? "" : guess(unknown, names)));
  }
}

/** @throws {UsageError} for a word that is an option of the command, but stands too late for one */
function refuseOptions({ name, options }: CommandDoc, words: readonly string[]): void {
  const forms = options.flatMap((one) => [`--${one.name}`, `-${one.short ?? one.name}`]);
  const late = words.find((word) => forms.includes(word.replace(/=.*$/s, "")));
  if (late === undefined) return;
  throw new UsageError(
    `options stand before "${words[0]}": write "heartbeat ${name} ${late} ${words[0]} …", or, if ` +
      `it is meant for the agent, "heartbeat ${name} -- ${words[0]} … ${late}"`,
  );
}
