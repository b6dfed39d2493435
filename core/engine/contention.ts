/**
 * Two owners of one share, after the nodes lost sight of each other: exactly one gives way. Who takes
 * what in the first place is decided in ownership.ts.
 */
import { filesDiffer, goesFirst } from "./agreement.ts";
import { announceAddresses } from "./readdress.ts";
import { both, holdingOf, isNone, minus } from "./shares.ts";
import { NO_SHARE, type Shares } from "./state.ts";
import { isNative } from "./peer.ts";
import type { Turn } from "./turn.ts";

/** One of our own gives way as soon as it hears of it, with some words lost on the way. */
const NATIVE_YIELD_MS = 5_000;
/** An original peer that we had given up restarts by itself within 2 s; this is how long we wait. */
export const ORIGINAL_RESTART_MS = 3_500;

/** Gives shares up to a peer that holds them too. */
export function yieldShares(turn: Turn, shares: Shares): void {
  const { state } = turn;
  if (isNone(shares)) return;
  state.claim = minus(state.claim, shares);
  turn.log("warn", `Giving up ${holdingOf(shares)} resources, which ${state.peerName} holds`);
}

/**
 * Both sides hold a share, since they lost sight of each other. Exactly one gives way: between two
 * of our own the preferred node keeps its groups; an original peer knows no such rule, so once it
 * has had the time to restart by itself, we give way.
 */
export function resolveContention(turn: Turn): void {
  const { state } = turn;
  const native = isNative(state);
  const overlap = state.handover === null && !state.peer.leaving
    ? both(state.claim, state.peer.holds ?? NO_SHARE)
    : NO_SHARE;
  const won = minus(both(state.contested, state.claim), overlap);
  if (!isNone(won)) {
    turn.log("info", `${state.peerName} gave up ${holdingOf(won)}: announcing our addresses again`);
    announceAddresses(turn, won);
  }
  if (!isNone(overlap) && isNone(state.contested)) {
    turn.log("error", "Both machines own our resources!");
    // A peer that has just come back must hear our claim to see the same; an original only complains.
    if (native) state.announced = null;
  }
  state.contested = overlap;
  if (isNone(overlap)) {
    turn.disarm({ kind: "contention" });
    return;
  }
  // One of our own gives way at once. If it has not by then, it is deaf to us and never will.
  const patienceMs = native ? NATIVE_YIELD_MS : ORIGINAL_RESTART_MS;
  turn.armOnce({ kind: "contention" }, turn.nowMs + patienceMs);
  if (native && !state.peer.joining) {
    const given = filesDiffer(state)
      // Whose a group is depends on the file, then.
      ? goesFirst(state) ? NO_SHARE : state.claim
      : { local: false, foreign: overlap.foreign };
    yieldShares(turn, given);
    state.contested = minus(overlap, given);
  }
}

/** The peer has neither given way nor restarted by itself: then we give way. */
export function contentionOver(turn: Turn): void {
  yieldShares(turn, turn.state.contested);
  turn.state.contested = NO_SHARE;
}
