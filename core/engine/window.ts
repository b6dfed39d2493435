/**
 * Which messages of a sender are new: the receiver's decision table (reference: wire protocol,
 * section 10.2), gaps and the requests that fill them, and acknowledgements. Stricter than the
 * original in one point: what was seen before a node was declared dead stays seen, so that a
 * recorded packet cannot raise the dead.
 */
import { field, sendUnnumbered } from "./outbox.ts";
import type { Node, Window } from "./state.ts";
import type { Turn } from "./turn.ts";

/** A wider gap is not asked for; what the sender said must then be asked anew. */
const GAP_LIMIT = 250;
/** The wire is out of order by a few messages without loss, so nothing is asked at once. */
const FIRST_ASK_MIN_MS = 50;
/** After so many requests a message counts as lost. */
const ASK_LIMIT = 40;
/** Numbers in one request; the original answers at most as many. */
const ASK_BATCH = 50;
/** Numbers of the last dead time that are kept; more only shortens that time. */
const RECENT_LIMIT = 500;
/** Every tenth message is acknowledged, as the original does. */
const ACK_EVERY = 10;

export type Verdict =
  /** New: newer than all before, or filling a gap. */
  | "fresh"
  /** New, but so much before it is lost that what the sender said must be asked anew. */
  | "fresh after loss"
  /** Seen before, or too old. */
  | "duplicate";

/** Forgets everything about a sender's numbers, for a new generation or a first contact. */
export function resetWindow(window: Window, lastSeq: number | null): void {
  window.lastSeq = lastSeq;
  window.statusSeq = lastSeq ?? 0;
  window.gaps.clear();
  window.recent.clear();
}

/** Judges one numbered message of `node` and arranges for what is missing before it. */
export function receive(turn: Turn, node: Node, seq: number): Verdict {
  const { window } = node;
  const { lastSeq } = window;
  if (lastSeq === null) {
    window.lastSeq = seq;
  } else if (seq > lastSeq) {
    noteGap(turn, node, lastSeq, seq);
    window.lastSeq = seq;
    if (seq - lastSeq - 1 > GAP_LIMIT) {
      noteRecent(turn, node, seq);
      return "fresh after loss";
    }
  } else if (!window.gaps.delete(seq)) {
    turn.count("duplicates");
    return "duplicate";
  } else if (window.gaps.size === 0) {
    turn.log("debug", `No pkts missing from ${node.name}!`);
  }
  noteRecent(turn, node, seq);
  acknowledge(turn, node, seq);
  return "fresh";
}

/** Whether the number was taken in within the dead time of `node`. */
export function isRecent(turn: Turn, node: Node, seq: number): boolean {
  const takenMs = node.window.recent.get(seq);
  return takenMs !== undefined && turn.nowMs - takenMs < node.deadtimeMs;
}

/** Remembers for the dead time of `node` that the number was taken in. */
function noteRecent(turn: Turn, node: Node, seq: number): void {
  const { recent } = node.window;
  recent.set(seq, turn.nowMs);
  for (const [oldest, takenMs] of recent) {
    if (turn.nowMs - takenMs < node.deadtimeMs && recent.size <= RECENT_LIMIT) break;
    recent.delete(oldest);
  }
}

function noteGap(turn: Turn, node: Node, lastSeq: number, seq: number): void {
  const { window } = node;
  const missing = seq - lastSeq - 1;
  if (missing === 0) return;
  if (missing > GAP_LIMIT) {
    turn.log("error", `node ${node.name}: lost a lot of packets! (${missing})`);
    window.gaps.clear();
    return;
  }
  for (let lost = lastSeq + 1; lost < seq; lost += 1) {
    // A spread that needs no chance: neighbours in one gap stay together and go in one request.
    const spreadMs = Math.max(0, turn.state.config.maxRexmitDelayMs - FIRST_ASK_MIN_MS);
    const delayMs = FIRST_ASK_MIN_MS + (spreadMs * (lastSeq % 8)) / 8;
    window.gaps.set(lost, { nextAskMs: turn.nowMs + delayMs, asked: 0 });
  }
  while (window.gaps.size > 2 * GAP_LIMIT) forgetOldest(window);
  armRequests(turn, node);
}

function forgetOldest(window: Window): void {
  for (const seq of window.gaps.keys()) {
    window.gaps.delete(seq);
    return;
  }
}

function armRequests(turn: Turn, node: Node): void {
  let earliest = Infinity;
  for (const gap of node.window.gaps.values()) earliest = Math.min(earliest, gap.nextAskMs);
  const timer = { kind: "missing", node: node.name } as const;
  if (earliest === Infinity) turn.disarm(timer);
  else turn.arm(timer, earliest);
}

/**
 * Asks for every gap that is due, neighbours in one request.
 * @returns whether a message is now given up for lost
 */
export function requestMissing(turn: Turn, node: Node): boolean {
  const due: number[] = [];
  let lost = false;
  const alive = node.status === "up" || node.status === "active";
  for (const [seq, gap] of node.window.gaps) {
    if (gap.nextAskMs > turn.nowMs) continue;
    gap.asked += 1;
    gap.nextAskMs = turn.nowMs + turn.state.config.maxRexmitDelayMs;
    if (gap.asked > ASK_LIMIT || !alive) {
      node.window.gaps.delete(seq);
      turn.count("irretrievable");
      lost = true;
    } else {
      due.push(seq);
    }
  }
  due.sort((a, b) => a - b);
  for (let at = 0; at < due.length;) {
    let end = at;
    while (
      end + 1 < due.length && due[end + 1] === (due[end] ?? 0) + 1 && end - at < ASK_BATCH - 1
    ) {
      end += 1;
    }
    turn.count("requested");
    sendUnnumbered(turn, [
      field("t", "NS_rexmit"),
      field("dest", node.name),
      field("firstseq", String(due[at])),
      field("lastseq", String(due[end])),
    ], node);
    at = end + 1;
  }
  armRequests(turn, node);
  return lost;
}

/**
 * The sender has given a message up (`NS_nak_rexmit`).
 * @returns whether it was one that we missed
 */
export function giveUp(turn: Turn, node: Node, seq: number): boolean {
  if (!node.window.gaps.delete(seq)) return false;
  turn.count("irretrievable");
  turn.complain("lost", "warn", `Irretrievably lost packet: node ${node.name} seq ${seq}`);
  armRequests(turn, node);
  return true;
}

/** Tells the sender how far we have everything, so that it may forget. */
function acknowledge(turn: Turn, node: Node, seq: number): void {
  if (seq % ACK_EVERY !== 0) return;
  for (const missing of node.window.gaps.keys()) if (missing < seq) return;
  sendUnnumbered(turn, [
    field("t", "NS_ackmsg"),
    field("dest", node.name),
    field("ackseq", seq.toString(16)),
  ], node);
}
