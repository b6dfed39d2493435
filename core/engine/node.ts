/**
 * The part of the memory that is about one node: whether it lives, what was heard of it, and on
 * which links. Resources are no part of it.
 */
import type { ClusterConfig } from "../types.ts";
import type { NewestStatus } from "./events.ts";
import type { Unheard } from "./hearing.ts";
import type { LinkQuality } from "./link_quality.ts";
import type { NodeStatus } from "./view.ts";

/** A path on which a node can be heard (links.ts). */
export interface Link {
  up: boolean;
  sinceMs: number;
  /** Last packet of the node on it; null before the first. */
  heardMs: number | null;
  readonly quality: LinkQuality;
}

/** What was asked again of a message that did not arrive (window.ts). */
export interface Gap {
  nextAskMs: number;
  asked: number;
}

/** Which messages of one sender were seen (window.ts). */
export interface Window {
  lastSeq: number | null;
  /** Number of the newest status. */
  statusSeq: number;
  readonly gaps: Map<number, Gap>;
  /** Numbers taken in during the last dead time, with the instant, oldest first. */
  readonly recent: Map<number, number>;
}

/** A member of the cluster or a ping target (membership.ts). */
export interface Node {
  readonly name: string;
  readonly kind: "normal" | "ping";
  readonly self: boolean;
  status: NodeStatus;
  sinceMs: number;
  /** Last fresh status message; null before the first of this life. */
  heardMs: number | null;
  /** Silence that makes it dead; its own `dt` once heard. */
  deadtimeMs: number;
  uuid: Uint8Array | null;
  /** 0 while unknown. */
  generation: number;
  /** Newest status of all its lives that any life of this host heard (freshness.ts). */
  newest: Omit<NewestStatus, "node" | "left">;
  /** Words of what it left running when it ended; null when nothing, or since its next life. */
  leftovers: readonly string[] | null;
  /** Whether it runs this program and not the original. */
  native: boolean;
  /** Digest of the haresources that it goes by; null when it says none (agreement.ts). */
  haresourcesDigest: string | null;
  readonly window: Window;
  readonly links: Map<string, Link>;
  /** What it says that it does not hear of this node (hearing.ts). */
  unheard: Unheard | null;
  /** Packets in its name that did not verify, by link (foreign_key.ts). */
  readonly unverified: Map<string, Unverified>;
}

/** The last of them on one link. */
export interface Unverified {
  readonly cause: string;
  readonly atMs: number;
  /** The last beat among them. */
  readonly beatMs: number;
}

/** A node of which nothing was heard. */
export function newNode(config: ClusterConfig, name: string, kind: Node["kind"]): Node {
  return {
    name,
    kind,
    self: name === config.self,
    status: "init",
    sinceMs: 0,
    heardMs: null,
    deadtimeMs: config.deadtimeMs,
    uuid: null,
    generation: 0,
    newest: { generation: 0, seq: 0, sentS: 0 },
    leftovers: null,
    native: false,
    haresourcesDigest: null,
    window: { lastSeq: null, statusSeq: 0, gaps: new Map(), recent: new Map() },
    links: new Map(),
    unheard: null,
    unverified: new Map(),
  };
}
