/**
 * `heartbeat agent new`: the beginning of a plugin, which loads, works and passes `agent test` as it
 * stands, so that an author changes something that works. It replaces no file and hides no agent.
 */
import { basename, dirname, extname, join, resolve } from "node:path";
import scaffold from "../../packaging/scaffold/agent.ts" with { type: "text" };
import { createRegistry } from "../../agents/registry.ts";
import { pluginTypes } from "../runtime/plugins/plugin_types.ts";
import { type Call, type Command, defineCommand, UsageError } from "./command.ts";
import type { Host } from "./host.ts";

/** Nothing that haresources, a shell or a unit's ending could take for something else. */
const GOOD_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const EXTENSION = ".ts";
const TYPES_FILE = "heartbeat.d.ts";
/** Only beside the types that are written with it can an editor follow it. */
const REFERENCE = `/// <reference path="./${TYPES_FILE}" />\n`;
const FILE_MODE = 0o644;

export const agentNewCommand: Command = defineCommand({
  name: "agent new",
  summary: "Write the beginning of a plugin, which works and passes agent test as it stands",
  operands: "NAME|FILE",
  maxOperands: 1,
  terms: [
    ["NAME", "Written to resource.d, from where haresources can use it."],
    ["FILE", "A path with a slash in it, such as ./web.ts, to begin elsewhere."],
  ],
  options: [],
  exits: [
    [0, "written"],
    [1, "there is such a file or agent already, or it cannot be written"],
    [2, "the command line cannot be understood"],
  ],
  usageExit: 2,
}, writeNew);

function writeNew(host: Host, call: Call): number {
  const [word] = call.operands;
  if (word === undefined) throw new UsageError("the name or the file of an agent is missing");
  const isFile = word.includes("/");
  const path = isFile
    ? withExtension(resolve(word))
    : join(host.paths.resourceDir, word + EXTENSION);
  const name = basename(path, EXTENSION);
  if (!GOOD_NAME.test(name)) {
    throw new UsageError(
      `"${name}" cannot be the name of a new agent; letters, digits, _ and - make one`,
    );
  }
  const taken = isFile ? undefined : takenBy(host, name);
  if (taken !== undefined) {
    host.err(`heartbeat agent new: ${taken}; choose another name, or give a path to hide it\n`);
    return 1;
  }
  if (!isFile) Deno.mkdirSync(host.paths.resourceDir, { recursive: true });
  const text = REFERENCE + scaffold.replaceAll(/\bNAME\b/g, name);
  Deno.writeTextFileSync(path, text, { createNew: true, mode: FILE_MODE });
  host.out(`wrote ${path}\n`);
  writeTypes(host, join(dirname(path), TYPES_FILE));
  host.out(nextSteps(isFile ? path : name, path));
  return 0;
}

function withExtension(path: string): string {
  return extname(path) === EXTENSION ? path : path + EXTENSION;
}

function takenBy({ paths }: Host, name: string): string | undefined {
  const finding = createRegistry(paths).find(name);
  if (finding.kind === "missing") return undefined;
  const { origin, path } = finding;
  return `"${name}" is an agent already: ${origin === "built-in" ? "built-in" : path}`;
}

/** What lies there already may be of another version, but is the author's. */
function writeTypes(host: Host, path: string): void {
  try {
    Deno.writeTextFileSync(path, pluginTypes(), { createNew: true, mode: FILE_MODE });
    host.out(`wrote ${path}\n`);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

function nextSteps(word: string, path: string): string {
  return [
    "",
    "Next:",
    `  heartbeat agent test ${word}      (passes now, and should after each change)`,
    `  edit ${path}: it starts a stand-in; what is yours to change is marked CHANGE`,
    `  heartbeat agent run ${word} start; heartbeat agent run ${word} status`,
    "",
  ].join("\n");
}
