/**
 * Who should hold which half of the groups: at boot, at a peer's death, leave, restart and return
 * (reference: cluster semantics, sections 7 and 8). A share is taken only when the peer said that
 * it does not hold it, has left, or is dead. Everything here is a rule over the state, applied
 * after every event until nothing changes; no rule remembers that it ran.
 */
import { filesDiffer, mayBeginApart, mayTake } from "./agreement.ts";
import { resolveContention, yieldShares } from "./contention.ts";
import { advanceHandover, cancelHandover, offer } from "./handover.ts";
import { announce, announceChanges, askHoldings } from "./holdings.ts";
import { clearMovedAway, isDown, isSettled, isStuck } from "./groups.ts";
import { answerIpRequests, askForOwn, ownGroupsGranted, speaksLegacy } from "./legacy.ts";
import { uses, wasLeftRunning } from "./leftovers.ts";
import { everyNodeKnown, setOwnStatus } from "./membership.ts";
import { obstacle } from "./obstacles.ts";
import { reviewTakeover } from "./orders.ts";
import { heardAll, isNative, leavesInPart, peerIsGone } from "./peer.ts";
import { both, claims, holdingOf, isNone, minus, plus, sameShares, shareOf } from "./shares.ts";
import { EVERY_SHARE, type Group, NO_SHARE, type Shares, type State } from "./state.ts";
import type { Timer } from "./timer.ts";
import type { Turn } from "./turn.ts";

/** A peer that does not say what it holds is asked again so often. */
const ASK_AGAIN_MS = 2_000;
/** A peer that did not take a share that would not start here is offered it again after this time. */
const OFFER_AGAIN_MS = 600_000;
/** A failback that found an obstacle is tried again after this time. */
const FAILBACK_RETRY_MS = 1_000;

/** Timers of this module. */
export const OWNERSHIP_TIMERS: readonly Timer[] = [
  { kind: "ask" },
  { kind: "unanswered" },
  { kind: "contention" },
  { kind: "orphans" },
  { kind: "failback" },
];

/**
 * Whether a group of ours may begin, that is, nothing of it can still run on the peer. A claim may
 * come before that: it says who should, not that the other one is through.
 */
export function mayBegin(turn: Turn, group: Group): boolean {
  const { state } = turn;
  if (wasLeftRunning(state, group)) return false;
  // What the peer said while this host was paused has to be read first.
  if (turn.nowMs - state.thawedMs < state.config.keepaliveMs) return false;
  if (peerIsGone(state) || speaksLegacy(state)) return true;
  if (!mayBeginApart(state, group)) return false;
  const { holds, busy, leaving, keeps } = state.peer;
  const share = shareOf(state, group.config.node);
  if (holds === null || !heardAll(state) || holds[share]) return false;
  if (keeps !== null && uses(group, keeps)) return false;
  return leaving ? keeps !== null : !busy[share];
}

/** Applies every rule of the present phase once. */
export function reconcile(turn: Turn): void {
  const { state } = turn;
  switch (state.phase) {
    case "idle":
    case "left":
    case "leaving":
      break;
    case "joining":
      join(turn);
      break;
    case "settling":
      settle(turn);
      break;
    case "stable":
      keepStable(turn);
      break;
    default: {
      const never: never = state.phase;
      throw new Error(`phase ${never} is not known`);
    }
  }
  answerIpRequests(turn);
  announceChanges(turn);
  reviewTakeover(turn);
}

/** Before the first word to the peer: everything left behind is known, everything alien stopped. */
function join(turn: Turn): void {
  const { state } = turn;
  if (state.groups.some((group) => group.probes.length > 0 || group.operation !== null)) return;
  // A removed line that does not stop must not keep this node out for ever; the peer is told of it.
  const stopping = state.groups.some((group) =>
    !claims(state, group) && !isDown(group) && !(group.retired && isStuck(group))
  );
  if (stopping || !everyNodeKnown(state)) return;
  turn.log("info", "Comm_now_up(): updating status to active");
  state.phase = "settling";
  setOwnStatus(turn, "active");
  if (peerIsGone(state)) return;
  askHoldings(turn);
  if (state.answerOwed) announce(turn);
  state.answerOwed = false;
  turn.arm({ kind: "ask" }, turn.nowMs + ASK_AGAIN_MS);
  turn.arm({ kind: "unanswered" }, turn.nowMs + state.config.deadtimeMs);
}

