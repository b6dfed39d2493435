/**
 * What the daemon and its plugin hosts say to each other: one JSON object a line. A host performs
 * one call at a time; programs that an agent wants to run are run by the daemon, under the same
 * bounds as scripts, so that they neither die with the host nor outlive their deadline.
 */
import type { SourcePiece } from "./plugin_sources.ts";

/** First word of the plugin host's command line; hidden from help. */
export const PLUGIN_HOST_SUBCOMMAND = "__plugin-host";

/** Where the host finds its ends: requests come on stdin, answers go out here. */
export const ANSWER_DESCRIPTOR = 3;
/** Longest line in either direction; a program's output (64 kB) fits, however it is escaped. */
export const MAX_MESSAGE_BYTES = 512 * 1024;

/**
 * `load` only loads the file and describes the agent; `validate` only looks at the arguments; before
 * the answer to `sources` comes the text of every file that was read since the last one.
 */
export type PluginVerb =
  | "load"
  | "sources"
  | "validate"
  | "start"
  | "stop"
  | "status"
  | "monitor"
  | "announce";

export interface PluginCall {
  readonly kind: "call";
  readonly id: number;
  readonly verb: PluginVerb;
  readonly path: string;
  readonly args: readonly string[];
  readonly deadlineMs: number;
}

export type ToHost =
  | PluginCall
  /** Before any call: counts instead of the file. */
  | SourcePiece
  /** The call that is being performed is given up; its signal aborts. */
  | { readonly kind: "cancel" }
  | { readonly kind: "ran"; readonly id: number; readonly code: number; readonly output: string }
  | {
    readonly kind: "not-ran";
    readonly id: number;
    readonly reason: string;
    readonly missing: boolean;
  };

/** What `heartbeat agent info` shows of a plugin. */
export interface PluginDescription {
  readonly name: string;
  readonly summary: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly doc: string;
  }[];
  /** Functions beyond start, stop and status. */
  readonly extras: readonly string[];
}

export type FromHost =
  | { readonly kind: "ready" }
  | {
    readonly kind: "done";
    readonly id: number;
    /** Answer of status and monitor; absent after other calls. */
    readonly status?: "running" | "stopped";
    /** Answer of load. */
    readonly description?: PluginDescription;
  }
  | {
    readonly kind: "error";
    readonly id: number;
    readonly reason: string;
    /** Why nothing was begun; absent when something may have been. */
    readonly unbegun?: "missing" | "refused";
  }
  | {
    readonly kind: "run";
    readonly id: number;
    readonly program: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  }
  | {
    readonly kind: "log";
    readonly level: "debug" | "info" | "warn" | "error";
    readonly text: string;
  }
  | SourcePiece
  /** From now on it must not be seen anywhere. */
  | { readonly kind: "secret"; readonly value: string }
  /** The last message of a host that its plugin brings to an end, and how it does. */
  | { readonly kind: "dying"; readonly reason: string };

const TO_HOST: Readonly<Record<ToHost["kind"], true>> = {
  call: true,
  source: true,
  cancel: true,
  ran: true,
  "not-ran": true,
};
const FROM_HOST: Readonly<Record<FromHost["kind"], true>> = {
  ready: true,
  source: true,
  done: true,
  error: true,
  run: true,
  log: true,
  secret: true,
  dying: true,
};

/** @throws {Error} for a line that is no message of the daemon */
export function parseToHost(line: string): ToHost {
  return messageOf(TO_HOST, line) as ToHost;
}

/** @throws {Error} for a line that is no message of a host */
export function parseFromHost(line: string): FromHost {
  return messageOf(FROM_HOST, line) as FromHost;
}

/** Both ends are ours, so the fields are not looked at; but a host may be newer than the daemon. */
function messageOf(kinds: Readonly<Record<string, true>>, line: string): object {
  const value: unknown = JSON.parse(line);
  const known = typeof value === "object" && value !== null && "kind" in value &&
    typeof value.kind === "string" && Object.hasOwn(kinds, value.kind);
  if (known) return value;
  throw new Error(`not a message: ${line.slice(0, 80)}`);
}
