/**
 * What the two nodes tell each other of the resources they hold: the `starting` and `resource`
 * messages (reference: wire protocol, section 13.3; cluster semantics, section 7.2). Announcing is
 * derived from the state: whoever changes a claim need not think of telling it.
 */
import { text } from "../wire/fields.ts";
import type { Message } from "../types.ts";
import { isDown, isStuck } from "./groups.ts";
import { speaksLegacy } from "./legacy.ts";
import { field, tellPeer } from "./outbox.ts";
import { isNative, peerIsGone } from "./peer.ts";
import { groupWords, heardGroups } from "./peer_groups.ts";
import {
  claims,
  holdingOf,
  isNone,
  plus,
  sameShares,
  sharesOfWord,
  sharesWith,
  swapped,
} from "./shares.ts";
import { EVERY_SHARE, NO_SHARE, type Shares, type State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** What was said in a `resource` message. */
export interface Announced {
  readonly claim: Shares;
  readonly stable: boolean;
  readonly busy: Shares;
  readonly keeps: string | null;
  readonly groups: string;
}

/** More words than this are not said: a message must fit into any medium. */
const KEPT_WORDS_LIMIT = 50;

/**
 * Nothing that this node does not claim is running or in motion here. Judged by the claims and not
 * by `wanted`, which follows them a moment later.
 */
function isQuiet(state: State): boolean {
  return isNone(busyShares(state));
}

/**
 * What still runs here and should not: of removed lines, so that the peer does not start a successor
 * beside it; and all of it when something holds up our leaving. A peer of ours starts all other
 * groups then; one that is left to wait for the farewell would wait as long as that does not stop.
 */
function keptWords(state: State): string | null {
  if (!isNative(state)) return null;
  const isLeaving = state.phase === "leaving";
  if (isLeaving && !state.groups.some(isStuck)) return null;
  const isAll = isLeaving || state.leavesBehind;
  const words = state.groups.filter((group) => !isDown(group) && (isAll || group.retired))
    .flatMap((group) => group.config.resources.map((resource) => resource.text));
  return words.length === 0 || words.length > KEPT_WORDS_LIMIT ? null : words.join(" ");
}

function busyShares(state: State): Shares {
  return sharesWith(state, (group) => !claims(state, group) && !isDown(group));
}

/** Nothing is in motion on this side, in the sense of the `isstable` field. */
export function isStable(state: State): boolean {
  return state.phase === "stable" && state.handover === null && isQuiet(state);
}

/** Sends what this node holds, whether or not it has changed; but not to ears that are deaf to it. */
export function announce(turn: Turn): void {
  const { state } = turn;
  if (state.peer.returning || speaksLegacy(state)) return;
  const stable = isStable(state);
  const busy = busyShares(state);
  const own = [
    field("t", "resource"),
    field("rsc_hold", holdingOf(state.claim)),
    field("rtype", "full"),
    field("isstable", stable ? "1" : "0"),
    // What is given up but not stopped yet; an original peer ignores this and guesses.
    field("busy", holdingOf(busy)),
  ];
  const info = reasonOf(state);
  if (info !== null) own.push(field("info", info));
  const keeps = keptWords(state);
  if (keeps !== null) own.push(field("keeps", keeps));
  const groups = groupWords(state);
  if (groups !== "") own.push(field("groups", groupWords(state, turn.nowMs)));
  tellPeer(turn, own);
  state.announced = { claim: state.claim, stable, busy, keeps, groups };
}

function reasonOf(state: State): string | null {
  if (state.phase === "leaving" || state.phase === "left") return "shutdown";
  const phase = state.handover?.phase;
  return phase === "releasing" || phase === "released" ? "standby" : null;
}

/** Sends what this node holds if that is not what it said last. */
export function announceChanges(turn: Turn): void {
  const { state } = turn;
  if (state.phase === "idle" || state.phase === "joining" || state.phase === "left") return;
  const last = state.announced;
  if (state.phase === "settling" && last === null) return;
  // In a move, and when leaving, words of their own say that the stop is over.
  const worded = state.handover !== null || state.phase === "leaving";
  const same = last !== null && last.stable === isStable(state) &&
    sameShares(last.claim, state.claim) && last.keeps === keptWords(state) &&
    (peerIsGone(state) || last.groups === groupWords(state)) &&
    (worded || sameShares(last.busy, busyShares(state)));
  if (!same) announce(turn);
}

/** Asks the peer what it holds; every node answers, the original too. */
export function askHoldings(turn: Turn): void {
  if (speaksLegacy(turn.state)) return;
  tellPeer(turn, [field("t", "starting")]);
}

/**
 * The peer has started and asks. Answered at once, or as soon as the truth is known; a question that
 * comes after what the peer has said since is answered too, and undoes none of that.
 */
export function heardStarting(turn: Turn, seq: number): void {
  const { state } = turn;
  if (seq > state.peer.seq) {
    state.peer.joining = true;
    state.peer.stable = false;
  }
  if (state.phase === "idle" || state.phase === "joining") state.answerOwed = true;
  else announce(turn);
}

/** Takes in what the peer says that it holds. `seq` keeps late repeats from undoing newer word. */
export function heardHoldings(turn: Turn, message: Message, seq: number): void {
  const { state } = turn;
  const { peer } = state;
  const said = sharesOfWord(text(message, "rsc_hold"));
  if (said === undefined) {
    turn.complain("resource-odd", "warn", `Resource message with unknown rsc_hold from the peer`);
    return;
  }
  if (seq <= peer.seq) {
    turn.count("resource-late");
    return;
  }
  if (text(message, "rtype") !== "full") {
    // An increment, as the original's scripts send it; `none` clears.
    peer.holds = said.local || said.foreign
      ? plus(peer.holds ?? NO_SHARE, swapped(said))
      : NO_SHARE;
    return;
  }
  peer.seq = seq;
  peer.holds = swapped(said);
  peer.leaving = text(message, "info") === "shutdown";
  const keeps = text(message, "keeps") ?? null;
  if (keeps !== null && peer.leaving && peer.keeps === null) {
    turn.log("warn", `${state.peerName} cannot leave, it still runs ${keeps}: taking the rest`);
  }
  peer.keeps = keeps?.split(" ") ?? null;
  heardGroups(turn, message);
  const stable = text(message, "isstable") === "1";
  const busy = sharesOfWord(text(message, "busy"));
  // An original that is neither joining nor stable may be in the middle of anything.
  const guessed = stable || peer.joining ? NO_SHARE : EVERY_SHARE;
  peer.busy = busy === undefined ? guessed : swapped(busy);
  const turned = stable && !peer.stable;
  peer.stable = stable;
  if (stable) peer.joining = false;
  if (turned) {
    turn.log("info", "remote resource transition completed.");
    if (state.phase === "stable") announce(turn);
  }
}
