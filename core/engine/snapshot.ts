/**
 * The state as a picture for people and programs (view.ts). It reads and never changes anything.
 */
import { saidDifference } from "./agreement.ts";
import { isSettled } from "./groups.ts";
import { qualityView } from "./link_quality.ts";
import { holdingOf, swapped } from "./shares.ts";
import type { Group, MemberState, Node, State } from "./state.ts";
import type { EngineView, GroupView, NodeView } from "./view.ts";
import type { ClusterConfig } from "../types.ts";

/**
 * The engine as it is at `nowMs` on the same monotonic clock that its events carry.
 */
export function snapshot(state: State, nowMs: number): EngineView {
  const { peer } = state;
  return {
    self: state.config.self,
    generation: state.generation,
    phase: state.phase === "idle" ? "joining" : state.phase,
    holds: holdingOf(state.claim),
    inTransition: inTransition(state),
    peerHolds: peer.holds === null ? null : holdingOf(swapped(peer.holds)),
    difference: saidDifference(state),
    nodes: [...state.nodes.values()].map((node) => nodeView(node, state.config, nowMs)),
    groups: state.groups.map((group) => groupView(group, nowMs)),
    counters: Object.fromEntries(state.counters),
  };
}

function inTransition(state: State): boolean {
  return state.phase !== "stable" || state.handover !== null || !state.groups.every(isSettled);
}

function nodeView(node: Node, config: ClusterConfig, nowMs: number): NodeView {
  return {
    name: node.name,
    kind: node.kind,
    self: node.self,
    status: node.status,
    ageMs: wholeMs(nowMs - node.sinceMs),
    heardMs: node.heardMs === null ? null : wholeMs(nowMs - node.heardMs),
    deadtimeMs: node.deadtimeMs,
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

function groupView(group: Group, nowMs: number): GroupView {
  return {
    index: group.config.index,
    key: group.config.key,
    node: group.config.node,
    status: group.status,
    wanted: group.wanted,
    ageMs: wholeMs(nowMs - group.sinceMs),
    resources: group.config.resources.map((resource, at) => ({
      text: resource.text,
      running: runningOf(group.members[at]),
    })),
    failedStops: group.stopFailures,
    problem: group.problem,
  };
}

function runningOf(member: MemberState | undefined): boolean | null {
  return member === "unsure" || member === "unasked" ? null : member === "up";
}

/** The clock is finer than anything that people or programs do with an age. */
function wholeMs(ms: number): number {
  return Math.round(ms);
}
