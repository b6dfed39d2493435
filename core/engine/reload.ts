/**
 * A new configuration in a living pair: groups whose lines did not change are not touched, nor is the
 * beginning of one that changed only behind it (line_change.ts); removed ones are stopped, new ones
 * start once the removed ones are gone.
 */
import type { ClusterConfig, GroupConfig, ResourceConfig } from "../types.ts";
import { newLineJudge, noteDigest } from "./agreement.ts";
import { clearMovedAway, isDown, isSameLine, probe } from "./groups.ts";
import { successionOf } from "./line_change.ts";
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
  const successors: Group[] = [];
  for (const group of [...state.groups]) {
    const found = config.groups.find((candidate) => isSameLine(candidate, group.config));
    if (found === undefined && !group.retired) {
      removed.push(group);
      const successor = succeed(turn, group, config);
      if (successor !== null) {
        successors.push(successor);
        continue;
      }
    }
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
  for (const group of successors) group.agreed = isFreeOfPeer(group.config, removed);
  noteDigest(state);
  retime(turn, before);
}

/** Puts a changed line in the place of the group, with what runs of their common beginning. */
function succeed(turn: Turn, group: Group, config: ClusterConfig): Group | null {
  const { state } = turn;
  const added = config.groups.filter((line) =>
    !state.groups.some((one) => !one.retired && isSameLine(one.config, line))
  );
  const succession = successionOf(group, added);
  if (succession === null) return null;
  const { next, kept } = succession;
  const rest = { ...group.config, resources: group.config.resources.slice(kept) };
  const gone = newGroup(state.nextGroup, rest, turn.nowMs);
  gone.retired = true;
  gone.agreed = group.agreed;
  gone.members.splice(0, Infinity, ...group.members.slice(kept));
  const successor: Group = {
    ...group,
    id: state.nextGroup + 1,
    config: next,
    // An earlier rest may still be stopping when the line is changed again.
    changed: { rests: [...group.changed?.rests ?? [], gone.id] },
    members: next.resources.map((_, at) => at < kept ? group.members[at] ?? "down" : "down"),
    checked: null,
    looks: new Map([...group.looks].filter(([at]) => at < kept)),
  };
  state.nextGroup += 2;
  turn.disarm({ kind: "group", id: group.id });
  state.groups.splice(state.groups.indexOf(group), 1, successor);
  if (rest.resources.length > 0) state.groups.push(gone);
  return successor;
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
 * Whether something of a removed line, or of a removed end of one, is not stopped yet that the group
 * has to start, too: what replaces a line often uses its address. All other groups have nothing to
 * wait for.
 */
export function waitsForRetired({ groups }: State, group: Group): boolean {
  if (!groups.some(({ retired }) => retired)) return false;
  const down = group.config.resources.filter((_, at) => group.members[at] !== "up");
  const used = new Set(down.flatMap(resourceIds));
  return groups.some(({ retired, members, operation, config }) =>
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
