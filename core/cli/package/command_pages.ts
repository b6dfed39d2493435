/**
 * Manual pages of the commands, made of the same table as their help: heartbeat(8) for the program
 * as a whole, one page for each verb, and one for each tool that has a name of its own.
 */
import type { CommandDoc } from "../command.ts";
import { bold, heading, references, sentences, subheading, tagged, text, title } from "./roff.ts";

const SECTION = 8;
const MANUAL = "System Manager's Manual";
const DESCRIPTION = [
  "Heartbeat keeps services answering on two hosts. Each host runs one daemon. The daemons send " +
  "heartbeats to each other over every configured medium; when one host goes silent for deadtime, " +
  "the other takes over its resource groups, the IP address first, then the services in the order " +
  "of haresources(5).",
  "Without a verb the program starts the daemon, or does what one of the options below says; " +
  "these are the options of the original. Called under the name of a tool it is that tool.",
];
const FILES: readonly (readonly [path: string, meaning: string])[] = [
  ["/etc/ha.d/ha.cf", "Nodes, media and times."],
  ["/etc/ha.d/haresources", "Resource groups and where they are at home."],
  ["/etc/ha.d/authkeys", "The keys that sign messages; mode 0600."],
  [
    "/etc/ha.d/heartbeat.toml",
    "Deadlines of resources, flow control of serial lines; need not exist.",
  ],
  ["/etc/ha.d/resource.d/", "The site's own agents."],
  ["/run/heartbeat/control.sock", "Where the daemon is asked and ordered."],
  ["/var/lib/heartbeat/", "Generation, identity and held groups of this host."],
  [
    "/usr/share/doc/heartbeat/",
    "Pages on operation, agents, the migration from the original and what differs from it; examples.",
  ],
  ["/var/log/ha-log", "The log, unless ha.cf says otherwise."],
];
const FILE_PAGES = [
  ["ha.cf", 5],
  ["haresources", 5],
  ["authkeys", 5],
  ["heartbeat.toml", 5],
  ["heartbeat-agent", 7],
] as const;

/** What the pages tell of: all commands, by the way they are called. */
export interface CommandTable {
  /** The program without a verb. */
  readonly program: CommandDoc;
  readonly verbs: readonly CommandDoc[];
  /** Commands under names of their own. */
  readonly tools: readonly CommandDoc[];
}

/** Name of the page of a verb, as `git-commit` is that of `git commit`. */
export function verbPage(verb: CommandDoc): string {
  return `heartbeat-${verb.name}`;
}

export function programPage({ program, verbs, tools }: CommandTable, version: string): string {
  const listed = (commands: readonly CommandDoc[]) =>
    commands.map(({ name, summary }) => tagged(bold(name), text(`${summary}.`)));
  return page([
    title("heartbeat", SECTION, version, MANUAL),
    ...named("heartbeat", "keeps services answering on two hosts"),
    ...synopsis("heartbeat", program),
    heading("DESCRIPTION"),
    DESCRIPTION.map(sentences).join("\n.PP\n"),
    ...optionList(program),
    heading("VERBS"),
    ...listed(verbs),
    heading("TOOLS"),
    ...listed(tools),
    ...exitList(program),
    heading("FILES"),
    ...FILES.map(([path, meaning]) => tagged(`\\fI${text(path)}\\fR`, sentences(meaning))),
    ...seeAlso([
      ...FILE_PAGES,
      ...verbs.map((verb) => [verbPage(verb), SECTION] as const),
      ...tools.map((tool) => [tool.name, SECTION] as const),
    ]),
  ]);
}

export function verbManual(verb: CommandDoc, version: string): string {
  return commandPage(verbPage(verb), `heartbeat ${verb.name}`, verb, version);
}

export function toolManual(tool: CommandDoc, version: string): string {
  return commandPage(tool.name, tool.name, tool, version);
}

function commandPage(name: string, called: string, command: CommandDoc, version: string): string {
  return page([
    title(name, SECTION, version, MANUAL),
    ...named(name, command.summary),
    ...synopsis(called, command),
    heading("DESCRIPTION"),
    sentences(`${command.summary}.`),
    ...(command.words === undefined ? [] : wordList(command.words)),
    ...termList(command),
    ...subcommandList(command),
    ...optionList(command),
    ...exitList(command),
    ...seeAlso([["heartbeat", SECTION], ...FILE_PAGES]),
  ]);
}

function named(name: string, summary: string): string[] {
  return [heading("NAME"), text(`${name} - ${summary}`)];
}

function synopsis(called: string, command: CommandDoc): string[] {
  return [heading("SYNOPSIS"), usage(called, command)];
}

function usage(called: string, { options, operands }: CommandDoc): string {
  const words = [bold(called), options.length > 0 ? "[\\fIOPTIONS\\fR]" : "", text(operands)];
  return words.filter((word) => word !== "").join(" ");
}

/** A part for each command of a family; an option that all of them have stands below OPTIONS. */
function subcommandList({ subcommands = [], options }: CommandDoc): string[] {
  if (subcommands.length === 0) return [];
  const shared = new Set(options.map(({ name }) => name));
  const parts = subcommands.flatMap((one) => [
    subheading(one.name),
    usage(`heartbeat ${one.name}`, one),
    ".PP",
    sentences(`${one.summary}.`),
    ...termList(one),
    ...optionItems(one.options.filter(({ name }) => !shared.has(name))),
    ".PP",
    "Exit status:",
    ...exitItems(one),
  ]);
  return [heading("COMMANDS"), ...parts];
}

function wordList(words: readonly string[]): string[] {
  return [".PP", "The argument is one of", `${words.map(bold).join(", ")}.`];
}

function termList({ terms = [] }: CommandDoc): string[] {
  return terms.map(([term, meaning]) => tagged(bold(term), sentences(meaning)));
}

function optionList({ options }: CommandDoc): string[] {
  return options.length === 0 ? [] : [heading("OPTIONS"), ...optionItems(options)];
}

function optionItems(options: CommandDoc["options"]): string[] {
  return options.map(({ name, short, value, doc }) => {
    const forms = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map(bold).join(", ");
    return tagged(value === undefined ? forms : `${forms} \\fI${text(value)}\\fR`, sentences(doc));
  });
}

function exitList(command: CommandDoc): string[] {
  return [heading("EXIT STATUS"), ...exitItems(command)];
}

function exitItems({ exits }: CommandDoc): string[] {
  return exits.map(([code, meaning]) => tagged(bold(String(code)), text(`${meaning}.`)));
}

function seeAlso(pages: readonly (readonly [string, number])[]): string[] {
  return [heading("SEE ALSO"), references(pages)];
}

function page(parts: readonly string[]): string {
  return `${parts.join("\n")}\n`;
}
