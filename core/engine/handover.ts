/**
 * A planned move of resources in three phases: ask, release, acquire (reference: cluster
 * semantics, section 7.6). The peer starts nothing before it was told that ours is stopped, and
 * every phase has its own timer. It does not decide when a move is good; ownership does.
 */
import { text } from "../wire/fields.ts";
import type { Field, Message } from "../types.ts";
import type { Share } from "./events.ts";
import { noteFollowed } from "./failure.ts";
import { clearMovedAway, isDown, isSettled, isStuck } from "./groups.ts";
import { announce } from "./holdings.ts";
import { consentObstacle, reachObstacle } from "./obstacles.ts";
import {
  heardRefusal,
  noAnswerText,
  noteOffer,
  orderField,
  orderOf,
  refuse,
  REPLY_MS,
} from "./orders.ts";
import { field, tellPeer } from "./outbox.ts";
import { both, isNone, minus, mirrored, plus, shareOf, sharesIn } from "./shares.ts";
import { type Group, type Handover, NO_SHARE, type Shares, type State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** How long the other side may take to stop or start its groups, as in the original. */
const WORK_MS = 3_600_000;
/** What the peer does not want is offered again after this time. */
const UNWANTED_MS = 60_000;

function tell(
  turn: Turn,
  share: Share,
  info: "me" | "other" | "done",
  more: readonly Field[] = [],
): void {
  const own = [field("t", "ask_resources"), field("rsc_hold", share), field("info", info)];
  tellPeer(turn, [...own, ...more]);
}

function enter(turn: Turn, handover: Handover): void {
  turn.state.handover = handover;
  turn.arm({ kind: "handover" }, turn.nowMs + (handover.phase === "asked" ? REPLY_MS : WORK_MS));
}

/** @param why for the operator who ordered a move that was not consented to yet */
function leave(turn: Turn, why = ""): void {
  const { handover } = turn.state;
  turn.state.handover = null;
  if (handover?.phase === "asked" && handover.ordered.here !== null) {
    turn.reply(handover.ordered.here, false, why);
  }
  turn.disarm({ kind: "handover" });
}

/** What a peer of ours is told with an offer. */
interface Occasion {
  /** A group of the share does not start here. */
  readonly why?: "fails";
  /** The request of the operator here who ordered it, and waits for the answer. */
  readonly order?: number;
  /** The order of the peer's operator that it answers. */
  readonly answers?: number | null;
}

/** Offers a share to the peer. Call only when there is no `obstacle`. */
export function offer(turn: Turn, share: Share, occasion: Occasion = {}): void {
  const { why, order = null, answers = null } = occasion;
  turn.log("info", `${turn.state.config.self} wants to go standby [${share}]`);
  enter(turn, { phase: "asked", share, ordered: { here: order, there: answers } });
  const reason = why === undefined ? [] : [field("why", why)];
  tell(turn, share, "me", [...reason, ...orderField(turn.state, answers ?? order)]);
}

/** One message of the protocol from the peer. */
export function heardRequest(turn: Turn, message: Message, seq: number): void {
  const share = text(message, "rsc_hold") ?? "";
  const info = text(message, "info") ?? "";
  if (share !== "all" && share !== "local" && share !== "foreign") {
    turn.complain("ask-odd", "warn", `Ignored standby message with rsc_hold "${share}"`);
    return;
  }
  switch (info) {
    case "me":
      return heardOffer(turn, share, seq, message);
    case "other":
      return heardConsent(turn, share, seq);
    case "done":
      return heardDone(turn, share, seq);
    case "refused":
      return heardNo(turn, message);
    default:
      turn.complain("ask-odd", "warn", `Ignored standby message with info "${info}"`);
  }
}

function heardOffer(turn: Turn, share: Share, seq: number, message: Message): void {
  const { state } = turn;
  const name = state.peerName ?? "";
  // Both offered at once: the first name in the alphabet goes on. Not the order of ha.cf, which may
  // differ between the hosts.
  if (state.handover?.phase === "asked" && name < state.config.self) {
    leave(turn, `${name} goes standby at the same time, and is the first in the alphabet`);
  }
  const isForFailure = text(message, "why") === "fails";
  const unable = consentObstacle(state);
  // What does not start there is better started here, reached or not.
  const brought = minus(sharesIn(mirrored(share)), state.claim);
  const cutOff = isForFailure ? null : reachObstacle(state, brought);
  const why = unable ?? cutOff;
  noteOffer(turn, share, why);
  if (why !== null) {
    turn.log("warn", `standby message [me] from ${name} ignored. ${why}.`);
    return refuse(turn, share, orderOf(message), why, unable === null);
  }
  turn.log("info", `${name} wants to go standby [${share}]`);
  // Who offers has nothing in motion. Its announcement of that may come behind the completion, which
  // then is the newer word, or not at all.
  if (seq > state.peer.seq) state.peer.busy = NO_SHARE;
  // Not given back for a failed start but on purpose: if it fails here again, it may be moved again.
  if (!isForFailure) clearMovedAway(inShares(state, sharesIn(mirrored(share))));
  enter(turn, { phase: "consented", share, peerSeq: seq });
  tell(turn, share, "other");
}

/** The peer does not follow an order that was given here, or does not want what goes home by itself. */
function heardNo(turn: Turn, message: Message): void {
  const { handover } = turn.state;
  const ordered = handover?.phase === "asked"
    ? handover.ordered.there ?? handover.ordered.here
    : undefined;
  // A number of the peer's in our offer may be that of our own takeover, too.
  const isOfOffer = ordered === orderOf(message);
  const why = heardRefusal(turn, message, isOfOffer);
  if (handover?.phase !== "asked" || !isOfOffer) return;
  turn.log("warn", `standby [${handover.share}] is not done: ${why}`);
  if (ordered === null) turn.arm({ kind: "failback" }, turn.nowMs + UNWANTED_MS);
  leave(turn, why);
}

function heardConsent(turn: Turn, share: Share, seq: number): void {
  const { state } = turn;
  if (state.handover?.phase !== "asked" || state.handover.share !== share) {
    // The peer waits for a move that we no longer make; our true holdings end its waiting.
    turn.log("warn", `Ignored standby message 'other' from ${state.peerName}`);
    if (state.phase === "stable") announce(turn);
    return;
  }
  const { here } = state.handover.ordered;
  if (here !== null) turn.reply(here, true, `${state.peerName} takes over ${share} resources`);
  turn.log("info", `standby: ${state.peerName} can take our ${share} resources`);
  const given = both(state.claim, sharesIn(share));
  state.claim = minus(state.claim, given);
  if (given.local) state.offered.local = null;
  if (given.foreign) state.offered.foreign = null;
  for (const group of inShares(state, given)) {
    if (group.startFailures === 0) continue;
    group.movedAway = true;
    noteFollowed(group, "moved");
  }
  enter(turn, { phase: "releasing", share, peerSeq: seq, given });
  // Before the completion, which may follow at once: the order that an original peer expects.
  announce(turn);
}

function heardDone(turn: Turn, share: Share, seq: number): void {
  const { state } = turn;
  const { handover } = state;
  const outdated = handover !== null && "peerSeq" in handover && seq < handover.peerSeq;
  if (outdated) {
    // The completion of an earlier move, overtaken by the request for this one.
    return turn.count("done-late");
  }
  if (handover?.phase === "consented" && handover.share === share) {
    turn.log("info", `standby: acquire [${share}] resources from ${state.peerName}`);
    state.claim = plus(state.claim, sharesIn(mirrored(share)));
    state.peer.holds = minus(state.peer.holds ?? NO_SHARE, sharesIn(mirrored(share)));
    state.peer.busy = minus(state.peer.busy, sharesIn(mirrored(share)));
    // What was given on purpose does not go home by itself.
    if (share !== "foreign") state.mayFailBack = false;
    enter(turn, { phase: "acquiring", share });
  } else if (handover?.phase === "released" && handover.share === share) {
    turn.log("info", `Other node completed standby takeover of ${share} resources.`);
    state.peer.holds = plus(state.peer.holds ?? NO_SHARE, sharesIn(share));
    if (sharesIn(share).foreign) state.mayFailBack = false;
    leave(turn);
  } else {
    turn.log("debug", `Ignored standby message 'done' from ${state.peerName}`);
    // It waits for the end of a move that we gave up while it was not heard: our true holdings end
    // that.
    if (state.phase === "stable" && seq > state.peer.seq && !state.peer.stable) announce(turn);
    return;
  }
  // A completion is newer word of what the peer holds than any announcement before it.
  state.peer.seq = Math.max(state.peer.seq, seq);
}

/**
 * The peer announced its holdings while a move is under way. When it says that nothing is in
 * motion, and said so after the move began, then the move is over on its side.
 */
export function heardHoldingsDuring(turn: Turn, seq: number): void {
  const { state } = turn;
  const { handover } = state;
  if (handover === null || !("peerSeq" in handover) || seq <= handover.peerSeq) return;
  if (!state.peer.stable) return;
  if (handover.phase === "consented") {
    turn.log("warn", `${state.peerName} no longer wants to go standby`);
    leave(turn);
  } else if (handover.phase === "released") {
    const taken = both(state.peer.holds ?? NO_SHARE, sharesIn(handover.share));
    if (sharesIn(handover.share).foreign && !isNone(taken)) state.mayFailBack = false;
    leave(turn);
  }
}

function inShares(state: State, shares: Shares): Group[] {
  return state.groups.filter((group) => shares[shareOf(state, group.config.node)]);
}

/** Goes on when the groups of the phase in progress have come to rest. */
export function advanceHandover(turn: Turn): void {
  const { state } = turn;
  const { handover } = state;
  if (handover === null) return;
  const given = inShares(state, sharesIn(handover.share));
  if (handover.phase === "releasing") {
    // What is stopped already serves nobody meanwhile, so a move does not wait for every retry.
    const stuck = given.find(isStuck);
    if (stuck !== undefined) {
      const { share } = handover;
      turn.log("crit", `Standby of ${share} cancelled: ${stuck.problem}. It stays here.`);
      noteFollowed(stuck, "kept");
      state.claim = plus(state.claim, handover.given);
      // Each try of a move interrupts the neighbours of what does not stop.
      if (handover.given.foreign) state.mayFailBack = false;
      leave(turn);
    } else if (given.every(isDown)) {
      turn.log("info", `Local standby process completed [${handover.share}].`);
      tell(turn, handover.share, "done");
      const { share, peerSeq } = handover;
      enter(turn, { phase: "released", share, peerSeq });
    }
  } else if (handover.phase === "acquiring" && wantedSettled(state)) {
    turn.log("info", `Standby resource acquisition done [${handover.share}].`);
    tell(turn, handover.share, "done");
    leave(turn);
  }
}

function wantedSettled(state: State): boolean {
  return state.groups.every((group) => !group.wanted || isSettled(group));
}

/** The phase in progress has lasted too long. */
export function handoverTimeout(turn: Turn): void {
  const { state } = turn;
  if (state.handover === null) return;
  turn.log("warn", timeoutText(state.handover, state.peerName));
  leave(turn, noAnswerText(state));
  if (state.phase === "stable") announce(turn);
}

function timeoutText({ phase, share }: Handover, peerName: string | null): string {
  const cancelled = `within ${WORK_MS / 60_000} minutes.  Standby [${share}] cancelled.`;
  switch (phase) {
    case "asked":
      return "No reply to standby request.  Standby request cancelled.";
    case "releasing":
      return `Our resources have not stopped ${cancelled}`;
    case "released":
      return `${peerName} has not completed the takeover ${cancelled}`;
    case "consented":
      return `Resources of ${peerName} have not stopped ${cancelled}`;
    case "acquiring":
      return `Resources of ${peerName} have not started here ${cancelled}`;
    default: {
      const never: never = phase;
      return never;
    }
  }
}

/** The peer fell out of the move; what it left undone is for ownership to repair. */
export function cancelHandover(turn: Turn, why: string): void {
  if (turn.state.handover === null) return;
  turn.log("info", "Cancelling pending standby operation");
  leave(turn, why);
}
