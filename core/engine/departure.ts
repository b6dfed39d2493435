/**
 * Leaving: release everything in order, tell the peer, linger until it has surely heard, end
 * (reference: cluster semantics, section 8.5). A resource that does not stop keeps this node
 * here, because a peer that took it over would run it twice.
 */
import { persistFreshness } from "./freshness.ts";
import { cancelHandover } from "./handover.ts";
import { isDown } from "./groups.ts";
import { announce } from "./holdings.ts";
import { beat } from "./membership.ts";
import { field, tellPeer } from "./outbox.ts";
import { peerIsGone, peerNode } from "./peer.ts";
import { announceAddresses } from "./readdress.ts";
import { NO_SHARE } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The farewell is repeated by extra beats, so that a peer that missed it sees the gap at once. */
const FAREWELL_BEATS = 4;
const FAREWELL_SPACING_MS = 250;

/** Begins to leave; a second order only waits with the first. */
export function beginLeaving(turn: Turn, request: number): void {
  const { state } = turn;
  state.stopRequests.push(request);
  if (state.phase === "leaving" || state.phase === "left") return;
  turn.log("info", "Heartbeat shutdown in progress.");
  cancelHandover(turn, "this node is being stopped");
  const told = state.phase !== "idle" && state.phase !== "joining";
  state.phase = "leaving";
  state.claim = NO_SHARE;
  if (told) announce(turn);
}

/** Ends once nothing runs here any more. */
export function advanceLeaving(turn: Turn): void {
  const { state } = turn;
  if (state.phase !== "leaving" || !state.groups.every(isDown)) return;
  turn.log("info", "All HA resources relinquished.");
  tellPeer(turn, [field("t", "shutdone"), field("st", "dead")]);
  state.phase = "left";
  persistFreshness(turn);
  const peer = peerNode(state);
  const listens = peer !== null && !peerIsGone(state) && peer.status !== "init";
  turn.arm({ kind: "farewell", step: listens ? 1 : FAREWELL_BEATS }, turn.nowMs);
}

/** One of the last beats; after the last one this life is over. */
export function farewell(turn: Turn, step: number): void {
  const { state } = turn;
  if (step < FAREWELL_BEATS) {
    beat(turn);
    turn.arm({ kind: "farewell", step: step + 1 }, turn.nowMs + FAREWELL_SPACING_MS);
    return;
  }
  const text = `${state.config.self} Heartbeat shutdown complete.`;
  turn.log("info", text);
  for (const id of state.stopRequests) turn.reply(id, true, text);
  turn.effect({ kind: "exit", clean: true });
}

/** The peer has released everything and is about to fall silent. */
export function peerHasLeft(turn: Turn): void {
  const { state } = turn;
  turn.log("info", `Received shutdown notice from '${state.peerName}'.`);
  // It ran what we run, too: the neighbours may have believed it.
  if (state.peer.returning) announceAddresses(turn, state.claim);
  state.peer.left = true;
  state.peer.leftMs = turn.nowMs;
  state.peer.groups = new Map();
  state.peer.returning = false;
  state.peer.leaving = false;
  state.peer.stable = true;
  state.peer.holds = NO_SHARE;
}
