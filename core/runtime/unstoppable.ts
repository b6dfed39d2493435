/**
 * What a reload would leave running for good: a service of a removed line whose script was removed
 * with it. Such a group can only be reported as blocked, and the moment to say it is the reload.
 */
import type { Registry } from "../../agents/registry.ts";
import { resourceLine } from "../engine/groups.ts";
import type { GroupConfig } from "../types.ts";

/**
 * One sentence for each resource that cannot be stopped.
 * @param running words of haresources that run here
 */
export function unstoppable(
  before: readonly GroupConfig[],
  after: readonly GroupConfig[],
  running: ReadonlySet<string>,
  registry: Registry,
): string[] {
  const kept = new Set(after.map(resourceLine));
  return before.filter((group) => !kept.has(resourceLine(group))).flatMap(({ key, resources }) =>
    resources.flatMap(({ text, agent }) => {
      const finding = running.has(text) ? registry.find(agent) : null;
      if (finding?.kind !== "missing") return [];
      return [
        `${text} of the removed group ${key} still runs and cannot be stopped: ` +
        `${finding.reason}. Put its script back until it is stopped, or stop it by hand.`,
      ];
    })
  );
}
