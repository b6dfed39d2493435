/**
 * Ping nodes that can never vote: a ping node tells who of the two is cut off, which only a host
 * outside the cluster can. This host answers itself always, the peer never when it matters, and a
 * service address only where its group runs.
 */

import type { Report } from "./diagnostics.ts";
import type { HaCf } from "./ha_cf.ts";
import type { PlacedGroup } from "./haresources.ts";
import type { HostFacts } from "./host_facts.ts";
import type { MediumEntry } from "./media.ts";
import type { Nodes } from "./nodes.ts";
import { addressOf } from "./shared_things.ts";

interface Members {
  readonly haCf: HaCf;
  readonly nodes: Nodes;
  readonly media: readonly MediumEntry[];
}

export function checkPingNodes(
  { haCf, nodes, media }: Members,
  placed: readonly PlacedGroup[],
  facts: HostFacts,
  report: Report,
): void {
  const addressesOf = (name: string) => [name.toLowerCase(), ...facts.addressesOf?.(name) ?? []];
  const own = new Set([...addressesOf(nodes.self), ...facts.ownAddresses?.() ?? []]);
  const peer = new Set([
    ...nodes.names.filter((name) => name !== nodes.self).flatMap(addressesOf),
    ...media.flatMap(({ config }) => "host" in config ? addressesOf(config.host) : []),
  ]);
  const service = new Set(
    placed.flatMap(({ resources }) => resources.map(({ config }) => addressOf(config))),
  );
  for (const { directive, args } of haCf.statements) {
    if (directive.group !== "ping") continue;
    for (const { text, span } of directive.name === "ping_group" ? args.slice(1) : args) {
      const mine = addressesOf(text);
      const what = mine.some((one) => service.has(one))
        ? "it is an address of haresources, and goes with its group"
        : mine.some((one) => own.has(one))
        ? "it is this host itself"
        : mine.some((one) => peer.has(one))
        ? "it is the peer, whose silence it shall explain"
        : null;
      if (what === null) continue;
      report.warning("HB198", span, {
        title: `The ping node "${text}" can never vote: ${what}`,
        caretNote: "expected a host outside the cluster, such as the router",
        help:
          `write "${directive.name === "ping_group" ? `ping_group ${args[0]?.text}` : "ping"} ` +
          'ADDRESS", with the address of the router',
      });
    }
  }
}
