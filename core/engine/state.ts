/**
 * The whole memory of the engine as one readable type, and its first value. A part with a module's
 * name behind it is that module's own. What decides who serves (phase, claim, peer, handover,
 * mayFailBack) is changed by every rule and every message that is about it, within a step; nothing
 * here is ever shared with the outside except through `snapshot`.
 */
import type { ClusterConfig, GroupConfig, Message } from "../types.ts";
import type { MediumState } from "./deafness.ts";
import type { Share } from "./events.ts";
import type { Failure } from "./failure.ts";
import type { Announced } from "./holdings.ts";
import type { Look } from "./looks.ts";
import { newNode, type Node } from "./node.ts";
import type { Ordered } from "./orders.ts";
import type { PeerGroups } from "./peer_groups.ts";
import type { GroupStatus } from "./view.ts";

export type { Gap, Link, Node, Window } from "./node.ts";

/** A yes or no for each half of the resource groups, seen from this node. */
export interface Shares {
  readonly local: boolean;
  readonly foreign: boolean;
}

export const NO_SHARE: Shares = { local: false, foreign: false };
export const EVERY_SHARE: Shares = { local: true, foreign: true };

/** What the other node said about resources in its present life. */
export interface PeerClaims {
  /** Null until it said so. Shares are turned round: `local` means that it holds *our* groups. */
  holds: Shares | null;
  /** Sequence number of the message that said it, so that a late repeat changes nothing. */
  seq: number;
  /** It has announced that nothing is in motion on its side. */
  stable: boolean;
  /** Shares that it does not hold, or not for long, and of which something still runs there. */
  busy: Shares;
  /** It started and has not been stable since. */
  joining: boolean;
  /** It announced its shutdown and is releasing. */
  leaving: boolean;
  /** Words of what still runs there and should not: it leaves, or their line was removed. */
  keeps: readonly string[] | null;
  /** When it said that it has released everything and will fall silent; null while it has not. */
  leftMs: number | null;
  /** What it said of single groups, if anything. */
  groups: PeerGroups;
  /** An original that we had given up: it restarts itself, and says nothing sensible before. */
  returning: boolean;
  /** Such a one, until it ends: it ran what we run, too. On a busy host that takes long. */
  ranBeside: boolean;
}

/** What was asked, and is owed, where the pair speaks as `legacy` does (legacy.ts). */
export interface Requests {
  /** Own groups for which the peer has not answered yet; null before the question. */
  asked: Set<string> | null;
  /** Groups that the peer asked for, and whether we held them then. */
  readonly owed: Map<string, boolean>;
}

/** A planned move of a share, in the words of the three-phase standby protocol (handover.ts). */
export type Handover =
  /** We offered to give; waiting for consent. */
  | { readonly phase: "asked"; readonly share: Share; readonly ordered: Ordered }
  /** The peer consented; our groups are stopping. */
  | {
    readonly phase: "releasing";
    readonly share: Share;
    readonly peerSeq: number;
    /** What we held of the share; it is ours again if the move is called off. */
    readonly given: Shares;
  }
  /** Ours are stopped and the peer knows; waiting for its completion. */
  | { readonly phase: "released"; readonly share: Share; readonly peerSeq: number }
  /** We consented to take; waiting for the peer's stop. `share` is in the peer's words. */
  | { readonly phase: "consented"; readonly share: Share; readonly peerSeq: number }
  /** The peer has stopped; our groups are starting. */
  | { readonly phase: "acquiring"; readonly share: Share };

/** `unsure`: it must be stopped or looked at. `unasked`: behind a failed start, and may run all the same. */
export type MemberState = "down" | "up" | "unsure" | "unasked";

/** One group of haresources and what this node does with it. */
export interface Group {
  /** Its identity in this life; in the next one its resources are (`resourceLine`). */
  readonly id: number;
  /** Replaced on reload, when the line itself stayed the same. */
  config: GroupConfig;
  /** Gone from the configuration; kept until it is stopped. */
  retired: boolean;
  /** Its line was changed while it ran; the groups `rests`, what it lost, stop first (reload.ts). */
  readonly changed: { readonly rests: readonly number[] } | null;
  /** The peer's present life was seen to go by the same file (agreement.ts). */
  agreed: boolean;
  /** This node should run it. */
  wanted: boolean;
  readonly members: MemberState[];
  operation:
    | { readonly id: number; readonly verb: "start" | "stop" | "status"; readonly member: number }
    | null;
  /** Looking at what an earlier life left behind; members not yet looked at. */
  probes: number[];
  /** Member whose status was just found not to be running: it is the next to start. */
  checked: number | null;
  /** A start failed: stop what runs, then try again. */
  rollback: boolean;
  startFailures: number;
  /** It did not start here and was given to the peer: not again before something has changed. */
  movedAway: boolean;
  stopFailures: number;
  /** All tries to stop were used up: its status has the next word. */
  doubted: boolean;
  /** It runs although it was stopped as often as is allowed. */
  blocked: boolean;
  /** Nothing is done before this instant. */
  retryAtMs: number | null;
  /** When its addresses are announced again (readdress.ts). */
  announceAtMs: readonly number[];
  status: GroupStatus;
  sinceMs: number;
  /** Last failure in one sentence, until the group starts or stops cleanly. */
  problem: string | null;
  /** The last failure, also when the group serves elsewhere since (failure.ts). */
  failure: Failure | null;
  /** Members whose status is still to agree that they run, by their place (looks.ts). */
  readonly looks: Map<number, Look>;
}

/** A message kept for those who missed it (outbox.ts). */
export interface Sent {
  readonly message: Message;
  sentMs: number;
}

