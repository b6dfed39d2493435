/**
 * Packets in the name of another node that do not verify: it signs with another key, or somebody
 * else sends in its name. They never make a node alive and never hold up a takeover from a node that
 * was heard with the right key. People are told.
 *
 * One exception, at the start only: a node that was never heard in this life, and in whose name beats
 * with another key come in on every open medium, most likely serves. Its silence does not count until
 * they end, or for some times initdead, whatever comes: whoever forges them can do no more than that.
 */
import type { UnverifiedReport } from "./events.ts";
import type { Node, State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** The exception ends after so many times initdead. */
const LONGEST_INITDEADS = 10;

/** Takes in one report; there are a few in a second at most. */
export function noteUnverified(turn: Turn, report: UnverifiedReport): void {
  const node = turn.state.nodes.get(report.source);
  if (node === undefined || node.self || node.kind === "ping") return;
  const beatMs = report.isBeat ? turn.nowMs : node.unverified.get(report.medium)?.beatMs;
  node.unverified.set(report.medium, {
    cause: report.cause,
    atMs: turn.nowMs,
    beatMs: beatMs ?? -Infinity,
  });
  turn.complain(`unverified ${node.name}`, "crit", textOf(node, turn.nowMs));
}

/**
 * Whether packets in the name of `node` came with another key since this was asked last. With that key
 * it may have served what is served here, and told the neighbours so.
 */
export function takeUnverified({ unverified }: Node): boolean {
  const came = unverified.size > 0;
  unverified.clear();
  return came;
}

/** This host was paused: beats of that time wait in its sockets, and come now. */
export function keysPaused({ nodes }: State, gapMs: number): void {
  for (const { unverified } of nodes.values()) {
    for (const [link, last] of unverified) {
      unverified.set(link, { ...last, beatMs: last.beatMs + gapMs });
    }
  }
}

/** Until when beats with another key keep the silence of `node` from counting. */
export function keyHoldEndsMs({ media, config }: State, node: Node): number {
  if (node.heardMs !== null) return -Infinity;
  const open = [...media.values()].filter((medium) => medium.open);
  if (open.length === 0) return -Infinity;
  const lastBeatMs = Math.min(
    ...open.map(({ link }) => node.unverified.get(link)?.beatMs ?? -Infinity),
  );
  const longestMs = node.sinceMs + LONGEST_INITDEADS * config.initdeadMs;
  return Math.min(lastBeatMs + node.deadtimeMs, longestMs);
}

export interface ForeignKey {
  readonly text: string;
  /** Nothing else is heard of the node, so that both may serve. */
  readonly grave: boolean;
}

/** What people must know of such packets of the last time; null when none came. */
export function foreignKey(state: State, nowMs: number): ForeignKey | null {
  for (const node of state.nodes.values()) {
    if (recentLinks(node, nowMs).length === 0) continue;
    return { text: textOf(node, nowMs), grave: isSilent(node) };
  }
  return null;
}

function recentLinks(node: Node, nowMs: number): string[] {
  return [...node.unverified].filter(([, { atMs }]) => nowMs - atMs < node.deadtimeMs)
    .map(([link, { cause }]) => `${link} (${cause})`);
}

function isSilent({ status }: Node): boolean {
  return status === "init" || status === "dead";
}

function textOf(node: Node, nowMs: number): string {
  const links = recentLinks(node, nowMs).join(", ");
  return isSilent(node)
    ? `${node.name} is heard with another key on ${links}, and nothing of it is believed: both ` +
      `nodes may serve. Compare authkeys on both`
    : `packets in the name of ${node.name} with another key come on ${links}: from somebody else, ` +
      `or it is about to change its key`;
}
