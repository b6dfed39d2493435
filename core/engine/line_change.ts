/**
 * What of this node's resources goes on when their lines are changed: a line that begins as before
 * keeps that beginning, and only what stands behind it is stopped and started. A group in the middle
 * of a failure, or of an operation behind the common beginning, is replaced as a whole. Pure: it only
 * compares; reload.ts puts it in force.
 */
import type { ClusterConfig, GroupConfig } from "../types.ts";
import { isDown, isSameLine, isStuck } from "./groups.ts";
import type { Group, State } from "./state.ts";

/** A line in the place of another that ran here, and with how many resources both begin. */
export interface Succession {
  readonly next: GroupConfig;
  readonly kept: number;
}

/** Words of resources: what a reload starts, stops and leaves alone on this host. */
export interface LineChanges {
  readonly starts: readonly string[];
  readonly stops: readonly string[];
  readonly keeps: readonly string[];
}

/** The line among these that goes on with what runs of the group; null when none does. */
export function successionOf(group: Group, lines: readonly GroupConfig[]): Succession | null {
  if (group.retired || !group.wanted || group.members[0] !== "up" || !isAtEase(group)) return null;
  for (const next of lines) {
    if (next.node !== group.config.node) continue;
    const kept = commonBeginning(group.config, next);
    if (kept > 0 && (group.operation === null || group.operation.member < kept)) {
      return { next, kept };
    }
  }
  return null;
}

function isAtEase({ probes, rollback, startFailures, stopFailures, doubted }: Group): boolean {
  return probes.length === 0 && !rollback && startFailures === 0 && stopFailures === 0 && !doubted;
}

function commonBeginning(before: GroupConfig, after: GroupConfig): number {
  const first = after.resources.findIndex(({ text }, at) => before.resources[at]?.text !== text);
  return first < 0 ? after.resources.length : first;
}

/** What a reload with this configuration would do here. */
export function lineChanges(state: State, config: ClusterConfig): LineChanges {
  const starts: string[] = [];
  const stops: string[] = [];
  const keeps: string[] = [];
  const words = (line: GroupConfig) => line.resources.map(({ text }) => text);
  const isKnown = (line: GroupConfig) =>
    state.groups.some((group) => !group.retired && isSameLine(group.config, line));
  const added = config.groups.filter((line) => !isKnown(line));
  const placed = new Set<GroupConfig>();
  for (const group of state.groups) {
    const running = words(group.config).filter((_, at) => group.members[at] !== "down");
    if (config.groups.some((line) => isSameLine(line, group.config))) {
      keeps.push(...running);
      continue;
    }
    const succession = successionOf(group, added.filter((line) => !placed.has(line)));
    const kept = succession?.kept ?? 0;
    keeps.push(...running.slice(0, kept));
    stops.push(...running.slice(kept));
    if (succession === null) continue;
    placed.add(succession.next);
    starts.push(...words(succession.next).slice(kept));
  }
  for (const line of added) {
    const share = line.node === state.config.self ? "local" : "foreign";
    if (state.claim[share] && !placed.has(line)) starts.push(...words(line));
  }
  return { starts, stops, keeps };
}

/** What a changed line no longer has and still runs here; what does not stop is named last. */
export function restOf(state: State, { changed }: Group): Group | null {
  if (changed === null) return null;
  const rests = state.groups.filter((group) => changed.rests.includes(group.id) && !isDown(group));
  return rests.find((group) => !isStuck(group)) ?? rests[0] ?? null;
}
