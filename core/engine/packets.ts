/**
 * The way of a verified packet through the engine: whose is it, is it new, is it for us, what does
 * it say (reference: wire protocol, sections 10.2 and 13).
 */
import { bytes, decimalNumber, hexNumber, text } from "../wire/fields.ts";
import type { Message } from "../types.ts";
import { heardTakeover } from "./commands.ts";
import { peerHasLeft } from "./departure.ts";
import { heardHoldingsDuring, heardRequest } from "./handover.ts";
import { heardHoldings, heardStarting } from "./holdings.ts";
import { heardGrant, heardIpRequest } from "./legacy.ts";
import { heardLeft } from "./leftovers.ts";
import { linkHeard } from "./links.ts";
import { answerNodeList, judgeGeneration, statusHeard } from "./membership.ts";
import { resend } from "./outbox.ts";
import { peerRestarted, peerReturned, wordsLost } from "./peer_life.ts";
import type { Node, State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { giveUp, isRecent, receive } from "./window.ts";

/** Takes in one packet that `medium` brought. */
export function packetHeard(turn: Turn, medium: string, message: Message): void {
  const { state } = turn;
  const source = text(message, "src") ?? "";
  const node = state.nodes.get(source);
  if (node === undefined || node.kind === "ping") {
    turn.complain("stranger", "error", `process_status_message: bad node [${source}] in message`);
    return;
  }
  if (node.self) {
    ownEcho(turn, node, medium, message);
    return;
  }
  const type = text(message, "t") ?? "";
  if (type.startsWith("NS_")) {
    if (isForUs(state, message)) reliability(turn, node, type, message);
    return;
  }
  const seq = hexNumber(message, "seq");
  if (seq === undefined || seq === 0) {
    turn.complain("no-sequence", "warn", `Message "${type}" of ${source} without sequence number`);
    return;
  }
  const { accept, news } = judgeGeneration(turn, node, message, seq);
  if (!accept) return;
  const isNewest = seq > (node.window.lastSeq ?? 0);
  const gapMs = node.heardMs === null ? 0 : turn.nowMs - node.heardMs;
  const verdict = receive(turn, node, seq);
  // The second copy, on the other medium, counts for that; an old number may be a recording.
  if (isRecent(turn, node, seq)) linkHeard(turn, node, medium, message);
  if (verdict === "duplicate") return;
  // Newer than all before, of whatever type, it shows that its sender lives now; a beat behind it
  // does not. The wire is out of order by a few.
  if (isNewest && (type === "status" || node.heardMs !== null)) node.heardMs = turn.nowMs;
  if (verdict === "fresh after loss" && node.name === state.peerName) wordsLost(turn);
  if (type === "status") {
    // A beat behind a newer one says nothing of now.
    if (seq <= node.window.statusSeq) return;
    node.window.statusSeq = seq;
    statusHeard(turn, node, message, news, gapMs);
    heardLeft(turn, node, message);
    if (node.name === state.peerName) {
      if (news === "restarted") peerRestarted(turn, node);
      if (news === "returned") peerReturned(turn);
    }
    return;
  }
  if (isForUs(state, message)) contents(turn, node, type, message, seq);
}

/** Our own broadcast comes back, or somebody else uses our name. */
function ownEcho(turn: Turn, node: Node, medium: string, message: Message): void {
  const { state } = turn;
  const uuid = bytes(message, "srcuuid");
  const ours = uuid === undefined || uuid.every((byte, at) => byte === state.uuid[at]);
  const generation = hexNumber(message, "hg") ?? 0;
  if (ours && generation <= state.generation) {
    const sent = state.history.get(hexNumber(message, "seq") ?? 0);
    const recent = sent !== undefined && turn.nowMs - sent.sentMs < state.config.deadtimeMs;
    if (recent && generation === state.generation) linkHeard(turn, node, medium, message);
    return;
  }
  turn.complain(
    "our-name",
    "error",
    `Another host sends as "${node.name}" (its uuid or generation is not ours). ` +
      `Is it a clone of this host? Its packets are dropped.`,
  );
}

function isForUs(state: State, message: Message): boolean {
  const uuid = bytes(message, "destuuid");
  if (uuid !== undefined && uuid.some((byte) => byte !== 0)) {
    return uuid.length === state.uuid.length && uuid.every((byte, at) => byte === state.uuid[at]);
  }
  const dest = text(message, "dest");
  return dest === undefined || dest === state.config.self;
}

function reliability(turn: Turn, node: Node, type: string, message: Message): void {
  // A recorded packet of an earlier life must not make us send or forget anything.
  if ((hexNumber(message, "hg") ?? 0) !== node.generation) {
    turn.count("replayed");
    return;
  }
  if (type === "NS_rexmit") {
    const first = decimalNumber(message, "firstseq");
    const last = decimalNumber(message, "lastseq");
    if (first !== undefined && last !== undefined) resend(turn, node, first, last);
  } else if (type === "NS_nak_rexmit") {
    const seq = hexNumber(message, "firstseq");
    const lost = seq !== undefined && giveUp(turn, node, seq);
    if (lost && node.name === turn.state.peerName) wordsLost(turn);
  } else if (type === "NS_ackmsg") {
    turn.count("acks");
  } else {
    turn.count("unknown-type");
  }
}

function contents(turn: Turn, node: Node, type: string, message: Message, seq: number): void {
  const fromPeer = node.name === turn.state.peerName;
  if (type === "reqnodes") return answerNodeList(turn, node);
  if (!fromPeer) return turn.count("unknown-type");
  if (node.native && hexNumber(message, "hears") !== turn.state.generation) {
    // Said to an earlier life of this node: on its way while we restarted, or a recording.
    return turn.count("outdated");
  }
  switch (type) {
    case "starting":
      return heardStarting(turn, seq);
    case "resource":
      heardHoldings(turn, message, seq);
      return heardHoldingsDuring(turn, seq);
    case "ask_resources":
      return heardRequest(turn, message, seq);
    case "hb_takeover":
      return heardTakeover(turn, message);
    case "shutdone":
      return peerHasLeft(turn);
    case "ip-request":
      return heardIpRequest(turn, message);
    case "ip-request-resp":
      return heardGrant(turn, message);
    default:
      return turn.count("unknown-type");
  }
}
