/**
 * Telling the neighbours again where our addresses are. An agent announces fast, within the first
 * second of its start; a switch that is still learning, or whose port comes up later, hears nothing
 * of that. So each started address is announced again some seconds later, and anew when an interface
 * of this host gets its carrier, or when another host claimed it too and has given in.
 *
 * Nobody waits for the outcome: an announcement is a courtesy, not a state. What is still to come
 * ends when the group is no longer wanted here.
 */
import { shareOf } from "./shares.ts";
import type { Group, Shares } from "./state.ts";
import type { Turn } from "./turn.ts";

/** After a start or a carrier: past the learning of a switch, and of most spanning trees. */
const LATER_MS = [2_000, 5_000] as const;
/** A carrier that comes and goes is announced on at once no more often than this. */
const CARRIER_SPACING_MS = 1_000;

/** Orders every running resource of these shares to announce itself, now and later. */
export function announceAddresses(turn: Turn, shares: Shares): void {
  for (const group of turn.state.groups) {
    if (!shares[shareOf(turn.state, group.config.node)]) continue;
    announce(turn, group);
    announceLater(turn, group);
  }
}

/** An interface of this host can carry packets again: which addresses are on it, agents know. */
export function carrierCame(turn: Turn): void {
  const { state } = turn;
  const atOnce = turn.nowMs - state.carrierMs >= CARRIER_SPACING_MS;
  if (atOnce) state.carrierMs = turn.nowMs;
  for (const group of state.groups) {
    if (!group.wanted) continue;
    if (atOnce) announce(turn, group);
    announceLater(turn, group);
  }
}

/** A resource of the group has started: what is already to come is not put off for it. */
export function announceLater(turn: Turn, group: Group): void {
  const [first, last] = LATER_MS;
  const soonestMs = Math.min(group.announceAtMs[0] ?? Infinity, turn.nowMs + first);
  group.announceAtMs = [soonestMs, turn.nowMs + last];
  armNext(turn);
}

/** The group is not wanted here any more: it must not be announced, even while it still stops. */
export function announceNoMore(turn: Turn, group: Group): void {
  if (group.announceAtMs.length === 0) return;
  group.announceAtMs = [];
  armNext(turn);
}

/** Makes the announcements that are due. */
export function announcementsDue(turn: Turn): void {
  for (const group of turn.state.groups) {
    const later = group.announceAtMs.filter((atMs) => atMs > turn.nowMs);
    if (later.length === group.announceAtMs.length) continue;
    group.announceAtMs = later;
    announce(turn, group);
  }
  armNext(turn);
}

function armNext(turn: Turn): void {
  const nextMs = Math.min(...turn.state.groups.flatMap(({ announceAtMs }) => announceAtMs));
  if (nextMs === Infinity) turn.disarm({ kind: "announce" });
  else turn.arm({ kind: "announce" }, nextMs);
}

function announce(turn: Turn, group: Group): void {
  const { state } = turn;
  group.members.forEach((member, at) => {
    const resource = group.config.resources[at];
    if (member !== "up" || resource === undefined) return;
    const id = state.nextOperation;
    state.nextOperation += 1;
    turn.run({ id, resource, verb: "announce", deadlineMs: state.config.statusDeadlineMs });
  });
}
