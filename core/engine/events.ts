/**
 * Everything that can happen to the engine, as a closed union. The driver builds these; nothing
 * else reaches the machine. Each carries the instant at which it happened, because the engine has
 * no clock of its own.
 */
import type { ClusterConfig, GroupConfig, Message, Outcome } from "../types.ts";
import type { Timer } from "./timer.ts";

/** Monotonic time decides; wall time only fills the `ts` field that the protocol asks for. */
export interface Instant {
  readonly monoMs: number;
  readonly wallS: number;
}

/** Which groups a command is about, seen from the node that runs it (`failback` = `foreign`). */
export type Share = "all" | "local" | "foreign";

/** What a takeover may set aside by a word of the operator. */
export type Although = "key-differs";

/** What an operator can order. */
export type Command =
  /** Hand the share over to the peer. */
  | { readonly kind: "standby"; readonly share: Share }
  /** Ask the peer to hand the share over to this node. */
  | { readonly kind: "takeover"; readonly share: Share; readonly although?: Although }
  /** Release everything in order, tell the peer, and end. */
  | { readonly kind: "stop" }
  /** Try again what failed of a group; or believe that nothing of it runs here. */
  | { readonly kind: "retry"; readonly group: string; readonly isStopped: boolean }
  /** Believe that a node is off, and with it what it left running. */
  | { readonly kind: "confirm"; readonly node: string };

/** The newest status that this host ever heard of a node. */
export interface NewestStatus {
  readonly node: string;
  readonly generation: number;
  readonly seq: number;
  /** Its latest time of sending, in Unix seconds of its own clock. */
  readonly sentS: number;
  /** What it left running when that life of it ended; absent when nothing. */
  readonly left?: readonly string[];
}

/** A group that nobody could reach if it ran on this host. */
export interface UnreachableGroup {
  readonly key: string;
  /** One clause: which of its addresses, and what is wrong with its interface. */
  readonly why: string;
}

/** A whole packet that was not believed; who sent it is not known, only in whose name. */
export interface UnverifiedReport {
  /** Name of the link on which it came. */
  readonly medium: string;
  readonly source: string;
  readonly isBeat: boolean;
  /** Why it was not believed, in the words of the wire. */
  readonly cause: string;
}

/** What a medium says of itself. */
export interface MediumReport {
  /** Name of its link, which two media of one interface share. */
  readonly medium: string;
  /** What tells it from all others: `ucast eth1 10.0.0.2:694`. */
  readonly title: string;
  readonly usable: boolean;
  /** False: this host has not let it be opened. A lost carrier leaves it open. */
  readonly open: boolean;
  readonly reason: string;
}

export type Event =
  /** First event of a life; the driver has raised and stored the generation. */
  | {
    readonly kind: "start";
    readonly at: Instant;
    readonly generation: number;
    /** 16 bytes. */
    readonly uuid: Uint8Array;
    /** Groups that the note of an earlier life of this daemon left as held. */
    readonly held: readonly GroupConfig[];
    /** Groups without a line that an earlier life had not stopped yet. */
    readonly removed: readonly GroupConfig[];
    /** What earlier lives heard of the other nodes. */
    readonly newest: readonly NewestStatus[];
  }
  /** A packet that was decoded and whose signature is right; freshness is the engine's matter. */
  | {
    readonly kind: "message";
    readonly at: Instant;
    /** Name of the link on which it came. */
    readonly medium: string;
    readonly message: Message;
  }
  /** A timer that an `arm` effect asked for has come due. */
  | { readonly kind: "timer"; readonly at: Instant; readonly timer: Timer }
  /** The operation that a `run` effect ordered has ended. */
  | {
    readonly kind: "operation";
    readonly at: Instant;
    readonly id: number;
    readonly outcome: Outcome;
  }
  /** An operator's order; a `reply` effect with the same id answers it. */
  | {
    readonly kind: "command";
    readonly at: Instant;
    readonly id: number;
    readonly command: Command;
  }
  /** A medium opened, lost or regained its interface on this host. */
  | ({ readonly kind: "medium"; readonly at: Instant } & MediumReport)
  /** The kernel was asked, as before each planned move: these are all, whatever was said before. */
  | {
    readonly kind: "reach";
    readonly at: Instant;
    readonly unreachable: readonly UnreachableGroup[];
  }
  /** Packets that do not verify; at most a few reports in a second of each node and medium. */
  | ({ readonly kind: "unverified"; readonly at: Instant } & UnverifiedReport)
  /** An Ethernet interface of this host, medium or not, can carry packets again. */
  | { readonly kind: "carrier"; readonly at: Instant; readonly interface: string }
  /** A new checked configuration of the same nodes. */
  | { readonly kind: "reload"; readonly at: Instant; readonly config: ClusterConfig };
