/**
 * The names for which `heartbeat agent list` looks up an agent: what the directories hold, what is
 * built in, and what haresources uses. Any systemd unit would do, too; those are not listed.
 */
import { BUILT_IN_NAMES } from "../../agents/builtin.ts";
import { hostOf } from "../../agents/host.ts";
import { PLUGIN_EXTENSIONS } from "../../agents/plugin_agent.ts";
import { loadConfiguration } from "./load_config.ts";
import type { Paths } from "./paths.ts";

/** @param ocf with all OCF agents of this host, which may be many */
export function agentNames(paths: Paths, ocf: boolean): readonly string[] {
  const names = new Set([
    ...filesIn(paths.resourceDir).filter(isNoTypes).map(withoutPluginExtension),
    ...BUILT_IN_NAMES,
    ...paths.initDirs.flatMap(filesIn),
    ...wordsOfHaresources(paths),
    ...(ocf ? ocfNames(hostOf(paths.configDir, paths.runDir).ocfRoot) : []),
  ]);
  return [...names].sort((a, b) => a.localeCompare(b, "en"));
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

/** The types for editors may lie beside the plugins. */
function isNoTypes(file: string): boolean {
  return !file.endsWith(".d.ts");
}

function withoutPluginExtension(file: string): string {
  const end = PLUGIN_EXTENSIONS.find((one) => file.endsWith(one));
  return end === undefined ? file : file.slice(0, -end.length);
}

/** None when the configuration is wrong; `heartbeat check` is there to say why. */
function wordsOfHaresources(paths: Paths): string[] {
  const { config } = loadConfiguration(paths);
  return (config?.cluster.groups ?? []).flatMap(({ resources }) =>
    resources.map(({ agent }) => agent)
  );
}
