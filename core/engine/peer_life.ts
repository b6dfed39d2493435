/**
 * What a new life, a return or lost words of the peer mean for what we believe of it and for what we
 * claim. Who is alive is found out in membership.ts.
 */
import { filesDiffer, forgetAgreement } from "./agreement.ts";
import { ORIGINAL_RESTART_MS } from "./contention.ts";
import { takeUnverified } from "./foreign_key.ts";
import { clearMovedAway, isUntouched } from "./groups.ts";
import { cancelHandover } from "./handover.ts";
import { isNative } from "./peer.ts";
import { announceAddresses } from "./readdress.ts";
import { both, isNone, sharesWith } from "./shares.ts";
import { type Node, noRequests, unknownClaims } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * A message of the peer is lost for ever, and it may have been about resources: a move under way
 * cannot be trusted any more, and what the peer holds must be asked anew.
 */
export function wordsLost(turn: Turn): void {
  cancelHandover(turn, `words of ${turn.state.peerName} were lost`);
  turn.state.peer = { ...turn.state.peer, holds: null, stable: false };
}

/**
 * The peer is back, and may run what it ran before. A share that we took but of which nothing was
 * started yet is not ours until the peer has said what it holds.
 */
function letGoUntouched(turn: Turn): void {
  const { state } = turn;
  if (state.phase !== "stable") return;
  const touched = sharesWith(state, (group) => !isUntouched(group));
  // Where the files differ a half means nothing to the other: it is all, and then seen as contested.
  if (filesDiffer(state) && !isNone(touched)) return;
  state.claim = both(state.claim, touched);
}

/** The peer, `node`, began a new life: nothing that it said before holds. */
export function peerRestarted(turn: Turn, node: Node): void {
  const { state } = turn;
  const hadOtherKey = takeUnverified(node);
  if (hadOtherKey || state.peer.ranBeside) announceAddresses(turn, state.claim);
  cancelHandover(turn, `${state.peerName} was restarted`);
  forgetAgreement(state);
  letGoUntouched(turn);
  clearMovedAway(state.groups);
  state.mayFailBack ||= state.claim.foreign;
  state.peer = unknownClaims();
  state.legacy = noRequests();
}

/**
 * The peer was given up and is heard again with the same life. One of our own is asked and told;
 * an original restarts by itself within 2 s and is left alone until then.
 */
export function peerReturned(turn: Turn): void {
  const { state } = turn;
  letGoUntouched(turn);
  const returning = !isNative(state);
  state.peer = {
    ...unknownClaims(),
    joining: false,
    seq: state.peer.seq,
    returning,
    ranBeside: returning,
  };
  state.legacy = noRequests();
  state.announced = null;
  if (returning) turn.arm({ kind: "ask" }, turn.nowMs + ORIGINAL_RESTART_MS);
}
