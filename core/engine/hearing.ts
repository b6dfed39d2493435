/**
 * Who hears whom: each node knows only what it hears itself, so a cable or a firewall that carries
 * one way looks well from one side. While something is not heard, the beats of a node say so, and the
 * other tells its people. Nothing is decided by it.
 */
import type { Field, Message } from "../types.ts";
import { text } from "../wire/fields.ts";
import type { Node, State } from "./state.ts";
import { peerNode } from "./peer.ts";

/** In beats: the sender hears nothing of the other node at all … */
const HEARS = "hears";
const NOTHING = "0";
/** … or not on these links of its own, separated by blanks, while others carry. */
const SILENT = "silent";
/** What another host may write on our people's screens. */
const LINK_NAMES = /^[\w./:-]{1,64}( [\w./:-]{1,64}){0,63}$/;

/** What another node says that it does not hear of us. */
export interface Unheard {
  /** Since when it has said so without a break. */
  readonly sinceMs: number;
  /** Names of its links; null: it hears nothing at all. */
  readonly links: string | null;
}

/** The words that a beat carries while something is not heard; none when all is well. */
export function hearingFields(state: State): Field[] {
  const peer = peerNode(state);
  if (peer === null || state.peer.leftMs !== null) return [];
  if (peer.heardMs === null || peer.status === "dead") {
    return [{ type: 0, name: HEARS, value: NOTHING }];
  }
  const silent = [...peer.links].filter(([, { up }]) => !up).map(([link]) => link).join(" ");
  return LINK_NAMES.test(silent) ? [{ type: 0, name: SILENT, value: silent }] : [];
}

/** Takes in what a fresh beat of `node` says of it. */
export function noteHearing(node: Node, message: Message, nowMs: number): void {
  const silent = text(message, SILENT) ?? "";
  const links = LINK_NAMES.test(silent) ? silent : null;
  if (text(message, HEARS) !== NOTHING && links === null) node.unheard = null;
  else if (node.unheard === null || node.unheard.links !== links) {
    node.unheard = { sinceMs: nowMs, links };
  }
}