export interface State {
  config: ClusterConfig;
  /** False: this node beats, and neither holds nor takes anything. */
  readonly manages: boolean;
  generation: number;
  uuid: Uint8Array;
  /** Last sequence number used. */
  seq: number;
  /** By sequence number, oldest first. */
  readonly history: Map<number, Sent>;
  /** In the order of the configuration, this node included. */
  readonly nodes: Map<string, Node>;
  /** By title, as each said last (deafness.ts). */
  readonly media: Map<string, MediumState>;
  /** When this node, after a time without any open medium, could hear again. */
  hearingSinceMs: number;
  /** When addresses were last announced for a carrier that came. */
  carrierMs: number;
  /** The other node of the pair; null where there is none. */
  readonly peerName: string | null;
  peer: PeerClaims;
  /** Groups found running at the start are kept; not so after a pause of this host. */
  adopting: boolean;
  phase: "idle" | "joining" | "settling" | "stable" | "leaving" | "left";
  /** What this node is responsible for. */
  claim: Shares;
  /** Last `resource` message sent, so that changes alone are announced. */
  announced: Announced | null;
  /** The peer asked for our holdings before we could answer. */
  answerOwed: boolean;
  legacy: Requests;
  handover: Handover | null;
  /** An operator here asked for a share; neither yes nor no of the peer has come (orders.ts). */
  takeover: { readonly id: number; readonly share: Share; readonly generation: number } | null;
  /** The peer fell out since the foreign share was moved on purpose: it may go home by itself. */
  mayFailBack: boolean;
  /** A share that both sides claim, since the peer came back. */
  contested: Shares;
  /** When a share that would not start here was offered, as long as the peer has not taken it. */
  readonly offered: { local: number | null; foreign: number | null };
  readonly groups: Group[];
  /** Why nobody would reach a group here, by its key; as the kernel was asked last. */
  unreachable: ReadonlyMap<string, string>;
  /** Digest of them that beats carry; null for a node that manages none (agreement.ts). */
  haresourcesDigest: string | null;
  /** Since when the peer goes by another haresources, and when that was said last. */
  difference: { readonly sinceMs: number; readonly saidMs: number | null } | null;
  nextGroup: number;
  nextOperation: number;
  /** Last stored list of groups, as text. */
  persistedGroups: string;
  /** What was last stored of the others, as text, and when. */
  persistedFreshness: { readonly text: string; readonly atMs: number };
  /** This life has to end although something does not stop (leftovers.ts). */
  leavesBehind: boolean;
  /** Commands that wait for the end. */
  readonly stopRequests: number[];
  /** When each armed timer is due, by its key. */
  readonly timers: Map<string, number>;
  lastEventMs: number;
  lastBeatMs: number;
  /** The times that a reload replaced go on for a while: beats as often as with the old keepalive. */
  oldPace: { readonly keepaliveMs: number; readonly untilMs: number };
  /** End of the last pause of this host. */
  thawedMs: number;
  readonly counters: Map<string, number>;
  /** When each kind of complaint was last logged. */
  readonly complaints: Map<string, number>;
}

/** Nothing known of the peer's resources. */
export function unknownClaims(): PeerClaims {
  const unknown = { holds: null, seq: 0, stable: false, busy: EVERY_SHARE, joining: true };
  const there = { leaving: false, keeps: null, leftMs: null, groups: new Map() };
  return { ...unknown, ...there, returning: false, ranBeside: false };
}

/** Nothing asked and nothing owed. */
export function noRequests(): Requests {
  return { asked: null, owed: new Map() };
}

/** A group of which nothing runs here. */
export function newGroup(id: number, config: GroupConfig, nowMs: number): Group {
  return {
    id,
    config,
    retired: false,
    changed: null,
    agreed: false,
    wanted: false,
    members: config.resources.map(() => "down"),
    operation: null,
    probes: [],
    checked: null,
    rollback: false,
    startFailures: 0,
    movedAway: false,
    stopFailures: 0,
    doubted: false,
    blocked: false,
    retryAtMs: null,
    announceAtMs: [],
    status: "stopped",
    sinceMs: nowMs,
    problem: null,
    failure: null,
    looks: new Map(),
  };
}

/**
 * The engine before its `start` event.
 * @param manages false for a node that only beats (the option `-M`)
 */
export function initialState(config: ClusterConfig, manages = true): State {
  const nodes = new Map<string, Node>();
  for (const name of config.nodes) nodes.set(name, newNode(config, name, "normal"));
  for (const name of config.pingNodes) nodes.set(name, newNode(config, name, "ping"));
  const others = config.nodes.filter((name) => name !== config.self);
  return {
    config,
    manages,
    generation: 0,
    uuid: new Uint8Array(16),
    seq: 0,
    history: new Map(),
    nodes,
    media: new Map(),
    hearingSinceMs: -Infinity,
    carrierMs: -Infinity,
    peerName: others[0] ?? null,
    peer: unknownClaims(),
    adopting: true,
    phase: "idle",
    claim: NO_SHARE,
    announced: null,
    answerOwed: false,
    legacy: noRequests(),
    handover: null,
    takeover: null,
    mayFailBack: false,
    contested: NO_SHARE,
    offered: { local: null, foreign: null },
    groups: config.groups.map((group, id) => newGroup(id, group, 0)),
    unreachable: new Map(),
    haresourcesDigest: null,
    difference: null,
    nextGroup: config.groups.length,
    nextOperation: 1,
    persistedGroups: "",
    persistedFreshness: { text: "[]", atMs: -Infinity },
    leavesBehind: false,
    stopRequests: [],
    timers: new Map(),
    lastEventMs: 0,
    lastBeatMs: 0,
    oldPace: { keepaliveMs: 0, untilMs: -Infinity },
    thawedMs: -Infinity,
    counters: new Map(),
    complaints: new Map(),
  };
}
