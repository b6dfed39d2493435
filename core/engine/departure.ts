/**
 * Leaving: release everything in order, tell the peer, linger until it has surely heard, end
 * (reference: cluster semantics, section 8.5). A resource that does not stop keeps this node
 * here, because a peer that took it over would run it twice; but not for ever. After the time that
 * all stops together may take this node ends, and tells what it leaves (leftovers.ts).
 */
import { persistFreshness } from "./freshness.ts";
import { cancelHandover } from "./handover.ts";
import { deadlineOf, isDown } from "./groups.ts";
import { announce } from "./holdings.ts";
import { notStopped } from "./leftovers.ts";
import { beat } from "./membership.ts";
import { field, tellPeer } from "./outbox.ts";
import { peerIsGone, peerNode } from "./peer.ts";
import { announceAddresses } from "./readdress.ts";
import { shareOf } from "./shares.ts";
import { NO_SHARE, type State } from "./state.ts";
import { timerKey } from "./timer.ts";
import type { Turn } from "./turn.ts";

/** The farewell is repeated by extra beats, so that a peer that missed it sees the gap at once. */
const FAREWELL_BEATS = 4;
/** A peer that misses all of these would take what still runs here. */
const LEFTOVER_BEATS = 12;
const FAREWELL_SPACING_MS = 250;

/** Beyond what the stops may take by their deadlines. */
const LEAVE_GRACE_MS = 10_000;

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
  turn.arm({ kind: "leave" }, turn.nowMs + releaseMs(state) + LEAVE_GRACE_MS);
}

/** How long all that runs here may take to stop: own and foreign lines are two queues. */
function releaseMs(state: State): number {
  const takesMs = { local: 0, foreign: 0 };
  for (const group of state.groups) {
    const stops = group.members.filter((member) => member !== "down").length;
    const { operation, probes } = group;
    const begun = operation === null ? 0 : deadlineOf(state, operation.verb);
    const begunMs = begun + probes.length * deadlineOf(state, "status");
    takesMs[shareOf(state, group.config.node)] += begunMs + stops * state.config.stopDeadlineMs;
  }
  return Math.max(takesMs.local, takesMs.foreign);
}

/** When this node ends at the latest, on the engine's clock; null when it does not leave. */
export function leavesAtMs(state: State): number | null {
  return state.timers.get(timerKey({ kind: "leave" })) ?? null;
}

/** Something does not stop: the peer is told what, and this life ends. */
export function leaveBehind(turn: Turn): void {
  const { state } = turn;
  if (state.phase !== "leaving") return;
  state.leavesBehind = true;
  state.phase = "left";
  turn.log("crit", `Ending all the same: ${leftText(state)}`);
  announce(turn);
  persistFreshness(turn);
  // Also where nobody is heard: who was not heard may hear.
  turn.arm({ kind: "farewell", step: 1 }, turn.nowMs);
}

function leftText(state: State): string {
  const words = notStopped(state).map(({ config, problem }) =>
    `${config.key} (${problem ?? "its stop has not ended"})`
  );
  return `still running here, or may be: ${words.join(", ")}`;
}

/** Ends once nothing runs here any more. */
export function advanceLeaving(turn: Turn): void {
  const { state } = turn;
  if (state.phase !== "leaving" || !state.groups.every(isDown)) return;
  turn.disarm({ kind: "leave" });
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
  if (step < (state.leavesBehind ? LEFTOVER_BEATS : FAREWELL_BEATS)) {
    beat(turn);
    turn.arm({ kind: "farewell", step: step + 1 }, turn.nowMs + FAREWELL_SPACING_MS);
    return;
  }
  // What did not stop in time may have stopped since.
  const clean = notStopped(state).length === 0;
  const text = clean
    ? `${state.config.self} Heartbeat shutdown complete.`
    : `${state.config.self} Heartbeat ended, ${leftText(state)}`;
  turn.log(clean ? "info" : "crit", text);
  for (const id of state.stopRequests) turn.reply(id, clean, text);
  turn.effect({ kind: "exit", clean });
}

/** The peer has released everything and is about to fall silent. */
export function peerHasLeft(turn: Turn): void {
  const { state } = turn;
  turn.log("info", `Received shutdown notice from '${state.peerName}'.`);
  // The neighbours may have believed it.
  if (state.peer.ranBeside) announceAddresses(turn, state.claim);
  state.peer.ranBeside = false;
  state.peer.leftMs = turn.nowMs;
  state.peer.groups = new Map();
  state.peer.returning = false;
  state.peer.leaving = false;
  state.peer.stable = true;
  state.peer.holds = NO_SHARE;
}
