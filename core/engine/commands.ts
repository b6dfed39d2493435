/**
 * Orders of an operator and of the peer's operator. Each is answered: begun, or why not.
 */
import { text } from "../wire/fields.ts";
import type { Message } from "../types.ts";
import { differenceText, filesDiffer } from "./agreement.ts";
import { beginLeaving } from "./departure.ts";
import type { Command, Share } from "./events.ts";
import { obstacle, offer, phaseObstacle } from "./handover.ts";
import { field, tellPeer } from "./outbox.ts";
import { peerIsGone } from "./peer.ts";
import { both, isNone, minus, mirrored, sharesIn } from "./shares.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Carries out one order of an operator on this host. */
export function handleCommand(turn: Turn, id: number, command: Command): void {
  switch (command.kind) {
    case "standby":
      return standby(turn, id, command.share);
    case "takeover":
      return takeover(turn, id, command.share);
    case "stop":
      return beginLeaving(turn, id);
    default: {
      const never: never = command;
      throw new Error(`command ${JSON.stringify(never)} is not known`);
    }
  }
}

function standby(turn: Turn, id: number, share: Share): void {
  const { state } = turn;
  const why = obstacle(state);
  if (why !== null) {
    turn.log("warn", `standby [${share}] refused: ${why}`);
    turn.reply(id, false, why);
  } else if (isNone(both(state.claim, sharesIn(share)))) {
    turn.reply(id, false, `this node holds nothing of what "${share}" names`);
  } else {
    offer(turn, share);
    turn.reply(id, true, `${state.config.self} offers its ${share} resources to ${state.peerName}`);
  }
}

function takeover(turn: Turn, id: number, share: Share): void {
  const { state } = turn;
  if (isNone(minus(sharesIn(share), state.claim))) {
    turn.reply(id, true, `this node holds ${share} resources already`);
    return;
  }
  const why = takeoverObstacle(state);
  if (why !== null) {
    turn.log("warn", `takeover [${share}] refused: ${why}`);
    turn.reply(id, false, why);
    return;
  }
  tellPeer(turn, [field("t", "hb_takeover"), field("rsc_hold", share)]);
  turn.reply(id, true, `asked ${state.peerName} to hand over ${share} resources`);
}

/** Why the peer cannot be asked; it looks itself whether it can give. */
function takeoverObstacle(state: State): string | null {
  const why = phaseObstacle(state);
  if (why !== null) return why;
  if (peerIsGone(state)) {
    return `${state.peerName ?? "another node"} is not there to hand them over`;
  }
  return filesDiffer(state) ? differenceText(state) : null;
}

/** The peer's operator wants a share; it names it from the peer's side. */
export function heardTakeover(turn: Turn, message: Message): void {
  const word = text(message, "rsc_hold") ?? "";
  // What belongs to the peer goes home, as `hb_standby failback` here would do it.
  const share = word === "failback" ? "local" : word;
  if (share !== "all" && share !== "local" && share !== "foreign") {
    turn.complain("takeover-odd", "warn", `Ignored hb_takeover with rsc_hold "${share}"`);
    return;
  }
  const why = obstacle(turn.state);
  if (why === null) offer(turn, mirrored(share));
  else turn.log("warn", `takeover [${share}] of ${turn.state.peerName} refused: ${why}`);
}
