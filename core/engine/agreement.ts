/**
 * Whether both nodes go by the same haresources. They tell each other which half of the groups they
 * hold, and each takes the halves from its own file: where the files call different nodes the home of
 * a group, both would run it and find that right. So each beat carries a digest of what matters, and
 * while the digests differ nothing is started that the other may run: only a node beside whom the
 * other holds nothing takes anything, and if neither holds anything, one of them, always the same.
 * When the other is gone, its file is no matter any more.
 *
 * An original peer sends no digest; then all is as with two originals, which know no such check.
 */
import type { GroupConfig } from "../types.ts";
import { isStuck } from "./groups.ts";
import { peerIsGone, peerNode } from "./peer.ts";
import { isNone } from "./shares.ts";
import type { Group, State } from "./state.ts";
import type { Turn } from "./turn.ts";

const SAY_AGAIN_MS = 60_000;
const NOTHING = digest("");

/** Computes what this node's beats say of its groups; to be called after every change of them. */
export function noteDigest(state: State): void {
  // What is still to be stopped keeps the other from starting its successor; but not for ever all
  // else, when it does not stop: then the other is told what it is (holdings.ts).
  const lines = state.groups.filter((group) => !group.retired || !isStuck(group))
    .map(({ config, retired }) => `${retired ? "gone" : config.node} ${serviceIdentity(config)}`);
  state.haresourcesDigest = state.manages ? digest(lines.sort().join("\n")) : null;
}

/** What a group is to the cluster. Mask and interface of its address may differ between the hosts. */
function serviceIdentity({ key, resources }: GroupConfig): string {
  const [first] = resources;
  const address = first?.agent.startsWith("IP") === true ? first.args[0] : undefined;
  return address?.split("/")[0] ?? key;
}

/** FNV-1a over the UTF-16 units, 8 hex digits: against mistakes, not against enemies. */
function digest(words: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < words.length; at += 1) {
    hash = Math.imul(hash ^ words.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}

/** Whether a living peer goes by another haresources. */
export function filesDiffer(state: State): boolean {
  const ours = state.haresourcesDigest;
  const theirs = peerNode(state)?.haresourcesDigest ?? null;
  if (theirs === null || ours === null || theirs === ours) return false;
  return !peerIsGone(state);
}

/** What is wrong and what to do about it, in a sentence for people. */
export function differenceText(state: State): string {
  return `haresources differs between ${state.config.self} and ${state.peerName}: copy it ` +
    `(ha_propagate) and restart heartbeat on both, one after the other`;
}

/** Where files differ and neither node holds anything, this one takes what its file lists. */
export function goesFirst(state: State): boolean {
  // One without groups would take nothing. The order in ha.cf may differ, too.
  if (state.haresourcesDigest === NOTHING) return false;
  return peerNode(state)?.haresourcesDigest === NOTHING ||
    state.config.self < (state.peerName ?? "");
}

/** Whether this node may take anything beside a peer whose file differs. */
export function mayTake(state: State): boolean {
  return state.manages && peerHoldsNothing(state) && (!isNone(state.claim) || goesFirst(state));
}

/**
 * Whether nothing of the group can run on a peer whose file differs. Of one on which both files agreed
 * its words still hold, since no home changes in a life; of any other they say nothing.
 */
export function mayBeginApart(state: State, group: Group): boolean {
  return group.agreed || !filesDiffer(state) || peerHoldsNothing(state);
}

function peerHoldsNothing({ peer }: State): boolean {
  return peer.holds !== null && !peer.leaving && isNone(peer.holds) && isNone(peer.busy);
}

/** Notes for each group that the files were seen to agree on it, and says when they do not. */
export function noteAgreement(turn: Turn): void {
  const { state } = turn;
  if (state.groups.some(({ retired }) => retired)) noteDigest(state);
  const ours = state.haresourcesDigest;
  const same = ours !== null && peerNode(state)?.haresourcesDigest === ours;
  if (filesDiffer(state)) {
    if (state.differenceSaidMs !== null && turn.nowMs < state.differenceSaidMs + SAY_AGAIN_MS) {
      return;
    }
    state.differenceSaidMs = turn.nowMs;
    turn.log("error", differenceText(state));
    return;
  }
  if (same && state.differenceSaidMs !== null) {
    turn.log("info", `haresources is the same on ${state.config.self} and ${state.peerName} again`);
  }
  state.differenceSaidMs = null;
  if (!same) return;
  for (const group of state.groups) group.agreed = true;
}

/** The peer began a new life and may have read another file. */
export function forgetAgreement(state: State): void {
  for (const group of state.groups) group.agreed = false;
}
