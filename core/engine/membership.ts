/**
 * Who is alive: beats, status messages, late and dead nodes, restarts, and the moment at which
 * every node was heard or given up (reference: cluster semantics, sections 2 to 5; wire protocol,
 * section 10.2). It knows nothing of resources; what it learns it returns as a `News` value.
 */
import { bytes, hexNumber, text } from "../wire/fields.ts";
import type { ClusterConfig, Message } from "../types.ts";
import { hearingSinceMs } from "./deafness.ts";
import { keyHoldEndsMs } from "./foreign_key.ts";
import {
  isOutdated,
  noteStatus,
  persistFreshness,
  persistFreshnessNowAndThen,
} from "./freshness.ts";
import { hearingFields, noteHearing } from "./hearing.ts";
import { broadcast, field } from "./outbox.ts";
import { leftField } from "./leftovers.ts";
import { sweepLinks } from "./links.ts";
import type { Node, State } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { NodeStatus } from "./view.ts";
import { resetWindow } from "./window.ts";

/** What a status message means for those who look after resources. */
export type News = "nothing" | "restarted" | "returned";

/** A peer cannot ask for more patience than this. */
const DEADTIME_LIMIT_MS = 3_600_000;

/** Sends one heartbeat. */
export function beat(turn: Turn): void {
  const { state } = turn;
  state.lastBeatMs = turn.nowMs;
  broadcast(turn, [
    field("t", "status"),
    field("st", nodeNamed(state, state.config.self).status),
    field("dt", state.config.deadtimeMs.toString(16)),
    field("protocol", "1"),
    // An original peer ignores this; one of our own learns from it that finer words are understood.
    field("native", "1"),
    ...(state.haresourcesDigest === null ? [] : [field("haresources", state.haresourcesDigest)]),
    ...hearingFields(state),
    ...leftField(state),
  ]);
}

/** The record of a node that is in the configuration. */
export function nodeNamed(state: State, name: string): Node {
  const node = state.nodes.get(name);
  if (node === undefined) throw new Error(`"${name}" is not among the nodes`);
  return node;
}

/** Changes this host's own state and tells the others at once. */
export function setOwnStatus(turn: Turn, status: NodeStatus): void {
  const node = nodeNamed(turn.state, turn.state.config.self);
  setStatus(turn, node, status);
  turn.log("info", `Local status now set to: '${status}'`);
  beat(turn);
}

function setStatus(turn: Turn, node: Node, status: NodeStatus): void {
  node.status = status;
  node.sinceMs = turn.nowMs;
}

/**
 * Sends the beat that is due and arranges for the next, without drift.
 * @param dueMs when this beat was due; beats missed during a pause are not made up for
 */
export function beatTimer(turn: Turn, dueMs: number): void {
  beat(turn);
  sweepLinks(turn);
  persistFreshnessNowAndThen(turn);
  const paceMs = paceOf(turn, turn.state.config);
  turn.arm({ kind: "beat" }, Math.max(dueMs, turn.nowMs - paceMs / 2) + paceMs);
}

/** Time from this beat to the next. */
function paceOf({ state: { oldPace }, nowMs }: Turn, { keepaliveMs }: ClusterConfig): number {
  return nowMs < oldPace.untilMs ? Math.min(oldPace.keepaliveMs, keepaliveMs) : keepaliveMs;
}

/**
 * Puts the times of a new configuration in force. The others measure our silence with the dead time
 * that our beats carry, so they are told at once; one that misses that still measures with the old
 * one, so for so long beats come no later than before.
 */
export function retime(turn: Turn, before: ClusterConfig): void {
  const { state } = turn;
  const { deadtimeMs } = state.config;
  state.oldPace = {
    keepaliveMs: paceOf(turn, before),
    untilMs: Math.max(state.oldPace.untilMs, turn.nowMs + before.deadtimeMs),
  };
  for (const node of state.nodes.values()) {
    // A node that was heard said its own.
    if (node.self || node.generation === 0) node.deadtimeMs = deadtimeMs;
  }
  beat(turn);
  turn.arm({ kind: "beat" }, turn.nowMs + paceOf(turn, state.config));
  watchAll(turn);
}

/** Starts to watch every other node; at boot the patience is `initdead`. */
export function watchAll(turn: Turn): void {
  for (const node of turn.state.nodes.values()) {
    if (node.self || node.kind === "ping") continue;
    watch(turn, node);
  }
}

/** A watch that comes due early looks again; so a beat moves no timer. */
function watch(turn: Turn, node: Node): void {
  const endsMs = silenceEndsMs(turn, node);
  const timer = { kind: "silence", node: node.name } as const;
  const armedMs = turn.dueMs(timer);
  if (endsMs === Infinity || (armedMs !== undefined && armedMs <= endsMs)) return;
  // Less patience by a reload may be over already.
  turn.arm(timer, Math.max(endsMs, turn.nowMs));
}

