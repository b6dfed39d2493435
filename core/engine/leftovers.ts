/**
 * What a node leaves running when it has to end although something does not stop. Its beats say so at
 * the end, and the other node keeps that in mind, over its own restarts too (freshness.ts): the silence
 * that follows proves nothing for these groups, since they may run on a host whose daemon has ended.
 * They open when that node begins its next life, which then says itself what it holds, or when an
 * administrator confirms that the host is off. Everything else of it goes at once.
 *
 * An original peer ignores the word, and takes all over after its deadtime.
 */
import { text } from "../wire/fields.ts";
import type { Field, Message } from "../types.ts";
import { persistFreshness } from "./freshness.ts";
import { isDown } from "./groups.ts";
import type { Group, Node, State } from "./state.ts";
import { field } from "./outbox.ts";
import { peerNode } from "./peer.ts";
import type { Turn } from "./turn.ts";

/** More words than this are not said: a message must fit into any medium. */
const WORDS_LIMIT = 50;
/** Stands for all of them. */
const EVERYTHING = "*";

/** The groups that did not stop. */
export function notStopped(state: State): Group[] {
  return state.groups.filter((group) => !isDown(group));
}

/** What beats say of it; nothing as long as this node does not end with something left. */
export function leftField(state: State): Field[] {
  if (!state.leavesBehind) return [];
  const words = notStopped(state).flatMap(({ config }) => config.resources.map(({ text }) => text));
  return [field("left", words.length > WORDS_LIMIT ? EVERYTHING : words.join(" "))];
}

/** Takes in what a beat of `node` says of it. */
export function heardLeft(turn: Turn, node: Node, message: Message): void {
  const left = text(message, "left");
  if (left === undefined || left === (node.leftovers ?? []).join(" ")) return;
  node.leftovers = left === "" ? null : left.split(" ");
  // The last of it stopped after all, while the node took its leave.
  if (left === "") return persistFreshness(turn);
  turn.log(
    "crit",
    `${node.name} ends and leaves running what does not stop there: ${left}. It is not started here ` +
      `until ${opening(node.name)}`,
  );
  persistFreshness(turn);
}

/** What has to happen before such a group may begin. */
function opening(name: string): string {
  return `heartbeat starts again on ${name}, or "heartbeat confirm ${name} --is-off" is ordered`;
}

/** Whether the group was left running on the peer, by all that is known. */
export function wasLeftRunning(state: State, group: Group): boolean {
  const words = peerNode(state)?.leftovers ?? null;
  return words !== null && (words[0] === EVERYTHING || uses(group, words));
}

/** Whether one of these words is a resource of the group. */
export function uses(group: Group, words: readonly string[]): boolean {
  return group.config.resources.some(({ text }) => words.includes(text));
}

/** Why a group that should run here does not begin, in a sentence; null where this is not why. */
export function leftRunningText(state: State, group: Group): string | null {
  if (!group.wanted || !isDown(group) || !wasLeftRunning(state, group)) return null;
  const { peerName } = state;
  return `${peerName} ended and left it running, or a part of it; it starts here when ` +
    opening(peerName ?? "");
}
