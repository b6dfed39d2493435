/**
 * Loads the plugins that haresources names, in a host that is thrown away, to say before a takeover
 * which of them do not. Nothing of them is started.
 */
import { join } from "node:path";
import { createRegistry } from "../../agents/registry.ts";
import { Reactor } from "../os/reactor.ts";
import type { Paths } from "./paths.ts";
import { PluginClient } from "./plugin_client.ts";
import { pluginHostCommand } from "./plugin_command.ts";

/** @returns why, with the plugin's own file and line, by the name in haresources; empty: all load */
export async function pluginProblems(paths: Paths): Promise<ReadonlyMap<string, string>> {
  const problems = new Map<string, string>();
  const plugins = mentionedPlugins(paths);
  if (plugins.size === 0) return problems;
  const reactor = new Reactor((error) => {
    throw error;
  });
  const client = new PluginClient({ reactor, command: pluginHostCommand(), log: () => {} });
  for (const [name, path] of plugins) {
    try {
      await client.describe(path);
    } catch (error) {
      problems.set(name, error instanceof Error ? error.message : String(error));
    }
  }
  await client.close();
  await reactor.stop();
  return problems;
}

/** Words are enough: whether haresources is right is the matter of its own parser. */
function mentionedPlugins(paths: Paths): ReadonlyMap<string, string> {
  const registry = createRegistry(paths);
  const names = haresourcesText(paths).split(/[\s\\]+/).map((word) => word.split("::")[0] ?? "");
  const found = new Map<string, string>();
  for (const name of new Set(names)) {
    const finding = registry.find(name);
    if (finding.kind === "found" && finding.origin === "plugin") found.set(name, finding.path);
  }
  return found;
}

function haresourcesText({ configDir }: Paths): string {
  try {
    return Deno.readTextFileSync(join(configDir, "haresources"));
  } catch {
    return ""; // what cannot be read is told by the check itself
  }
}
