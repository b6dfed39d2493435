/**
 * The life of each link: a medium on which a node can be heard (reference: cluster semantics,
 * section 6). Links inform people; they never decide that a node is dead.
 */
import type { Message } from "../types.ts";
import { hexNumber } from "../wire/fields.ts";
import { newQuality, notePacket } from "./link_quality.ts";
import type { Link, Node } from "./state.ts";
import type { Turn } from "./turn.ts";

/** A packet of `node`, new or repeated by another medium a moment ago, came in on `medium`. */
export function linkHeard(turn: Turn, node: Node, medium: string, message: Message): void {
  const link = linkOf(turn, node, medium);
  notePacket(
    link.quality,
    hexNumber(message, "hg") ?? 0,
    hexNumber(message, "seq"),
    link.heardMs === null ? null : turn.nowMs - link.heardMs,
    turn.state.config.keepaliveMs,
  );
  link.heardMs = turn.nowMs;
  if (link.up) return;
  link.up = true;
  link.sinceMs = turn.nowMs;
  turn.log("info", `Link ${node.name}:${medium} up.`);
}

/** Makes the link known, so that it is listed as dead before it is first heard. */
export function linkOf(turn: Turn, node: Node, medium: string): Link {
  let link = node.links.get(medium);
  if (link === undefined) {
    link = { up: false, sinceMs: turn.nowMs, heardMs: null, quality: newQuality() };
    node.links.set(medium, link);
  }
  return link;
}

/**
 * Declares silent links dead; each node is measured with its own dead time. Links are looked at
 * with each beat, so one beat less than that time makes the news come within it.
 */
export function sweepLinks(turn: Turn): void {
  const { keepaliveMs } = turn.state.config;
  for (const node of turn.state.nodes.values()) {
    const patienceMs = Math.max(node.deadtimeMs - keepaliveMs, node.deadtimeMs / 2);
    for (const [medium, link] of node.links) {
      if (!link.up || link.heardMs === null) continue;
      if (turn.nowMs - link.heardMs < patienceMs) continue;
      link.up = false;
      link.sinceMs = turn.nowMs;
      turn.log("info", `Link ${node.name}:${medium} dead.`);
    }
  }
}
