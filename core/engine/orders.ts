/**
 * The yes or no of the peer to what an operator ordered here. An order that needs it is answered once,
 * when the peer has said it, when it can say it no more, or when its time is over. Two of our own number
 * their orders, and one that cannot follow says why; an original knows neither and is only waited for.
 * What is done after a yes is the matter of handover.ts.
 */
import { hexNumber, text } from "../wire/fields.ts";
import type { Field, Message } from "../types.ts";
import type { Share } from "./events.ts";
import { field, tellPeer } from "./outbox.ts";
import { isNative, peerIsGone, peerNode } from "./peer.ts";
import { isNone, minus, mirrored, sharesIn } from "./shares.ts";
import { shortened } from "./shortened.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** How long a request waits for its answer. */
export const REPLY_MS = 10_000;
/** A longer reason is cut: a message must fit into any medium. */
const REASON_LIMIT = 200;

/** Which operator's order an offer carries out; both are null where nobody ordered it. */
export interface Ordered {
  /** The number of one of this host, whose operator waits for the consent. */
  readonly here: number | null;
  /** The number of one of the peer. */
  readonly there: number | null;
}

/** The number of the order that the message carries or is about; null when it has none. */
export function orderOf(message: Message): number | null {
  return hexNumber(message, "order") ?? null;
}

/** The field that numbers an order for a peer of ours. */
export function orderField(state: State, order: number | null): Field[] {
  return order === null || !isNative(state) ? [] : [field("order", order.toString(16))];
}

/** Asks the peer to hand a share over; its answer answers the operator. */
export function askForShare(turn: Turn, id: number, share: Share): void {
  const { state } = turn;
  const own = [field("t", "hb_takeover"), field("rsc_hold", share)];
  tellPeer(turn, [...own, ...orderField(state, id)]);
  state.takeover = { id, share, generation: peerNode(state)?.generation ?? 0 };
  turn.arm({ kind: "takeover" }, turn.nowMs + REPLY_MS);
}

/**
 * Tells a peer of ours that its operator's order is not carried out.
 * @param lasting what it offered by itself is refused, too: it would only offer it again at once
 */
export function refuse(
  turn: Turn,
  share: Share,
  order: number | null,
  why: string,
  lasting = false,
): void {
  if (order === null && !(lasting && isNative(turn.state))) return;
  tellPeer(turn, [
    field("t", "ask_resources"),
    field("rsc_hold", share),
    field("info", "refused"),
    field("why", shortened(why, REASON_LIMIT)),
    ...orderField(turn.state, order),
  ]);
}

/** Why the peer refuses; unless that is about an offer, the operator who waits for a takeover is told. */
export function heardRefusal(turn: Turn, message: Message, isOfOffer: boolean): string {
  const why = `${turn.state.peerName} refuses: ${text(message, "why") ?? "it does not say why"}`;
  const isOurs = !isOfOffer && turn.state.takeover?.id === orderOf(message);
  if (isOurs) endTakeover(turn, false, why);
  return why;
}

/**
 * The peer offers a share, perhaps because this node's operator asked for it. Each side numbers its own
 * orders, and an original or an earlier version of ours none: so the share alone tells which it is.
 * @param why we cannot take it now; null when we can
 */
export function noteOffer(turn: Turn, share: Share, why: string | null): void {
  const { takeover, peerName } = turn.state;
  if (takeover === null || share !== mirrored(takeover.share)) return;
  if (why === null) endTakeover(turn, true, `${peerName} hands over ${takeover.share} resources`);
  else endTakeover(turn, false, why);
}

/** The time for the answer is over. */
export function takeoverUnanswered(turn: Turn): void {
  endTakeover(turn, false, noAnswerText(turn.state));
}

/** That the peer said neither yes nor no. */
export function noAnswerText(state: State): string {
  const silence = `${state.peerName} did not answer within ${REPLY_MS / 1000} s`;
  return isNative(state) ? silence : `${silence}; an original that refuses says so only in its log`;
}

/** Ends the waiting where no answer can come any more. */
export function reviewTakeover(turn: Turn): void {
  const { state } = turn;
  const { takeover, peerName, phase } = state;
  if (takeover === null) return;
  if (phase === "leaving" || phase === "left") {
    endTakeover(turn, false, "this node is being stopped");
  } else if (phase !== "stable") {
    endTakeover(turn, false, "this host was paused and joins again");
  } else if (isNone(minus(sharesIn(takeover.share), state.claim))) {
    endTakeover(turn, true, `this node holds ${takeover.share} resources now`);
  } else if (peerIsGone(state)) {
    endTakeover(turn, false, `${peerName} is gone`);
  } else if (peerNode(state)?.generation !== takeover.generation) {
    endTakeover(turn, false, `${peerName} was restarted`);
  }
}

function endTakeover(turn: Turn, accepted: boolean, why: string): void {
  const { takeover } = turn.state;
  if (takeover === null) return;
  turn.state.takeover = null;
  turn.disarm({ kind: "takeover" });
  if (!accepted) turn.log("warn", `takeover [${takeover.share}] is not done: ${why}`);
  turn.reply(takeover.id, accepted, why);
}
