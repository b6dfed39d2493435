/**
 * Orders of an operator and of the peer's operator. Each is answered: begun, or why not. What needs the
 * peer's word is answered when that has come (orders.ts, handover.ts).
 */
import { text } from "../wire/fields.ts";
import type { Message } from "../types.ts";
import { type HeldBack, heldBack } from "./deafness.ts";
import { beginLeaving } from "./departure.ts";
import type { Although, Command, Share } from "./events.ts";
import { offer } from "./handover.ts";
import { declareDead } from "./membership.ts";
import { consentObstacle, obstacle, phaseObstacle, reachObstacle } from "./obstacles.ts";
import { askForShare, orderOf, refuse } from "./orders.ts";
import { peerIsGone, peerNode } from "./peer.ts";
import { confirmOff, retry } from "./repair.ts";
import { both, isNone, minus, mirrored, sharesIn } from "./shares.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Carries out one order of an operator on this host. */
export function handleCommand(turn: Turn, id: number, command: Command): void {
  switch (command.kind) {
    case "standby":
      return standby(turn, id, command.share);
    case "takeover":
      return takeover(turn, id, command.share, command.although);
    case "stop":
      return beginLeaving(turn, id);
    case "retry":
      return retry(turn, id, command.group, command.isStopped);
    case "confirm":
      return confirmOff(turn, id, command.node);
    default: {
      const never: never = command;
      throw new Error(`command ${JSON.stringify(never)} is not known`);
    }
  }
}

function standby(turn: Turn, id: number, share: Share): void {
  const { state } = turn;
  const why = state.takeover === null
    ? obstacle(state)
    : "a takeover that was ordered here waits for its answer";
  if (why !== null) {
    turn.log("warn", `standby [${share}] refused: ${why}`);
    turn.reply(id, false, why);
  } else if (isNone(both(state.claim, sharesIn(share)))) {
    turn.reply(id, false, `this node holds nothing of what "${share}" names`);
  } else {
    offer(turn, share, { order: id });
  }
}

function takeover(turn: Turn, id: number, share: Share, although?: Although): void {
  const { state } = turn;
  if (isNone(minus(sharesIn(share), state.claim))) {
    turn.reply(id, true, `this node holds ${share} resources already`);
    return;
  }
  const held = heldBack(state, turn.nowMs);
  if (held !== null) return takeUnheard(turn, id, { share, held, although });
  const why = takeoverObstacle(state, share);
  if (why === null) return askForShare(turn, id, share);
  turn.log("warn", `takeover [${share}] refused: ${why}`);
  turn.reply(id, false, why);
}

/** A person says that the peer, whose silence proves nothing to this node, is gone. */
function takeUnheard(
  turn: Turn,
  id: number,
  { share, held: { kind, text }, although }: {
    readonly share: Share;
    readonly held: HeldBack;
    readonly although: Although | undefined;
  },
): void {
  const peer = peerNode(turn.state);
  const refused = kind === "deaf" || (kind === "key" && although !== "key-differs");
  if (refused || peer === null) return turn.reply(id, false, text);
  if (share !== "all") {
    return turn.reply(id, false, `${peer.name} was never heard: all can be taken, or nothing`);
  }
  turn.log("warn", `By order: ${peer.name}, which was never heard, counts as dead`);
  declareDead(turn, peer);
  turn.reply(id, true, `${peer.name} counts as dead; taking all resources`);
}

/** Why the peer cannot be asked, or could not be answered; it looks itself whether it can give. */
function takeoverObstacle(state: State, share: Share): string | null {
  const phase = phaseObstacle(state);
  if (phase !== null) return phase;
  if (peerIsGone(state)) {
    return `${state.peerName ?? "another node"} is not there to hand them over`;
  }
  if (state.takeover !== null) return "a takeover that was ordered before waits for its answer";
  return consentObstacle(state) ?? reachObstacle(state, minus(sharesIn(share), state.claim));
}

/** The peer's operator wants a share; it names it from the peer's side. */
export function heardTakeover(turn: Turn, message: Message): void {
  const { state } = turn;
  const word = text(message, "rsc_hold") ?? "";
  const order = orderOf(message);
  // What belongs to the peer goes home, as `hb_standby failback` here would do it.
  const share = word === "failback" ? "local" : word;
  if (share !== "all" && share !== "local" && share !== "foreign") {
    turn.complain("takeover-odd", "warn", `Ignored hb_takeover with rsc_hold "${share}"`);
    return;
  }
  const why = obstacle(state);
  if (why === null) return offer(turn, mirrored(share), { answers: order });
  turn.log("warn", `takeover [${share}] of ${state.peerName} refused: ${why}`);
  refuse(turn, share, order, why);
}
