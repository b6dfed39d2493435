/**
 * `auto_failback legacy` towards an original peer: no word of holdings, no standby. Each node asks
 * for each of its own groups when it comes up, and the other gives the group up first (reference:
 * cluster semantics, sections 8.2 and 16; wire protocol, section 13.3). Between two of our own,
 * `legacy` means `on`, and nothing here is used.
 */
import { text } from "../wire/fields.ts";
import type { Message } from "../types.ts";
import { isDown } from "./groups.ts";
import { broadcast, field } from "./outbox.ts";
import { peerNode } from "./peer.ts";
import { shareOf } from "./shares.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Groups that a peer can ask for and be owed an answer; more would be no haresources of ours. */
const OWED_LIMIT = 1_000;

/** Whether this pair speaks as `legacy` says: so it is configured, and the peer is an original. */
export function speaksLegacy(state: State): boolean {
  const peer = peerNode(state);
  return state.config.autoFailback === "legacy" && peer !== null && peer.generation !== 0 &&
    !peer.native;
}

/**
 * Asks an active peer for our own groups and waits until it has answered for each.
 * @returns whether it has; then they are ours
 */
export function ownGroupsGranted(turn: Turn): boolean {
  const { state } = turn;
  const peer = peerNode(state);
  // One that is still starting does not answer yet; it has taken nothing from us either.
  if (peer?.status !== "active") return false;
  if (state.legacy.asked === null) {
    // What an earlier life of ours left of its groups: it has started them by itself.
    state.claim = { ...state.claim, foreign: false };
    state.legacy.asked = new Set(ownKeys(state));
    askForOwn(turn);
  }
  return state.legacy.asked.size === 0;
}

function ownKeys(state: State): string[] {
  return state.groups
    .filter((group) => !group.retired && shareOf(state, group.config.node) === "local")
    .map((group) => group.config.key);
}

/** Asks for what is not answered yet. */
export function askForOwn(turn: Turn): void {
  for (const key of turn.state.legacy.asked ?? []) {
    broadcast(turn, [field("t", "ip-request"), field("ipaddr", key)]);
  }
}

/** The peer gave a group up, or did not have it. */
export function heardGrant(turn: Turn, message: Message): void {
  const key = text(message, "ipaddr") ?? "";
  if (text(message, "ok") === "OK") turn.state.legacy.asked?.delete(key);
}

/** The peer asks for one of its groups. */
export function heardIpRequest(turn: Turn, message: Message): void {
  const { state } = turn;
  const key = text(message, "ipaddr") ?? "";
  if (!speaksLegacy(state)) {
    turn.complain(
      "legacy-peer",
      "warn",
      `${state.peerName} asks for ${key} as auto_failback legacy does, and this node has ` +
        `auto_failback ${state.config.autoFailback}: ha.cf must say the same on both`,
    );
  } else if (ownKeys(state).includes(key)) {
    turn.complain("legacy-ours", "warn", `${state.peerName} asks for ${key}, which is ours`);
  } else if (state.legacy.owed.size < OWED_LIMIT) {
    const known = state.groups.some((group) => group.config.key === key);
    state.legacy.owed.set(key, known && state.claim.foreign);
  }
}

/** Gives up what the peer asked for, and tells it once it is surely stopped. */
export function answerIpRequests(turn: Turn): void {
  const { state } = turn;
  const { owed } = state.legacy;
  if (owed.size === 0 || (state.phase !== "settling" && state.phase !== "stable")) return;
  if (state.claim.foreign) state.claim = { ...state.claim, foreign: false };
  for (const [key, held] of owed) {
    if (!state.groups.every((group) => group.config.key !== key || isDown(group))) continue;
    owed.delete(key);
    broadcast(turn, [
      field("t", "ip-request-resp"),
      field("dest", state.peerName ?? ""),
      field("ipaddr", key),
      field("weown", held ? "yes" : "no"),
      field("ok", "OK"),
    ], peerNode(state));
  }
}
