/**
 * The names for which `heartbeat agent list` looks up an agent: what the directories hold, what is
 * built in, and what haresources uses. Any systemd unit would do, too; those are not listed.
 */
import { extname, join } from "node:path";
import { BUILT_IN_NAMES } from "../../agents/builtin.ts";
import { hostOf } from "../../agents/host.ts";
import { PLUGIN_EXTENSIONS } from "../../agents/plugin_agent.ts";
import { Report } from "../config/diagnostics.ts";
import { withVisibleBlanks } from "../config/invisible.ts";
import { parseHaresources } from "../config/haresources.ts";
import { createSource } from "../config/source.ts";
import { readTextIfThere } from "../os/read_text.ts";
import type { Paths } from "./paths.ts";

/** `hto-mapfuncs` comes with the original's package, `ocf-shellfuncs` with the OCF agents. */
const BESIDE_AGENTS = /(?:\.d\.ts|~|\.bak|\.orig|\.(?:dpkg|rpm|ucf)[-a-z]*|funcs)$/;
const DEFAULT_EXPORT = /\bexport\s+default\b|\bas\s+default\b|\bexports\s*(?:\.\s*default|\[)/;

export { BUILT_IN_NAMES } from "../../agents/builtin.ts";

/** @param ocf with all OCF agents of this host, which may be many */
export function agentNames(paths: Paths, ocf: boolean): readonly string[] {
  return sorted([...installedNames(paths, ocf), ...wordsOfHaresources(paths)]);
}

/** As {@link agentNames}, without what haresources asks for. */
export function installedNames(paths: Paths, ocf: boolean): readonly string[] {
  return sorted([
    ...filesIn(paths.resourceDir).filter((file) => mayBeAgent(paths.resourceDir, file))
      .map(withoutPluginExtension),
    ...BUILT_IN_NAMES,
    ...paths.initDirs.flatMap(filesIn),
    ...(ocf ? ocfNames(hostOf(paths.configDir, paths.runDir).ocfRoot) : []),
  ]);
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort((a, b) => a.localeCompare(b, "en"));
}

function filesIn(dir: string): string[] {
  return entriesOf(dir).filter(({ isDirectory }) => !isDirectory).map(({ name }) => name);
}

function ocfNames(ocfRoot: string): string[] {
  const root = `${ocfRoot}/resource.d`;
  return entriesOf(root).flatMap(({ name }) => filesIn(`${root}/${name}`));
}

function entriesOf(dir: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(dir)].filter(({ name }) => !name.startsWith("."));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * False for what only lies beside the agents: types for editors, what editors and packages keep of
 * older files, functions that scripts share, and modules that plugins import, which lack the default
 * export that an agent is. Nothing is loaded to find out.
 */
function mayBeAgent(dir: string, file: string): boolean {
  if (BESIDE_AGENTS.test(file)) return false;
  const plugins: readonly string[] = PLUGIN_EXTENSIONS;
  if (!plugins.includes(extname(file))) return true;
  try {
    return DEFAULT_EXPORT.test(Deno.readTextFileSync(join(dir, file)));
  } catch {
    return true; // why it cannot be read is for the list to say
  }
}

function withoutPluginExtension(file: string): string {
  const end = PLUGIN_EXTENSIONS.find((one) => file.endsWith(one));
  return end === undefined ? file : file.slice(0, -end.length);
}

/** What is wrong with the other words, and with the rest of the files, `heartbeat check` says. */
function wordsOfHaresources({ configDir }: Paths): string[] {
  const path = join(configDir, "haresources");
  const source = createSource(path, readTextIfThere(path) ?? "");
  const groups = parseHaresources(withVisibleBlanks(source, new Report()));
  return groups.flatMap(({ resources }) => resources.map(({ config }) => config.agent));
}
