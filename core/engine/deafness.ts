/**
 * Whether the silence of another node means anything. It does not while this host has let no medium
 * be opened (the port is taken, the interface is not there): then this node is deaf, and the other
 * may well serve. Nor does it for a node that was never heard in this life while even one medium is
 * not open: that one may be the only one that works. A cut cable or a lost carrier is no such case,
 * because nobody can tell that from a dead peer.
 *
 * It only says from when on silence counts, and why it does not; membership.ts counts.
 */
import type { MediumReport } from "./events.ts";
import { keyHoldEndsMs } from "./foreign_key.ts";
import { peerIsGone, peerNode } from "./peer.ts";
import type { Node, State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** A medium of this node. */
export interface MediumState {
  /** Name of its link, which two media of one interface share. */
  readonly link: string;
  readonly open: boolean;
  /** Since when it is open or not; a medium that was there from the start has been so for ever. */
  readonly sinceMs: number;
  readonly reason: string;
}

/** Why this node takes nothing, although nobody is heard. */
export interface HeldBack {
  /**
   * `deaf`: no medium is open; `medium`: one is not, or was not until a moment ago; `key`: beats in
   * the peer's name come with another key.
   */
  readonly kind: "deaf" | "medium" | "key";
  /** In a sentence for people. */
  readonly text: string;
}

/** Takes in what a medium says of itself. */
export function noteMedium(turn: Turn, { medium: link, title, open, reason }: MediumReport): void {
  const { state } = turn;
  const before = state.media.get(title);
  const wasDeaf = isDeaf(state);
  const there = before === undefined && open;
  const changedMs = before?.open === open ? before.sinceMs : turn.nowMs;
  state.media.set(title, { link, open, reason, sinceMs: there ? -Infinity : changedMs });
  if (wasDeaf && !isDeaf(state)) state.hearingSinceMs = turn.nowMs;
}

/** Says now and then that this node waits, and for what. */
export function sayHeldBack(turn: Turn): void {
  const held = heldBack(turn.state, turn.nowMs);
  if (held !== null) turn.complain("held-back", "crit", held.text);
}

/** Not one medium is open. */
function isDeaf({ media }: State): boolean {
  return media.size > 0 && [...media.values()].every(({ open }) => !open);
}

/** Silence of `node` before this instant proves nothing; Infinity while none does. */
export function hearingSinceMs(state: State, node: Node): number {
  if (isDeaf(state)) return Infinity;
  if (node.heardMs !== null) return state.hearingSinceMs;
  const media = [...state.media.values()];
  return media.every(({ open }) => open)
    ? Math.max(...media.map(({ sinceMs }) => sinceMs), -Infinity)
    : Infinity;
}

/** Why the silence of the peer does not count, or not yet; null when it does. */
export function heldBack(state: State, nowMs: number): HeldBack | null {
  const peer = peerNode(state);
  if (peer === null || peerIsGone(state)) return null;
  if (isDeaf(state)) return { kind: "deaf", text: deafText(state) };
  if (peer.heardMs !== null) return null;
  if (keyHoldEndsMs(state, peer) > nowMs) return { kind: "key", text: keyText(peer.name) };
  const { initdeadMs } = state.config;
  const shut = [...state.media].find(([, { open }]) => !open);
  if (shut !== undefined) {
    const [title, { reason }] = shut;
    return {
      kind: "medium",
      text: `${title} is not open (${reason}) and ${peer.name} was never heard: nothing is taken ` +
        `until that medium is open and stays silent for ${initdeadMs / 1000} s, or ` +
        `"heartbeat takeover" says that ${peer.name} is gone`,
    };
  }
  const late = [...state.media].toSorted(([, one], [, other]) => other.sinceMs - one.sinceMs)[0];
  const ordinary = nowMs < peer.sinceMs + initdeadMs;
  if (ordinary || late === undefined || nowMs >= late[1].sinceMs + initdeadMs) return null;
  return { kind: "medium", text: lateText(late, peer.name, initdeadMs) };
}

function keyText(peer: string): string {
  return `Beats in the name of ${peer} come with another key, so it may serve: nothing is taken ` +
    `until they end. Compare authkeys on both nodes. If ${peer} does not serve, ` +
    `"heartbeat takeover --although-key-differs" says so`;
}

function deafText({ media }: State): string {
  const each = [...media].map(([title, { reason }]) => `${title} (${reason})`);
  return `This node is deaf: none of its media could be opened: ${each.join(", ")}. ` +
    `It declares nobody dead and takes nothing before one of them is open`;
}

function lateText([title]: [string, MediumState], peer: string, initdeadMs: number): string {
  return `${title} was opened late: nothing is taken before it was silent for ` +
    `${initdeadMs / 1000} s, or "heartbeat takeover" says that ${peer} is gone`;
}
