/**
 * The look-up of agents in a daemon that runs: a word that led to a plugin which was loaded leads to
 * it still, whatever became of its file, until a reload loads it anew. Without it a file that breaks
 * or goes while its resource runs would leave a resource that nobody can stop.
 */
import type { Finding, Registry } from "../../../agents/registry.ts";
import type { ClusterConfig } from "../../types.ts";
import { SourceStore } from "./plugin_sources.ts";
import { pluginsOf, type PluginWords } from "./plugin_words.ts";

export class KeptPlugins implements Registry {
  readonly sources = new SourceStore();
  readonly #registry: Registry;
  readonly #found = new Map<string, Extract<Finding, { kind: "found" }>>();

  /** @param registry of the files as they are */
  constructor(registry: Registry) {
    this.#registry = registry;
  }

  find(name: string): Finding {
    const kept = this.#found.get(name);
    return kept !== undefined && this.sources.has(kept.path) ? kept : this.#registry.find(name);
  }

  /**
   * Goes by the files again; what no word of the configuration names, but may still run, stays, and
   * so does what has no file any more.
   * @param loaded the sources of its plugins, where they were loaded already
   */
  adopt(cluster: Pick<ClusterConfig, "groups">, loaded?: SourceStore): PluginWords {
    if (loaded !== undefined) this.sources.adopt(loaded);
    for (const { agent } of cluster.groups.flatMap(({ resources }) => resources)) {
      const finding = this.#registry.find(agent);
      if (finding.kind === "missing") continue;
      if (finding.origin === "plugin") this.#found.set(agent, finding);
      else this.#found.delete(agent);
    }
    return pluginsOf(this, cluster);
  }

  /** One sentence for each plugin of the configuration that goes on without its file. */
  lost({ groups }: Pick<ClusterConfig, "groups">): string[] {
    const agents = new Set(groups.flatMap(({ resources }) => resources.map(({ agent }) => agent)));
    return [...agents].flatMap((agent) => {
      const kept = this.#found.get(agent);
      if (kept === undefined || this.#registry.find(agent).kind !== "missing") return [];
      return [
        `${kept.path} is missing: what was loaded from it goes on, but a restart would lose it. ` +
        "Put the file back.",
      ];
    });
  }
}
