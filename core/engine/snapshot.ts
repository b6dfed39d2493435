/**
 * The state as a picture for people and programs (view.ts). It reads and never changes anything.
 */
import { filesDiffer, saidDifference } from "./agreement.ts";
import { heldBack } from "./deafness.ts";
import { FAILURE_KEPT_MS, shownFailure } from "./failure.ts";
import { foreignKey } from "./foreign_key.ts";
import { isSettled } from "./groups.ts";
import { leftRunningText } from "./leftovers.ts";
import { qualityView } from "./link_quality.ts";
import { isDenied } from "./looks.ts";
import { holdingOf, swapped } from "./shares.ts";
import type { Group, MemberState, Node, State } from "./state.ts";
import type { EngineView, FailureView, GroupView, NodeView, PeerGroupView } from "./view.ts";

/**
 * The engine as it is at `nowMs` on the same monotonic clock that its events carry.
 */
export function snapshot(state: State, nowMs: number): EngineView {
  const { peer } = state;
  const held = heldBack(state, nowMs);
  const foreign = foreignKey(state, nowMs);
  return {
    self: state.config.self,
    generation: state.generation,
    phase: state.phase === "idle" ? "joining" : state.phase,
    holds: holdingOf(state.claim),
    inTransition: inTransition(state),
    peerHolds: peer.holds === null ? null : holdingOf(swapped(peer.holds)),
    peerBusy: holdingOf(swapped(peer.busy)),
    difference: saidDifference(state),
    ...(held === null ? {} : { heldBack: held.text }),
    ...(foreign === null ? {} : { foreignKey: foreign }),
    nodes: [...state.nodes.values()].map((node) => nodeView(node, state, nowMs)),
    groups: state.groups.map((group) => groupView(group, state, nowMs)),
    counters: Object.fromEntries(state.counters),
  };
}

function inTransition(state: State): boolean {
  // One that the peer left running moves only when somebody does something.
  const atRest = (group: Group) => isSettled(group) || leftRunningText(state, group) !== null;
  return state.phase !== "stable" || state.handover !== null || !state.groups.every(atRest);
}

/** A node that has just started says for a beat or two that it hears nothing. */
const PASSING_BEATS = 3;

function nodeView(node: Node, { config, peer, peerName }: State, nowMs: number): NodeView {
  const leftMs = node.name === peerName ? peer.leftMs : null;
  const { unheard } = node;
  const unheardMs = unheard === null ? 0 : wholeMs(nowMs - unheard.sinceMs);
  const lasts = unheard !== null && unheardMs >= PASSING_BEATS * config.keepaliveMs;
  return {
    name: node.name,
    kind: node.kind,
    self: node.self,
    status: node.status,
    left: leftMs !== null,
    ageMs: wholeMs(nowMs - (leftMs ?? node.sinceMs)),
    heardMs: node.heardMs === null ? null : wholeMs(nowMs - node.heardMs),
    deadtimeMs: node.deadtimeMs,
    ...(lasts ? { unheard: { ageMs: unheardMs, links: unheard.links } } : {}),
    links: [...node.links].map(([name, link]) => {
      const heardMs = link.heardMs === null ? null : wholeMs(nowMs - link.heardMs);
      return {
        name,
        status: link.up ? "up" : "dead",
        late: link.up && (heardMs ?? 0) > config.warntimeMs,
        ageMs: wholeMs(nowMs - link.sinceMs),
        heardMs,
        quality: qualityView(link.quality, config.keepaliveMs),
      };
    }),
  };
}

function groupView(group: Group, state: State, nowMs: number): GroupView {
  const left = leftRunningText(state, group);
  return {
    index: group.config.index,
    key: group.config.key,
    node: group.config.node,
    status: left === null ? group.status : "stopped",
    wanted: group.wanted,
    ageMs: wholeMs(nowMs - group.sinceMs),
    resources: group.config.resources.map((resource, at) => ({
      text: resource.text,
      running: runningOf(group.members[at]),
      ...(isDenied(group, at) ? { denied: true } : {}),
    })),
    failedStops: group.stopFailures,
    problem: left ?? group.problem,
    failure: failureView(group, nowMs),
    peer: peerGroupView(group, state, nowMs),
    agreed: group.agreed || !filesDiffer(state),
  };
}

function runningOf(member: MemberState | undefined): boolean | null {
  return member === "unsure" || member === "unasked" ? null : member === "up";
}

function failureView(group: Group, nowMs: number): FailureView | null {
  const failure = shownFailure(group, nowMs);
  if (failure === null) return null;
  const { atMs, ...facts } = failure;
  return { ...facts, ageMs: wholeMs(nowMs - atMs) };
}

function peerGroupView(group: Group, { peer }: State, nowMs: number): PeerGroupView | null {
  const said = peer.groups.get(group.config.key);
  if (said === undefined) return null;
  const ageMs = wholeMs(nowMs - said.sinceMs);
  if (said.state === "failed" && ageMs > FAILURE_KEPT_MS) return null;
  return { state: said.state, text: said.text, ageMs };
}

/** The clock is finer than anything that people or programs do with an age. */
function wholeMs(ms: number): number {
  return Math.round(ms);
}
