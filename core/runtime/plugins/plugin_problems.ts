/**
 * Loads the plugins that haresources names, in a host that is thrown away, to say before a takeover
 * which of them do not load, and which refuse the arguments that they would get. Nothing of them is
 * started.
 */
import { createRegistry } from "../../../agents/registry.ts";
import { Reactor } from "../../os/reactor.ts";
import { messageOf } from "../../os/thrown.ts";
import type { ResourceConfig } from "../../types.ts";
import { listedResources } from "../listed_resources.ts";
import type { Paths } from "../paths.ts";
import { PluginClient } from "./plugin_client.ts";
import { pluginHostCommand } from "./plugin_command.ts";
import { SourceStore } from "./plugin_sources.ts";

export interface PluginProblems {
  /** Why plugins do not load, with their own file and line, by the name in haresources. */
  readonly loading: ReadonlyMap<string, string>;
  /** What plugins call themselves in their files, where haresources calls them otherwise. */
  readonly ownNames: ReadonlyMap<string, string>;
  /** What plugins have against their arguments, by the resource as haresources has it. */
  readonly args: ReadonlyMap<string, string>;
  /** What those that load were loaded from. */
  readonly sources: SourceStore;
}

/** @returns empty maps where every plugin loads and takes its arguments */
export async function pluginProblems(paths: Paths): Promise<PluginProblems> {
  const loading = new Map<string, string>();
  const ownNames = new Map<string, string>();
  const args = new Map<string, string>();
  const sources = new SourceStore();
  const resources = pluginResources(paths);
  if (resources.length === 0) return { loading, ownNames, args, sources };
  const reactor = new Reactor((error) => {
    throw error;
  });
  const client = new PluginClient({
    reactor,
    command: pluginHostCommand(),
    sources,
    log: () => {},
  });
  for (const [name, path] of new Map(resources.map(({ agent, path }) => [agent, path]))) {
    const description = await noted(loading, name, client.describe(path));
    if (description !== undefined && description.name !== name) {
      ownNames.set(name, description.name);
    }
  }
  for (const { text, agent, path, args: given } of resources) {
    if (!loading.has(agent)) await noted(args, text, client.validate(path, given));
  }
  await client.close();
  await reactor.stop();
  return { loading, ownNames, args, sources };
}

/** @returns undefined when there is a problem, which is noted */
async function noted<T>(
  problems: Map<string, string>,
  key: string,
  asked: Promise<T>,
): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    problems.set(key, messageOf(error));
    return undefined;
  }
}

function pluginResources(paths: Paths): readonly (ResourceConfig & { readonly path: string })[] {
  const registry = createRegistry(paths);
  return listedResources(paths).flatMap((resource) => {
    const finding = registry.find(resource.agent);
    const isPlugin = finding.kind === "found" && finding.origin === "plugin";
    return isPlugin ? [{ ...resource, path: finding.path }] : [];
  });
}
