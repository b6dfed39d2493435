/**
 * `heartbeat init`: from a few answers (init_questions.ts) to the three files of a new cluster. What
 * it would write is checked as the daemon would check it, before anything is written; files that are
 * there are not replaced unless by force.
 */
import { join } from "node:path";
import type { CheckedConfiguration } from "../config/check.ts";
import type { Diagnostic } from "../config/diagnostics.ts";
import { troubleText } from "../runtime/file_trouble.ts";
import { type Call, type Command, defineCommand } from "./command.ts";
import { readConfiguration, showDiagnostics } from "./configuration.ts";
import type { Host } from "./host.ts";
import { type Answers, answersOf, type Ask } from "./init_questions.ts";
import { newAuthkeys } from "./keygen.ts";

const FILES = ["ha.cf", "haresources", "authkeys"] as const;
type Texts = Readonly<Record<typeof FILES[number], string>>;
const OPEN_MODE = 0o644;
const SECRET_MODE = 0o600;

export const initCommand: Command = defineCommand({
  name: "init",
  summary: "Write the three configuration files of a new cluster",
  operands: "",
  maxOperands: 0,
  options: [
    { name: "node", value: "NAME", repeat: true, doc: "A host, by uname -n; give it twice." },
    {
      name: "medium",
      value: "LINE",
      repeat: true,
      doc: "A medium, as ha.cf writes it; may be given several times.",
    },
    { name: "address", value: "ADDRESS", doc: "Address of the service, with its prefix." },
    {
      name: "service",
      value: "NAME",
      repeat: true,
      doc: "A service, in the order of start; may be given several times.",
    },
    {
      name: "auto-failback",
      value: "on|off",
      words: ["on", "off"],
      doc: "Whether services go home; off if not given.",
    },
    { name: "force", doc: "Replace files that are there." },
  ],
  exits: [
    [0, "written"],
    [1, "not written; the reason is on stderr"],
    [2, "the command line cannot be understood, or something is missing in it"],
  ],
  usageExit: 2,
}, (host, call) => init(host, call, Deno.stdin.isTerminal() ? prompt : null));

/** @param ask puts a question to a person; null when nobody is there */
export async function init(
  host: Host,
  call: Call,
  ask: Ask | null,
): Promise<number> {
  const { configDir } = host.paths;
  const there = FILES.filter((name) => exists(join(configDir, name)));
  if (there.length > 0 && call.count("force") === 0) {
    host.err(`heartbeat init: ${configDir} has ${there.join(", ")} already; --force replaces\n`);
    return 1;
  }
  const judge = (answers: Answers) => complaints(host, answers);
  const answers = await answersOf(call, ask, judge, (line) => host.err(`  ${line}\n`));
  const texts = textsOf(answers);
  try {
    const checked = await checkTexts(host, texts, answers);
    await showDiagnostics(host, checked);
    if (checked.diagnostics.some(isMistake)) {
      host.err("heartbeat init: nothing was written\n");
      return 1;
    }
    Deno.mkdirSync(configDir, { recursive: true });
    for (const name of FILES) {
      writeFile(join(configDir, name), texts[name], name === "authkeys" ? SECRET_MODE : OPEN_MODE);
      host.out(`wrote ${join(configDir, name)}\n`);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    host.err(`heartbeat init: ${troubleText(error)}\n`);
    return 1;
  }
  host.out(copyCommands(host, answers));
  return 0;
}

/** What makes these answers wrong; of a place, only what is wrong there. */
async function complaints(host: Host, answers: Answers): Promise<readonly string[]> {
  const checked = await checkTexts(host, textsOf(answers), answers);
  const errors = checked.diagnostics.filter(isMistake);
  const placed = errors.filter(({ span }) => span !== undefined);
  // An answer that is not understood is missing as well; that is not a second mistake.
  return (placed.length > 0 ? placed : errors).map(({ title, caretNote }) =>
    caretNote === undefined ? title : `${title}: ${caretNote}`
  );
}

/**
 * What keeps a daemon from starting, a medium that is not there, and arguments that their agent
 * refuses: a daemon starts with them for the sake of what else works, but nobody wants a new file to
 * begin so.
 */
function isMistake({ code, severity }: Diagnostic): boolean {
  return severity === "error" || code === "HB142" || code === "HB190";
}

function textsOf(answers: Answers): Texts {
  return {
    "ha.cf": haCfText(answers),
    haresources: haresourcesText(answers),
    authkeys: newAuthkeys("sha1"),
  };
}

function haCfText({ nodes, media, autoFailback }: Answers): string {
  return [
    "# Written by heartbeat init. The same file on both hosts; see ha.cf(5).",
    "",
    "# Seconds: how often to beat, when to log a late beat, when to take over,",
    "# and the same for a host that was never heard since our own start.",
    "keepalive 1",
    "warntime 5",
    "deadtime 10",
    "initdead 30",
    "",
    "# Media; two that share no cable and no switch are better than one.",
    ...media,
    "",
    "# on: services go home when their host returns; off: they stay where they are.",
    `auto_failback ${autoFailback}`,
    "",
    "# uname -n of both hosts.",
    ...nodes.map((name) => `node ${name}`),
    "",
  ].join("\n");
}

function haresourcesText({ nodes, address, services }: Answers): string {
  return [
    "# Written by heartbeat init. The same file on both hosts; see haresources(5).",
    "# The preferred host, then what runs there, started from left to right.",
    [nodes[0], address, ...services].join(" "),
    "",
  ].join("\n");
}

/** Checks texts that are not written yet, as this host's daemon would. */
function checkTexts(
  host: Host,
  texts: Texts,
  { nodes }: Answers,
): Promise<CheckedConfiguration> {
  // The files may be made on a third host; then the check is that of the first node.
  return readConfiguration(host.paths, { node: selfAmong(host, nodes) ?? nodes[0], texts });
}

function selfAmong({ hostname }: Host, nodes: readonly string[]): string | undefined {
  return nodes.find((name) => name.toLowerCase() === hostname.toLowerCase());
}

function writeFile(path: string, text: string, mode: number): void {
  const beside = `${path}.new`;
  Deno.writeTextFileSync(beside, text, { mode: SECRET_MODE });
  Deno.chmodSync(beside, mode);
  Deno.renameSync(beside, path);
}

function copyCommands(host: Host, { nodes }: Answers): string {
  const { configDir } = host.paths;
  const self = selfAmong(host, nodes);
  const peers = nodes.filter((name) => name !== self);
  const files = FILES.map((name) => join(configDir, name)).join(" ");
  return [
    ...(self === undefined
      ? ["", `This host is none of the nodes; "heartbeat check" there looks at their interfaces.`]
      : []),
    `\nCopy them to ${peers.join(" and ")}:`,
    ...peers.flatMap((peer) => [
      `  ssh root@${peer} mkdir -p ${configDir}`,
      `  scp -p ${files} root@${peer}:${configDir}/`,
    ]),
    "",
  ].join("\n");
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
