/**
 * What a command and the running daemon say to each other over the control socket
 * (`run/heartbeat/control.sock`): one JSON object a line, one answer a question, in order. The
 * kernel's peer credentials decide who may ask what: anybody who may connect may ask, root alone
 * may order.
 */
import type { EngineView } from "../engine/view.ts";
import type { Although, Share } from "../engine/events.ts";
import type { RejectCause } from "../wire/rejection.ts";
import type { AddressTrouble } from "./address_troubles.ts";
import type { MediumStats } from "../../transports/contract.ts";

export type Request =
  | { readonly ask: "status" }
  /** A parameter as ha.cf wrote it or as it defaulted; `cl_status hbparameter`. */
  | { readonly ask: "parameter"; readonly name: string }
  | { readonly order: "standby"; readonly share: Share }
  | { readonly order: "takeover"; readonly share: Share; readonly although?: Although }
  | { readonly order: "stop" }
  | { readonly order: "retry"; readonly group: string; readonly isStopped: boolean }
  | { readonly order: "confirm"; readonly node: string }
  /** `dryRun`: only say what it would do. */
  | { readonly order: "reload"; readonly dryRun?: boolean };

export interface MediumView {
  readonly kind: string;
  readonly name: string;
  readonly title: string;
  readonly usable: boolean;
  /** False: this host has not let it be opened. */
  readonly open: boolean;
  readonly reason: string;
  readonly stats: MediumStats;
}

/** `unsendable`: a message of our own that does not fit a packet. */
export type DropCause = RejectCause | "unsendable";

/** How many packets were dropped before the engine or the media, by cause. */
export type DroppedPackets = Readonly<Partial<Record<DropCause, number>>>;

export interface DaemonView {
  readonly version: string;
  readonly pid: number;
  readonly uptimeMs: number;
  readonly engine: EngineView;
  readonly media: readonly MediumView[];
  readonly dropped: DroppedPackets;
  /** What is wrong with the daemon itself, in sentences; absent when nothing is. */
  readonly problems?: readonly string[];
  /** What the kernel says against addresses that run here; absent when that is nothing. */
  readonly addresses?: readonly AddressTrouble[];
}

export type Answer =
  | { readonly ok: true; readonly status: DaemonView }
  /** `value` is null when the daemon knows no such parameter. */
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string };
