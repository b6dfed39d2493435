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
import type { GroupConfig, ResourceConfig } from "../types.ts";
import { isDown, isStuck } from "./groups.ts";
import { peerIsGone, peerNode } from "./peer.ts";
import { isNone } from "./shares.ts";
import type { Group, State } from "./state.ts";
import type { Turn } from "./turn.ts";

const SAY_AGAIN_MS = 60_000;
/** Files that two correct reloads change differ for the way of a beat; what lasts longer is said. */
const LASTING_BEATS = 2;
const NOTHING = digest("");
/** Behind the digest, so that it is another one to whoever compares the whole. */
const STOPPING = "-stopping";

/**
 * Computes what this node's beats say of its groups; to be called after every change of them: a
 * digest of the lines, and whether something of a removed one is still to be stopped.
 */
export function noteDigest(state: State): void {
  const lines = state.groups.filter(({ retired }) => !retired)
    .map(({ config: { node, resources } }) =>
      `${node} ${resources.map(resourceIdentity).join(" ")}`
    );
  // That keeps the other from starting its successor; but not for ever all else, when it does not
  // stop: then the other is told what it is (holdings.ts).
  const stopping = state.groups.some((group) => group.retired && !isDown(group) && !isStuck(group));
  const ofLines = digest(lines.sort().join("\n"));
  state.haresourcesDigest = state.manages ? `${ofLines}${stopping ? STOPPING : ""}` : null;
}

/**
 * What a resource is to the cluster. Mask and interface of an address may differ between the hosts. An
 * IPv6 address with two colons in it was cut there, as every `::` of haresources is.
 */
function resourceIdentity({ text, agent, args }: ResourceConfig): string {
  if (!agent.startsWith("IP") || args.length === 0) return text;
  return args.join("::").replace(/\/.*/, "");
}

/**
 * Says of which new lines the peer can run nothing, by the groups before a reload: each resource of
 * such a line stood in a removed one of the same home that the peer knew, too, or, where both went by
 * the same lines until now, in none at all.
 */
export function newLineJudge(state: State): (added: GroupConfig, removed: Group[]) => boolean {
  const listed = new Set(
    state.groups.flatMap(({ config }) => config.resources.map(resourceIdentity)),
  );
  const wereSame = agree(state);
  return (added, removed) => {
    const known = removed.filter(({ agreed, config }) => agreed && config.node === added.node)
      .flatMap(({ config }) => config.resources.map(resourceIdentity));
    return added.resources.map(resourceIdentity)
      .every((one) => known.includes(one) || (wereSame && !listed.has(one)));
  };
}

/** FNV-1a over the UTF-16 units, 8 hex digits: against mistakes, not against enemies. */
function digest(words: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < words.length; at += 1) {
    hash = Math.imul(hash ^ words.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}

/** Whether both go by the same lines and have stopped all that is in none of them. */
function agree(state: State): boolean {
  const ours = state.haresourcesDigest;
  return ours !== null && ours === peerNode(state)?.haresourcesDigest && !ours.endsWith(STOPPING);
}

/** Whether a living peer goes by another haresources, or one of us has not stopped all removed lines. */
export function filesDiffer(state: State): boolean {
  const theirs = peerNode(state)?.haresourcesDigest ?? null;
  if (theirs === null || state.haresourcesDigest === null) return false;
  return !agree(state) && !peerIsGone(state);
}

/** Whether its lines differ, whatever is still being stopped. */
function linesDiffer(state: State): boolean {
  return filesDiffer(state) && !sameLines(state);
}

function sameLines(state: State): boolean {
  return linesOf(state.haresourcesDigest) === linesOf(peerNode(state)?.haresourcesDigest);
}

function linesOf(said: string | null | undefined): string | undefined {
  return said?.replace(STOPPING, "");
}

/** What is wrong and what to do about it, in a sentence for people. */
export function differenceText(state: State): string {
  if (!linesDiffer(state)) return "groups of removed lines are still being stopped";
  const digestOf = (said: string | null | undefined) => linesOf(said) ?? "none";
  return `haresources differs between ${state.config.self} ` +
    `(${digestOf(state.haresourcesDigest)}) and ${state.peerName} ` +
    `(${
      digestOf(peerNode(state)?.haresourcesDigest)
    }): compare the two files (ssh, diff), let the ` +
    "right one be copied (ha_propagate, there) and reload heartbeat on both, one after the other";
}

/** That the files differ, once it was said; null while there is nothing to say. */
export function saidDifference(state: State): string | null {
  return wasSaid(state) && linesDiffer(state) ? differenceText(state) : null;
}

function wasSaid({ difference }: State): boolean {
  return difference !== null && difference.saidMs !== null;
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
 * its words still hold, since no home changes in a life and no line of the peer gets a resource before
 * we have stopped it; of any other they say nothing.
 */
export function mayBeginApart(state: State, group: Group): boolean {
  return group.agreed || !filesDiffer(state) || peerHoldsNothing(state);
}

function peerHoldsNothing({ peer, handover }: State): boolean {
  // In a move it may be about to hold something, of which its file says what.
  if (handover !== null || peer.holds === null || peer.leaving) return false;
  return isNone(peer.holds) && isNone(peer.busy);
}

/** Notes for each group that the files were seen to agree on it, and says when they do not. */
export function noteAgreement(turn: Turn): void {
  const { state } = turn;
  if (state.groups.some(({ retired }) => retired)) noteDigest(state);
  sayDifference(turn);
  if (!agree(state)) return;
  for (const group of state.groups) group.agreed = true;
}

function sayDifference(turn: Turn): void {
  const { state, nowMs } = turn;
  const { self, keepaliveMs } = state.config;
  if (!linesDiffer(state)) {
    if (wasSaid(state) && sameLines(state)) {
      turn.log("info", `haresources is the same on ${self} and ${state.peerName} again`);
    }
    state.difference = null;
    return;
  }
  const { sinceMs, saidMs } = state.difference ??= { sinceMs: nowMs, saidMs: null };
  const dueMs = saidMs === null ? sinceMs + LASTING_BEATS * keepaliveMs : saidMs + SAY_AGAIN_MS;
  if (nowMs < dueMs) return;
  state.difference = { sinceMs, saidMs: nowMs };
  turn.log("error", differenceText(state));
}

/** The peer began a new life and may have read another file. */
export function forgetAgreement(state: State): void {
  for (const group of state.groups) group.agreed = false;
}
