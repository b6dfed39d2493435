/** Which words of haresources lead to TypeScript plugins. */
import type { Registry } from "../../../agents/registry.ts";
import type { ClusterConfig } from "../../types.ts";

export interface PluginWords {
  /** Files, without repetition, in the order of haresources. */
  readonly paths: readonly string[];
  /** Groups that have at least one. */
  readonly groups: number;
}

export function pluginsOf(
  registry: Registry,
  { groups }: Pick<ClusterConfig, "groups">,
): PluginWords {
  const found = groups.map(({ resources }) =>
    resources.map(({ agent }) => registry.find(agent)).flatMap((finding) =>
      finding.kind === "found" && finding.origin === "plugin" ? [finding.path] : []
    )
  );
  return {
    paths: [...new Set(found.flat())],
    groups: found.filter((paths) => paths.length > 0).length,
  };
}
