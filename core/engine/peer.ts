/**
 * What this node may say of the other one of the pair, read off the state. Every rule asks here, so
 * nothing here asks a rule.
 */
import type { Node, State } from "./state.ts";

/** The other node of the pair. */
export function peerNode(state: State): Node | null {
  return state.peerName === null ? null : state.nodes.get(state.peerName) ?? null;
}

/** Whether the other node runs this program and not the original. */
export function isNative(state: State): boolean {
  return peerNode(state)?.native === true;
}

/** Nobody else can be running our groups. */
export function peerIsGone(state: State): boolean {
  const peer = peerNode(state);
  return peer === null || peer.status === "dead" || state.peer.leftMs !== null;
}

/** The peer cannot leave, because something there does not stop; all else is ours. */
export function leavesInPart(state: State): boolean {
  const { holds, leaving, keeps } = state.peer;
  return holds !== null && leaving && keeps !== null;
}

/** No message of the peer is known to be missing, which might say other than what it said before. */
export function heardAll(state: State): boolean {
  return peerNode(state)?.window.gaps.size === 0;
}
