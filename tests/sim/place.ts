/** Which group and member of a simulated host an operation is about; the engine names the resource only. */
import type { ClusterConfig, ResourceConfig } from "../../core/types.ts";

/** Where a configuration lists a resource, -1 where it does not; no two lines name the same one. */
export function placeOf(
  { groups }: ClusterConfig,
  { text }: ResourceConfig,
): { readonly group: number; readonly member: number } {
  const members = groups.map(({ resources }) => resources.findIndex((one) => one.text === text));
  const group = members.findIndex((member) => member >= 0);
  return { group, member: members[group] ?? -1 };
}
