/**
 * Coming back from a pause of this very host (a frozen virtual machine, a swap storm, SIGSTOP).
 * After a pause longer than the dead time the peer has taken over, so this node first gives up
 * what it ran and then joins anew, with a new generation, as if it had been restarted. A shorter
 * pause only means that the silence of the others proves nothing.
 */
import { keysPaused } from "./foreign_key.ts";
import { cancelHandover } from "./handover.ts";
import { setOwnStatus } from "./membership.ts";
import { OWNERSHIP_TIMERS } from "./ownership.ts";
import { peerIsGone, peerNode } from "./peer.ts";
import { NO_SHARE, noRequests, unknownClaims } from "./state.ts";
import type { Timer } from "./timer.ts";
import type { Turn } from "./turn.ts";

/** What is waited for, here or from the peer, did not get on either while this host stood still. */
const PATIENCE: readonly Timer[] = [{ kind: "leave" }, { kind: "handover" }, { kind: "takeover" }];

/** Compares the present with the last event and draws the consequences of a long gap. */
export function notePause(turn: Turn): void {
  const { state } = turn;
  const gapMs = turn.nowMs - state.lastEventMs;
  state.lastEventMs = turn.nowMs;
  if (state.phase === "idle" || gapMs < 2 * state.config.keepaliveMs) return;
  state.thawedMs = turn.nowMs;
  turn.log("warn", `This host was paused for ${Math.round(gapMs)} ms`);
  // Their packets of that time wait in our sockets; give them the time to be read.
  for (const node of state.nodes.values()) {
    if (node.self || node.heardMs === null || node.status === "dead") continue;
    node.heardMs = Math.max(node.heardMs, turn.nowMs - state.config.keepaliveMs);
  }
  keysPaused(state, gapMs);
  for (const timer of PATIENCE) {
    const dueMs = turn.dueMs(timer);
    if (dueMs !== undefined) turn.arm(timer, dueMs + gapMs);
  }
  const silentMs = turn.nowMs - state.lastBeatMs;
  if (silentMs >= state.config.deadtimeMs) presumedDead(turn);
}

function presumedDead(turn: Turn): void {
  const { state } = turn;
  const peer = peerNode(state);
  if (state.phase === "leaving" || state.phase === "left" || state.phase === "joining") return;
  if (peer === null || peerIsGone(state)) return;
  turn.log(
    "crit",
    `No local heartbeat for longer than deadtime (${state.config.deadtimeMs} ms): ` +
      `${peer.name} has taken over. Giving up our resources and joining again.`,
  );
  cancelHandover(turn, "this host was paused and joins again");
  for (const timer of OWNERSHIP_TIMERS) turn.disarm(timer);
  state.generation += 1;
  const waitMs = state.config.deadtimeMs / 2;
  turn.effect({ kind: "persist-generation", generation: state.generation, waitMs });
  state.seq = 0;
  state.history.clear();
  state.claim = NO_SHARE;
  state.contested = NO_SHARE;
  state.mayFailBack = false;
  state.announced = null;
  state.answerOwed = false;
  state.legacy = noRequests();
  state.peer = unknownClaims();
  state.adopting = false;
  state.phase = "joining";
  setOwnStatus(turn, "up");
}
