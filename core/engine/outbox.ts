/**
 * What leaves this node: control fields in the order of the protocol, sequence numbers, and the
 * bounded history from which a peer may ask again (reference: wire protocol, sections 8 and 10).
 */
import type { Field, Message } from "../types.ts";
import type { Node } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Messages kept for retransmission, as the original keeps. */
const HISTORY_LIMIT = 500;
/** Most numbers looked at for one request. */
const RESEND_LIMIT = 50;

/** A text field, which is all that this room ever writes of its own. */
export function field(name: string, value: string): Field {
  return { type: 0, name, value };
}

const hex = (value: number) => value.toString(16);

/** Adds the control fields: destination, origin, numbers, time, hop limit. */
function complete(turn: Turn, own: readonly Field[], dest: Node | null, seq: number | null) {
  const { state } = turn;
  const message: Field[] = [...own];
  if (dest !== null) {
    message.push({ type: 1, name: "destuuid", value: dest.uuid ?? new Uint8Array(16) });
  }
  message.push(field("src", state.config.self));
  message.push({ type: 1, name: "srcuuid", value: state.uuid });
  if (seq !== null) message.push(field("seq", hex(seq)));
  message.push(field("hg", hex(state.generation)), field("ts", hex(turn.at.wallS)));
  message.push(field("ttl", String(state.config.hopFudge + state.nodes.size)));
  return message;
}

/** Sends a message that every listener must get: it is numbered and kept. */
export function broadcast(turn: Turn, own: readonly Field[], dest: Node | null = null): void {
  const { state } = turn;
  state.seq += 1;
  const message = complete(turn, own, dest, state.seq);
  state.history.set(state.seq, { message, sentMs: turn.nowMs });
  if (state.history.size > HISTORY_LIMIT) {
    for (const oldest of state.history.keys()) {
      state.history.delete(oldest);
      break;
    }
  }
  turn.send(message);
}

/**
 * Sends a message about resources. It names the life of the peer that it was said to, so that a
 * recording from before the peer's last start means nothing to it; an original peer ignores that.
 */
export function tellPeer(turn: Turn, own: readonly Field[]): void {
  const { peerName, nodes } = turn.state;
  const generation = peerName === null ? 0 : nodes.get(peerName)?.generation ?? 0;
  broadcast(turn, [...own, field("hears", hex(generation))]);
}

/** Sends an unnumbered message of the reliability layer (`NS_…`) to one node. */
export function sendUnnumbered(turn: Turn, own: readonly Field[], dest: Node): void {
  turn.send(complete(turn, own, dest, null));
}

/**
 * Answers a request for missing messages (wire protocol, section 10.3).
 * @param first first number asked for
 * @param last last number asked for
 */
export function resend(turn: Turn, asker: Node, first: number, last: number): void {
  const { state } = turn;
  if (first < 1 || last < first || first > state.seq) {
    turn.complain("rexmit-odd", "debug", `Rexmit of seq ${first} requested. ${state.seq} is max.`);
    return;
  }
  const spacingMs = Math.max(0, state.config.maxRexmitDelayMs - 10);
  const end = Math.min(last, state.seq, first + RESEND_LIMIT - 1);
  for (let seq = first; seq <= end; seq += 1) {
    const kept = state.history.get(seq);
    if (kept === undefined) {
      refuse(turn, asker, seq);
    } else if (turn.nowMs - kept.sentMs >= spacingMs) {
      kept.sentMs = turn.nowMs;
      turn.count("resent");
      turn.send(kept.message);
    }
  }
}

function refuse(turn: Turn, asker: Node, seq: number): void {
  const nak: Message = [
    field("t", "NS_nak_rexmit"),
    field("firstseq", hex(seq)),
    field("dest", asker.name),
    field("info", "seqno too low"),
  ];
  sendUnnumbered(turn, nak, asker);
}
