/**
 * A new configuration in a living pair: groups whose lines did not change are not touched, removed
 * ones are stopped, new ones start once the removed ones are gone.
 */
import type { ClusterConfig, GroupConfig, ResourceConfig } from "../types.ts";
import { newLineJudge, noteDigest } from "./agreement.ts";
import { clearMovedAway, isDown, isSameLine, probe } from "./groups.ts";
import { retime } from "./membership.ts";
import { type Group, newGroup, type State } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * The groups of a new haresources with the homes that are in force: until the peer reads the same
 * file, both would call a group their own that has another home now.
 */
export function withHomesOf(
  before: readonly GroupConfig[],
  after: readonly GroupConfig[],
): GroupConfig[] {
  return after.map((group) => {
    const known = before.find((one) => isSameLine(one, group));
    return { ...group, node: known?.node ?? group.node };
  });
}

/** Takes over times and groups (`withHomesOf`) of a checked configuration of the same nodes. */
export function reconfigure(turn: Turn, config: ClusterConfig): void {
  const { state } = turn;
  const before = state.config;
  state.config = config;
  clearMovedAway(state.groups);
  const isFreeOfPeer = newLineJudge(state);
  const removed: Group[] = [];
  for (const group of state.groups) {
    const found = config.groups.find((candidate) => isSameLine(candidate, group.config));
    if (found === undefined && !group.retired) removed.push(group);
    group.retired = found === undefined;
    if (found !== undefined) group.config = found;
  }
  for (const added of config.groups) {
    if (state.groups.some((group) => !group.retired && isSameLine(group.config, added))) continue;
    const group = newGroup(state.nextGroup, added, turn.nowMs);
    group.agreed = isFreeOfPeer(added, removed);
    state.groups.push(group);
    state.nextGroup += 1;
  }
  noteDigest(state);
  retime(turn, before);
}

/** An earlier life removed this group and was killed before it had stopped it. */
export function goOnStopping(turn: Turn, config: GroupConfig): void {
  const { state } = turn;
  const group = { ...newGroup(state.nextGroup, config, turn.nowMs), retired: true };
  state.nextGroup += 1;
  turn.log("warn", `${config.key} is gone from haresources and may still run here: stopping it`);
  probe(group);
  state.groups.push(group);
}

/** Drops groups that left the configuration and have stopped. */
export function dropRetired({ state: { groups } }: Turn): void {
  for (let at = groups.length - 1; at >= 0; at -= 1) {
    const group = groups[at];
    if (group?.retired === true && isDown(group)) groups.splice(at, 1);
  }
}

/**
 * Whether something of a removed line is not stopped yet that the group uses, too: what replaces a
 * line often uses its address. All other groups have nothing to wait for.
 */
export function waitsForRetired(state: State, group: Group): boolean {
  const used = new Set(group.config.resources.flatMap(resourceIds));
  return state.groups.some(({ retired, members, operation, config }) =>
    retired &&
    config.resources.some((resource, at) =>
      (members[at] !== "down" || operation?.member === at) &&
      resourceIds(resource).some((id) => used.has(id))
    )
  );
}

/**
 * What a resource is about, whatever agent and options it is given with: `192.168.2.3` of
 * `IPaddr2::192.168.2.3/24/eth0`, device and directory of a file system; the script, without
 * arguments.
 */
function resourceIds({ agent, args: [first, ...others] }: ResourceConfig): string[] {
  if (first === undefined) return [agent];
  const paths = others.filter((argument) => argument.startsWith("/"));
  return [first.startsWith("/") ? first : first.replace(/\/.*/, ""), ...paths];
}
