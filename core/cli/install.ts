/**
 * `heartbeat install`: from the single file to everything a host expects of a package. It starts
 * nothing, enables nothing and opens no port; it says what to do next instead.
 */
import { troubleText } from "../runtime/file_trouble.ts";
import { daemonState } from "../runtime/pid_file.ts";
import { VERSION } from "../runtime/version.ts";
import { type Call, type Command, defineCommand } from "./command.ts";
import type { Host } from "./host.ts";
import type { CommandTable } from "./package/command_pages.ts";
import { hostPlaces } from "./package/host_places.ts";
import { hostTraits, nextSteps } from "./package/next_steps.ts";
import { install, uninstall } from "./package/installer.ts";

/** Where the host would not start this program. */
const BEFORE_NEXT = `
Next:
  heartbeat install --force      (or make the kept files start this program yourself)
`;

/** @param commands the whole table, asked when it is complete: this command stands in it */
export function installCommand(commands: () => CommandTable): Command {
  return defineCommand({
    name: "install",
    summary: "Put this program with unit, manual and completion on the host, or remove it",
    operands: "",
    maxOperands: 0,
    options: [
      { name: "dry-run", short: "n", doc: "Say what would be written or removed, do nothing." },
      { name: "uninstall", doc: "Remove what an install wrote; what was changed since stays." },
      { name: "force", doc: "Replace or remove files that were changed, too." },
    ],
    exits: [
      [0, "done; files of others that were kept are named"],
      [1, "could not be done; the reason is on stderr"],
      [2, "the command line cannot be understood"],
    ],
    usageExit: 2,
  }, (host, call) => runInstall(host, call, commands()));
}

async function runInstall(host: Host, call: Call, commands: CommandTable): Promise<number> {
  const options = {
    root: host.paths.root,
    dryRun: call.count("dry-run") > 0,
    force: call.count("force") > 0,
    say: (text: string) => host.out(`${text}\n`),
  };
  try {
    return call.count("uninstall") > 0 ? remove(host, options) : await put(host, options, commands);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    host.err(`heartbeat install: ${troubleText(error)}\n`);
    return 1;
  }
}

type Options = Parameters<typeof uninstall>[0];

async function put(host: Host, options: Options, commands: CommandTable): Promise<number> {
  if (!Deno.build.standalone && !options.dryRun) {
    host.err("heartbeat install: only the executable can be installed; this runs from source\n");
    return 1;
  }
  // Every text of the package is in there; no other command needs them.
  const { packageEntries } = await import("./package/package_files.ts");
  const places = hostPlaces(options.root);
  const entries = packageEntries(commands, VERSION, places);
  const { kept } = install(entries, { ...options, program: Deno.execPath() });
  if (kept.length > 0) host.out(keptAgain(kept));
  if (options.root !== "/") return 0;
  const steps = nextSteps(hostTraits(options.root, places.initDir)).map((step) => `  ${step}\n`);
  host.out(kept.some(startsIt) ? BEFORE_NEXT : `\nNext:\n${steps.join("")}`);
  return 0;
}

/** Whether a file decides which program the host starts. */
function startsIt(path: string): boolean {
  return /\/(?:heartbeat\.service|init\.d\/heartbeat|sbin\/heartbeat)$/.test(path);
}

/** Said once more at the end, where it is read. */
function keptAgain(kept: readonly string[]): string {
  const lines = kept.map((path) => {
    return startsIt(path) ? `  ${path}  (what it starts may be another program)` : `  ${path}`;
  });
  return [
    "",
    "Kept, because no earlier install wrote them as they are now:",
    ...lines,
    "They are those of another package, such as the original's, or you have changed them. To replace",
    "them: heartbeat install --force. It touches neither ha.cf nor haresources nor authkeys.",
    "",
  ].join("\n");
}

function remove(host: Host, options: Options): number {
  const state = daemonState(host.paths);
  if (state.kind === "running") {
    host.err(`heartbeat install: the daemon runs [pid ${state.pid}]; stop it first\n`);
    return 1;
  }
  const result = uninstall(options);
  if (result === null) {
    host.err(`heartbeat install: there is no record of an install below ${options.root}\n`);
    return 1;
  }
  return 0;
}
