/**
 * What the kernel says against the addresses of groups, asked when somebody wants to know: an address
 * that was started and is gone, an interface through which nobody can be reached. Nothing is done
 * about it here, and nothing is remembered.
 */
import { type AddressNow, lookAtAddresses } from "../../agents/builtin/address_look.ts";
import type { Registry } from "../../agents/registry.ts";
import type { UnreachableGroup } from "../engine/events.ts";
import type { GroupConfig, Message, ResourceConfig } from "../types.ts";
import { text } from "../wire/fields.ts";

/** One address that runs here according to its group, and is not what it should be. */
export interface AddressTrouble {
  /** As haresources writes it. */
  readonly resource: string;
  /** The host does not have it. */
  readonly gone: boolean;
  /** One sentence without its full stop. */
  readonly text: string;
}

/** @param started resources of groups that run here, with nothing in motion */
export function addressTroubles(
  started: readonly ResourceConfig[],
  registry: Registry,
): AddressTrouble[] {
  return lookAtAddresses(builtInOf(started, registry)).flatMap((now) => {
    const text = now.present ? linkTrouble(now) : goneText(now);
    return text === null ? [] : [{ resource: now.resource.text, gone: !now.present, text }];
  });
}

/**
 * Those of the groups that nobody could reach if they were started here. An interface that is down is
 * set up by the start, and tells nothing before.
 */
export function unreachableGroups(
  groups: readonly GroupConfig[],
  registry: Registry,
): UnreachableGroup[] {
  const resources = groups.flatMap((group) => group.resources);
  const now = new Map(
    lookAtAddresses(builtInOf(resources, registry)).map((
      look,
    ) => [look.resource, obstacleAt(look)]),
  );
  return groups.flatMap(({ key, resources }) => {
    const why = resources.map((resource) => now.get(resource) ?? null).find((one) => one !== null);
    return why === undefined ? [] : [{ key, why }];
  });
}

function obstacleAt({ ip, link }: AddressNow): string | null {
  if (typeof link === "string") return `${ip} has no place there: ${link}`;
  if (!link.up || link.running) return null;
  return `${link.name} has no carrier, and ${ip} needs it`;
}

/** Those that a built-in agent runs: a site's own may keep an address elsewhere than in the kernel. */
export function builtInOf(
  resources: readonly ResourceConfig[],
  registry: Registry,
): ResourceConfig[] {
  const names = new Set(resources.map(({ agent }) => agent));
  const builtIn = new Set([...names].filter((name) => {
    const finding = registry.find(name);
    return finding.kind === "found" && finding.origin === "built-in";
  }));
  return resources.filter(({ agent }) => builtIn.has(agent));
}

function goneText({ ip, resource: { agent, args } }: AddressNow): string {
  const word = [agent, ...args].join("::");
  return `${ip} was started here and is gone from this host (put it back: heartbeat agent run ` +
    `${word} start)`;
}

function linkTrouble({ ip, link }: AddressNow): string | null {
  if (typeof link === "string" || link.running) return null;
  const what = link.up ? "has no carrier" : "is down";
  return `${link.name} ${what}, so that ${ip} cannot be reached through it`;
}

/** The peer wants to give something to this node, which must know then what it can reach. */
export function isOffer(message: Message): boolean {
  return text(message, "t") === "ask_resources" && text(message, "info") === "me";
}