function silenceEndsMs(turn: Turn, node: Node): number {
  const { state } = turn;
  const booting = node.heardMs === null || (state.phase === "joining" && node.status === "init");
  const patienceMs = booting ? state.config.initdeadMs : node.deadtimeMs;
  const fromMs = Math.max(node.heardMs ?? node.sinceMs, hearingSinceMs(state, node));
  return Math.max(fromMs + patienceMs, keyHoldEndsMs(state, node));
}

/** The silence of `node` may have lasted long enough: then it is dead. */
export function silenceOver(turn: Turn, node: Node): void {
  if (node.status === "dead") return;
  if (turn.nowMs < silenceEndsMs(turn, node)) return watch(turn, node);
  declareDead(turn, node);
}

/** From now on nobody waits for `node`: its silence was long enough, or a person said so. */
export function declareDead(turn: Turn, node: Node): void {
  turn.log("warn", `node ${node.name}: is dead`);
  setStatus(turn, node, "dead");
  node.window.gaps.clear();
  persistFreshness(turn);
}

/**
 * Takes in a fresh status message of another node.
 * @param news what `judgeGeneration` found in it
 * @param gapMs for how long nothing newer than all before had been heard of the node
 */
export function statusHeard(
  turn: Turn,
  node: Node,
  message: Message,
  news: News,
  gapMs: number,
): void {
  const status = text(message, "st") ?? "";
  node.native = text(message, "native") === "1";
  node.haresourcesDigest = text(message, "haresources") ?? null;
  noteHearing(node, message, turn.nowMs);
  const deadtimeMs = hexNumber(message, "dt");
  if (deadtimeMs !== undefined && deadtimeMs > 0) {
    node.deadtimeMs = Math.min(deadtimeMs, DEADTIME_LIMIT_MS);
  }
  if (news === "nothing" && gapMs > turn.state.config.warntimeMs && node.status !== "dead") {
    turn.log("warn", `Late heartbeat: Node ${node.name}: interval ${Math.round(gapMs)} ms`);
  }
  const known = status === "init" || status === "up" || status === "active" ? status : null;
  if (known === null) {
    turn.complain("status-odd", "warn", `Status "${status}" of node ${node.name} is not known`);
  } else if (known !== node.status) {
    turn.log("info", `Status update for node ${node.name}: status ${known}`);
    setStatus(turn, node, known);
  }
  noteStatus(node, node.generation, node.window.statusSeq, message);
  if (news !== "nothing") persistFreshness(turn);
  watch(turn, node);
}

/**
 * Rules 3 to 6 of the decision table: compares the generation of a message with the known one.
 * @returns what to do with the message, and what it means
 */
export function judgeGeneration(
  turn: Turn,
  node: Node,
  message: Message,
  seq: number,
): { readonly accept: boolean; readonly news: News } {
  const generation = hexNumber(message, "hg") ?? 0;
  const isStatus = text(message, "t") === "status";
  if (generation < node.generation) return outdated(turn, node, generation);
  if (generation > node.generation) {
    // Only a status opens a new life; the rest is asked for again once that has come.
    if (!isStatus) return { accept: false, news: "nothing" };
    if (isOutdated(node, generation, seq, message)) return outdated(turn, node, generation);
    const restarted = node.generation !== 0;
    // Its next life says itself what it holds.
    if (generation !== node.newest.generation) node.leftovers = null;
    node.generation = generation;
    node.uuid = bytes(message, "srcuuid") ?? null;
    resetWindow(node.window, seq - 1);
    node.heardMs = null;
    if (restarted && node.status !== "dead") {
      turn.log("warn", `Heartbeat restart on node ${node.name}`);
    }
    return { accept: true, news: "restarted" };
  }
  if (node.status === "dead") {
    // Only a status that is newer than everything heard can show that the node lives.
    if (!isStatus || seq <= (node.window.lastSeq ?? 0)) {
      turn.count("from-dead");
      return { accept: false, news: "nothing" };
    }
    turn.log("crit", `Cluster node ${node.name} returning after partition.`);
    resetWindow(node.window, seq - 1);
    return { accept: true, news: "returned" };
  }
  return { accept: true, news: "nothing" };
}

function outdated(turn: Turn, node: Node, generation: number) {
  const known = Math.max(node.generation, node.newest.generation);
  turn.complain(
    "replayed",
    "warn",
    `should_drop_message: attempted replay attack [${node.name}]? ` +
      `[gen = ${generation}, curgen = ${known}]`,
  );
  return { accept: false, news: "nothing" } as const;
}

/** Every node was heard or given up, so resources may be thought of. */
export function everyNodeKnown(state: State): boolean {
  for (const node of state.nodes.values()) {
    if (!node.self && node.kind === "normal" && node.status === "init") return false;
  }
  return true;
}

/** Answers `reqnodes`, without which an original peer never becomes active. */
export function answerNodeList(turn: Turn, asker: Node): void {
  const names = turn.state.config.nodes.map((name) => `${name} `).join("");
  broadcast(turn, [
    field("dest", asker.name),
    field("t", "repnodes"),
    field("nodelist", names),
    field("delnodelist", " "),
  ], asker);
}
