/**
 * What no recording can be: newer than the newest beat that this node ever heard of the sender, in
 * this life or an earlier one. The numbers are stored, since a node that has just started would
 * otherwise believe a recorded beat of a dead peer, and wait for it instead of serving.
 *
 * Not by asking: a peer could name our present life in its beats, and no recording would. But a peer
 * that lives and does not hear us could not name it either, and taking that one for dead would
 * make two owners. So what a peer said while this node was down, and somebody recorded, still counts.
 */
import type { Message } from "../types.ts";
import { hexNumber } from "../wire/fields.ts";
import type { NewestStatus } from "./events.ts";
import type { Node, State } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * Numbers between two notes are believed once more after a crash of both hosts within this time.
 * A life's first beat, a death and an orderly end are noted at once.
 */
const NOTE_EVERY_MS = 10_000;

/** Whether a status of a life that is new to us was said before the newest that we ever heard. */
export function isOutdated(node: Node, generation: number, seq: number, message: Message): boolean {
  const { newest } = node;
  if (generation > newest.generation) return false;
  if (generation === newest.generation && seq > newest.seq) return false;
  // Its generation went back, as after a restored disk image: then its clock is ahead of all that
  // was recorded, and nobody can sign another time.
  return sentAt(message) <= newest.sentS;
}

/** Remembers the newest status of `node`. */
export function noteStatus(node: Node, generation: number, seq: number, message: Message): void {
  const { newest } = node;
  const newer = generation > newest.generation ||
    (generation === newest.generation && seq > newest.seq);
  const sentS = Math.max(newest.sentS, sentAt(message));
  node.newest = newer ? { generation, seq, sentS } : { ...newest, sentS };
}

function sentAt(message: Message): number {
  return hexNumber(message, "ts") ?? 0;
}

/** Takes over what earlier lives of this node heard. */
export function recall(state: State, newest: readonly NewestStatus[]): void {
  for (const { node: name, generation, seq, sentS, left } of newest) {
    const node = state.nodes.get(name);
    if (node === undefined || node.self) continue;
    node.newest = { generation, seq, sentS };
    node.leftovers = left ?? null;
  }
}

/** Stores what was heard, for the next life. Nobody waits for that. */
export function persistFreshness(turn: Turn): void {
  const { state } = turn;
  const newest = [...state.nodes.values()]
    .filter(({ newest }) => newest.generation > 0)
    .map(({ name, newest, leftovers }) => ({
      node: name,
      ...newest,
      ...leftovers === null ? {} : { left: leftovers },
    }));
  const text = JSON.stringify(newest);
  const news = text !== state.persistedFreshness.text;
  state.persistedFreshness = { text, atMs: turn.nowMs };
  if (news) turn.effect({ kind: "persist-freshness", newest });
}

/** Stores it when it was not stored for a while; asked with each beat. */
export function persistFreshnessNowAndThen(turn: Turn): void {
  if (turn.nowMs - turn.state.persistedFreshness.atMs >= NOTE_EVERY_MS) persistFreshness(turn);
}