/**
 * We hear the peer, but it does not answer: it cannot hear us, or refuses what we send (our
 * generation went back). Then it has given us up and serves, so what an earlier life of ours left
 * running must not go on.
 */
export function unansweredTooLong(turn: Turn): void {
  const { state } = turn;
  if (state.phase !== "settling" || state.peer.holds !== null || isNone(state.claim)) return;
  turn.log(
    "crit",
    `${state.peerName} is heard and does not answer: it has surely taken over. ` +
      `Giving up what still runs here.`,
  );
  state.claim = NO_SHARE;
}

/** The peer has answered, or is gone: take what is ours and free. */
function settle(turn: Turn): void {
  const { state } = turn;
  const { peer } = state;
  if (peerIsGone(state) || leavesInPart(state)) {
    becomeStable(turn);
    return;
  }
  if (speaksLegacy(state)) {
    if (!ownGroupsGranted(turn)) return;
    becomeStable(turn);
    state.claim = plus(state.claim, { local: state.manages, foreign: false });
    turn.log("info", "Initial resource acquisition complete (ip-request-resp)");
    return;
  }
  if (peer.holds === null || peer.leaving) return;
  if (filesDiffer(state)) return settleApart(turn);
  // A peer that has been serving keeps what it serves, whatever an earlier life of ours left here.
  // An original says that it holds before it is stable, and knows no way to give in.
  if (peer.stable || !isNative(state)) yieldShares(turn, both(state.claim, peer.holds));
  becomeStable(turn);
  const own = { local: state.manages, foreign: false };
  state.claim = plus(state.claim, minus(own, peer.holds));
  turn.log("info", "local resource transition completed.");
  turn.log(
    "info",
    `Initial resource acquisition complete (${peer.stable ? "auto_failback" : "T_RESOURCES"})`,
  );
}

/** The peer goes by another file: all or nothing. */
function settleApart(turn: Turn): void {
  const { state } = turn;
  const all = mayTake(state);
  if (!all) yieldShares(turn, state.claim);
  becomeStable(turn);
  if (!all) return;
  state.claim = EVERY_SHARE;
  // It goes home once the files are the same.
  state.mayFailBack = true;
}

function becomeStable(turn: Turn): void {
  turn.state.phase = "stable";
  turn.disarm({ kind: "ask" });
  turn.disarm({ kind: "unanswered" });
}

function keepStable(turn: Turn): void {
  const { state } = turn;
  if (peerIsGone(state) || leavesInPart(state)) {
    takeEverything(turn);
    return;
  }
  if (state.peer.returning || speaksLegacy(state)) return;
  if (state.peer.holds === null) {
    turn.armOnce({ kind: "ask" }, turn.nowMs + ASK_AGAIN_MS);
    return;
  }
  turn.disarm({ kind: "ask" });
  advanceHandover(turn);
  resolveContention(turn);
  adoptOrphans(turn);
  sendHome(turn);
  moveAwayFailures(turn);
}

/** The peer is gone: what it held, or would hold, is ours now. */
function takeEverything(turn: Turn): void {
  const { state } = turn;
  cancelHandover(turn, `${state.peerName} is gone`);
  state.contested = NO_SHARE;
  for (const timer of OWNERSHIP_TIMERS) turn.disarm(timer);
  // Even what an operator moved here goes home to a node that was away, as with the original.
  state.mayFailBack = true;
  clearMovedAway(state.groups);
  if (!state.manages || sameShares(state.claim, EVERY_SHARE)) return;
  state.claim = EVERY_SHARE;
  if (state.peerName !== null) {
    turn.log("info", `Resources being acquired from ${state.peerName}.`);
  }
}

