/**
 * The life of each link: a medium on which a node can be heard (reference: cluster semantics,
 * section 6). Links inform people; they never decide that a node is dead.
 */
import type { Link, Node } from "./state.ts";
import type { Turn } from "./turn.ts";

/** A packet of `node`, new or repeated, came in on `medium`. */
export function linkHeard(turn: Turn, node: Node, medium: string): void {
  const link = linkOf(turn, node, medium);
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
    link = { up: false, sinceMs: turn.nowMs, heardMs: null };
    node.links.set(medium, link);
  }
  return link;
}

/** Declares silent links dead; each node is measured with its own dead time. */
export function sweepLinks(turn: Turn): void {
  for (const node of turn.state.nodes.values()) {
    for (const [medium, link] of node.links) {
      if (!link.up || link.heardMs === null) continue;
      if (turn.nowMs - link.heardMs < node.deadtimeMs) continue;
      link.up = false;
      link.sinceMs = turn.nowMs;
      turn.log("info", `Link ${node.name}:${medium} dead.`);
    }
  }
}
