/**
 * What the check of the configuration takes and what it gives: the shapes between this room and the
 * daemon. Types only.
 */

import type { AuthKeys, ClusterConfig, MediumConfig } from "../types.ts";
import type { HostFacts, KeyFileFacts } from "./host_facts.ts";

/** Why something could not be done to a file. */
export interface FileTrouble {
  /** What was tried, on which path, and why it failed, without a full stop. */
  readonly sentence: string;
  /** What to do about it, where that is known. */
  readonly help: string | null;
  /** Whether another user might. */
  readonly denied: boolean;
}

/** A file that may be missing; `path` is only shown. */
export interface TextFile {
  readonly path: string;
  readonly text: string | null;
  /** Of a file that is there and cannot be read; `text` is null then. */
  readonly trouble?: FileTrouble;
}

export interface ConfigurationInput {
  readonly haCf: TextFile;
  readonly haresources: TextFile;
  /** `facts` null: the file was not looked at (a text from elsewhere), so nothing is judged. */
  readonly authkeys: TextFile & { readonly facts: KeyFileFacts | null };
  readonly heartbeatToml: TextFile;
  /** What `uname -n` prints. */
  readonly uname: string;
  /** Its first line replaces `uname -n` (config-files §8). */
  readonly nodeinfo: TextFile;
  /** User of this process; authkeys may belong to it instead of root. */
  readonly processUid: number;
  readonly facts: HostFacts;
}

/** Where messages go; a null is "nowhere". */
export interface LogConfig {
  readonly logfile: string | null;
  readonly debugfile: string | null;
  /** Syslog facility by name. */
  readonly facility: string | null;
  /** Whether lines in files have the format of syslog. */
  readonly syslogFormat: boolean;
  /** 0 … 255. */
  readonly debugLevel: number;
  readonly logBadPackets: boolean;
}

/** Everything the daemon needs to know, checked. */
export interface HeartbeatConfig {
  readonly cluster: ClusterConfig;
  /** Media to open, in file order; at least one. */
  readonly media: readonly MediumConfig[];
  readonly keys: AuthKeys;
  readonly log: LogConfig;
  /** `priority` is that of SCHED_FIFO, 1 … 99. */
  readonly realtime: { readonly enabled: boolean; readonly priority: number };
  readonly generationMethod: "file" | "time";
  readonly uuidFrom: "file" | "nodename";
  readonly messageFormat: "classic" | "netstring";
  /** What `cl_status hbparameter` shows. */
  readonly parameters: Readonly<Record<string, string>>;
}
