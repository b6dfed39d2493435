/** What the kernel and an administrator tell a simulated host. */
import type { Host } from "./host.ts";

export function unreach(host: Host, groups: readonly number[]): void {
  const unreachable = host.config.groups.filter(({ index }) => groups.includes(index))
    .map(({ key }) => ({ key, why: "eth0 has no carrier" }));
  host.whenAwake(() => host.dispatch({ kind: "reach", at: host.at, unreachable }));
}

export function carrier(host: Host): void {
  host.whenAwake(() => host.dispatch({ kind: "carrier", at: host.at, interface: "eth0" }));
}

/** An administrator has looked, and says the truth. */
export function retry(host: Host, group: number): void {
  const key = host.config.groups[group]?.key;
  if (key === undefined) return;
  const isStopped = host.truth[group]?.includes(true) !== true;
  host.order({ kind: "retry", group: key, isStopped });
}

export function confirm(host: Host, node: string): void {
  host.whenAwake(() => {
    const before = host.engine?.nodes.get(node)?.leftovers ?? null;
    host.order({ kind: "confirm", node });
    if (before !== null && host.engine?.nodes.get(node)?.leftovers === null) host.knownLeft.clear();
  });
}

/** Writes another haresources, of which a running daemon does not know. */
export function edit({ config }: Host, homes: readonly string[]): void {
  const groups = config.groups.map((group, at) => ({ ...group, node: homes[at] ?? group.node }));
  Object.assign(config, { groups });
}
