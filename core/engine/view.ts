/**
 * The picture of the engine's state that status, `cl_status` and the tests read. It is built on
 * demand from the live state and holds plain JSON values only; ages are in whole milliseconds
 * before the moment of the question, so that no clock of one host is ever compared with another's.
 */

import type { Failure } from "./failure.ts";

/** Life of a node as `cl_status nodestatus` prints it (reference: cluster semantics, section 2). */
export type NodeStatus = "init" | "up" | "active" | "dead" | "ping";

/** What came on one link, and what did not, since this daemon started. */
export interface LinkQualityView {
  /** Numbered messages of the node that came on this link; each once. */
  readonly heard: number;
  /** Those that did not come, as its later numbers show; the newest 32 are not judged yet. */
  readonly lost: number;
  readonly worstGapMs: number;
  /** How often the time between two packets was so long; the last class is open (null). */
  readonly gaps: readonly { readonly upToMs: number | null; readonly count: number }[];
}

export interface LinkView {
  readonly name: string;
  readonly status: "up" | "dead";
  /** Up, and silent for longer than warntime. */
  readonly late: boolean;
  /** Since when it is in that state. */
  readonly ageMs: number;
  /** Time since the last packet; null when none ever came. */
  readonly heardMs: number | null;
  readonly quality: LinkQualityView;
}

export interface NodeView {
  readonly name: string;
  readonly kind: "normal" | "ping";
  readonly self: boolean;
  readonly status: NodeStatus;
  /** It released everything and left in order; `status` becomes dead after that, as with the original. */
  readonly left: boolean;
  /** Since when it is in that status, or since when it has left. */
  readonly ageMs: number;
  /** Time since the last status message; null when none ever came. */
  readonly heardMs: number | null;
  /** Silence after which this node counts as dead. */
  readonly deadtimeMs: number;
  readonly links: readonly LinkView[];
  /** What it has said for a while that it does not hear of this node; absent when all is well. */
  readonly unheard?: {
    readonly ageMs: number;
    /** Names of its own links; null: it hears nothing at all. */
    readonly links: string | null;
  };
}

export type GroupStatus = "stopped" | "starting" | "started" | "stopping" | "blocked";

export interface FailureView extends Omit<Failure, "atMs"> {
  readonly ageMs: number;
}

/** `partial`: some of it runs there, and the rest does not stop; `failed`: it did not start there. */
export type PeerGroupState = "starting" | "stopping" | "blocked" | "partial" | "failed";

export interface PeerGroupView {
  readonly state: PeerGroupState;
  /** The last trouble with it, in the peer's words; empty when there is none. */
  readonly text: string;
  readonly ageMs: number;
}

export interface GroupView {
  readonly index: number;
  readonly key: string;
  /** Preferred node. */
  readonly node: string;
  readonly status: GroupStatus;
  /** Whether this node means to run it. */
  readonly wanted: boolean;
  readonly ageMs: number;
  /**
   * Resources left to right. `running` as far as this node started or found them; null after a
   * start or stop that failed, until the next one or its status tells.
   */
  readonly resources: readonly {
    readonly text: string;
    readonly running: boolean | null;
    /** It was started, and its status says that it does not run; absent otherwise. */
    readonly denied?: true;
  }[];
  /** Stops in a row that failed; 0 when none did. */
  readonly failedStops: number;
  /**
   * Last failure in one sentence, until the group starts or stops cleanly; or why it waits for
   * somebody to do something.
   */
  readonly problem: string | null;
  /** The last failure, also of a group that serves elsewhere since; for an hour at most. */
  readonly failure: FailureView | null;
  /** What the peer said of it; null when it stands still or runs whole there, for all that is known. */
  readonly peer: PeerGroupView | null;
  /** Both nodes mean the same by it: what the peer says of its half tells of this group. */
  readonly agreed: boolean;
}

export type Holding = "none" | "local" | "foreign" | "all";

export interface EngineView {
  readonly self: string;
  readonly generation: number;
  /** `joining` until every node was heard or given up; `left` once everything is released. */
  readonly phase: "joining" | "settling" | "stable" | "leaving" | "left";
  /** What `cl_status rscstatus` prints, unless in transition. */
  readonly holds: Holding;
  readonly inTransition: boolean;
  /** What the peer said last; null while unknown. */
  readonly peerHolds: Holding | null;
  /** Of what it does not hold, what is still being stopped there, as far as it says so. */
  readonly peerBusy: Holding;
  /** That the living peer goes by another haresources, in a sentence; null when it does not. */
  readonly difference: string | null;
  /** Why nothing is taken although nobody is heard, in a sentence; absent when that is not so. */
  readonly heldBack?: string;
  /** That packets in another node's name do not verify; absent when none came lately. */
  readonly foreignKey?: {
    readonly text: string;
    /** Nothing else is heard of the node, so that both may serve. */
    readonly grave: boolean;
  };
  readonly nodes: readonly NodeView[];
  readonly groups: readonly GroupView[];
  /**
   * Named counts since the start, for those who look for a fault: `duplicates` that came on a second
   * medium, `acks` heard, `requested` and `resent` messages, `irretrievable` ones, `replayed` …
   */
  readonly counters: Readonly<Record<string, number>>;
}