/**
 * A share that nobody holds, with nothing under way, is taken by its preferred node; by the other
 * only when that one does not. The wait lets words that are on their way arrive first.
 */
function adoptOrphans(turn: Turn): void {
  const { state } = turn;
  const orphans = orphaned(state);
  if (isNone(orphans)) {
    turn.disarm({ kind: "orphans" });
  } else {
    const waits = orphans.local ? 2 : 8;
    turn.armOnce({ kind: "orphans" }, turn.nowMs + waits * Math.max(500, state.config.keepaliveMs));
  }
}

function orphaned(state: State): Shares {
  const { peer } = state;
  if (!state.manages || state.phase !== "stable" || state.handover !== null) return NO_SHARE;
  if (peer.holds === null || !heardAll(state)) return NO_SHARE;
  if (!peer.stable || peer.leaving || peerIsGone(state)) return NO_SHARE;
  if (filesDiffer(state) && !mayTake(state)) return NO_SHARE;
  return minus(minus(EVERY_SHARE, state.claim), peer.holds);
}

/** The wait for a share without holder is over. */
export function orphansDue(turn: Turn): void {
  const { state } = turn;
  const orphans = orphaned(state);
  if (isNone(orphans)) return;
  const share: Shares = orphans.local ? { local: true, foreign: false } : orphans;
  turn.log("warn", `No one owns ${holdingOf(share)} resources: acquiring them`);
  state.claim = plus(state.claim, share);
}

/** auto_failback: what we keep for a peer that fell out goes home once it is back and stable. */
function sendHome(turn: Turn): void {
  const { state } = turn;
  if (!state.mayFailBack || !state.claim.foreign || state.config.autoFailback === "off") return;
  if (state.peer.joining || turn.dueMs({ kind: "failback" }) !== undefined) return;
  if (obstacle(state) === null && state.groups.every(isSettled)) {
    offer(turn, "foreign");
  } else {
    turn.arm({ kind: "failback" }, turn.nowMs + FAILBACK_RETRY_MS);
  }
}

/**
 * A share of which a group would not start here is given to the peer: once, because each move
 * interrupts the healthy groups of the share. A peer that cannot start it either gives it back.
 */
function moveAwayFailures(turn: Turn): void {
  const { state } = turn;
  const failing = state.groups.find((group) =>
    group.wanted && group.startFailures > 0 && !group.movedAway && isSettled(group)
  );
  if (failing === undefined || obstacle(state) !== null) return;
  const share = shareOf(state, failing.config.node);
  const last = state.offered[share];
  if (last !== null && turn.nowMs - last < OFFER_AGAIN_MS) return;
  state.offered[share] = turn.nowMs;
  turn.log("warn", `${failing.config.key} does not start here: handing ${share} to the peer`);
  offer(turn, share, { why: "fails" });
}

/** The peer does not say what it holds, or has not given what we asked for: ask again. */
export function askAgain(turn: Turn): void {
  const { state } = turn;
  if (state.phase !== "settling" && state.phase !== "stable") return;
  if (peerIsGone(state)) return;
  if (state.peer.returning) {
    // It has not restarted, so it never gave us up and still runs its own groups.
    state.peer.returning = false;
    state.announced = null;
    if (speaksLegacy(state)) yieldShares(turn, both(state.claim, { local: false, foreign: true }));
  }
  if (speaksLegacy(state)) {
    if (state.phase !== "settling") return;
    askForOwn(turn);
  } else if (state.peer.holds !== null) return;
  askHoldings(turn);
  // A peer that hears us and whom we do not hear must learn what we hold all the same.
  if (state.phase === "stable") announce(turn);
  turn.arm({ kind: "ask" }, turn.nowMs + ASK_AGAIN_MS);
}
