/**
 * Words that every room of the house shares: messages, the checked configuration, operations and
 * their outcomes. Types only, no logic, no imports, so that the pure rooms may use them freely.
 */

// ---------------------------------------------------------------------------------------------
// Messages (reference: wire protocol, section 2)

/**
 * One field of a message. Type 0 carries text, type 1 binary; the others (nested message, list,
 * compressed) never appear between two haresources nodes and are kept as raw bytes.
 */
export type Field =
  | { readonly type: 0; readonly name: string; readonly value: string }
  | { readonly type: 1 | 2 | 3 | 4; readonly name: string; readonly value: Uint8Array };

/** An ordered list of fields; names may repeat and the first of a name wins. Never holds `auth`. */
export type Message = readonly Field[];

// ---------------------------------------------------------------------------------------------
// Configuration, after all checks

/** One word of a haresources line: `IPaddr::192.168.2.3` is agent `IPaddr` with one argument. */
export interface ResourceConfig {
  /** The word as written; what log and status show. */
  readonly text: string;
  readonly agent: string;
  readonly args: readonly string[];
}

/** One logical line of haresources. */
export interface GroupConfig {
  /** Position in the file, from 0, for display; -1 for a line that is no longer there. */
  readonly index: number;
  /** Name shown to people and used as group key on the wire: the first resource as written. */
  readonly key: string;
  /** Preferred node, lower case. */
  readonly node: string;
  readonly resources: readonly ResourceConfig[];
}

export type AutoFailback = "on" | "off" | "legacy";

/** What the engine needs to know; all times in milliseconds, already checked against each other. */
export interface ClusterConfig {
  /** This host, lower case, one of `nodes`. */
  readonly self: string;
  /** Normal nodes in the order of ha.cf, lower case, without repetition. */
  readonly nodes: readonly string[];
  readonly pingNodes: readonly string[];
  readonly keepaliveMs: number;
  readonly warntimeMs: number;
  readonly deadtimeMs: number;
  readonly initdeadMs: number;
  readonly hopFudge: number;
  readonly maxRexmitDelayMs: number;
  readonly autoFailback: AutoFailback;
  readonly groups: readonly GroupConfig[];
  /** Time that one start, stop or status call of a resource may take. */
  readonly startDeadlineMs: number;
  readonly stopDeadlineMs: number;
  readonly statusDeadlineMs: number;
}

export type AuthMethod = "crc" | "md5" | "sha1" | "sha256";

export interface AuthKey {
  /** 0 … 15, as in authkeys. */
  readonly number: number;
  readonly method: AuthMethod;
  /** Literal bytes of the key word; empty for crc. */
  readonly secret: Uint8Array;
}

export interface AuthKeys {
  readonly signing: AuthKey;
  /** All listed keys, the signing one included. */
  readonly keys: readonly AuthKey[];
}

/** One path between the nodes; `name` of its link is the interface or the tty. */
export type MediumConfig =
  | { readonly kind: "bcast"; readonly interface: string; readonly port: number }
  | {
    readonly kind: "mcast" | "mcast6";
    readonly interface: string;
    readonly group: string;
    readonly port: number;
    readonly ttl: number;
    readonly loop: boolean;
  }
  | {
    readonly kind: "ucast" | "ucast6";
    readonly interface: string;
    readonly host: string;
    readonly port: number;
  }
  | {
    readonly kind: "serial";
    readonly device: string;
    readonly baud: number;
    /** Hardware flow control; absent means none. */
    readonly rtscts?: boolean;
  };

// ---------------------------------------------------------------------------------------------
// Operations on resources

/** `announce` repeats what tells the neighbours where an address is; most agents ignore it. */
export type Verb = "start" | "stop" | "status" | "announce";

/** One call of an agent, as the engine orders it and the executor performs it. */
export interface Operation {
  /** Unique in the life of the process. */
  readonly id: number;
  readonly resource: ResourceConfig;
  readonly verb: Verb;
  readonly deadlineMs: number;
  /** Nobody waits for it: it takes no place for programs from others, and may run beside them. */
  readonly aside?: true;
}

/**
 * How an operation ended; each operation ends with exactly one of these.
 * `ok` answers start, stop and announce; `running` and `stopped` answer status. Every other kind
 * says in `reason` what happened, in words that a log line can carry; of which resource and verb, says
 * whoever shows it.
 */
export type Outcome =
  | { readonly kind: "ok" }
  | { readonly kind: "running" }
  | { readonly kind: "stopped" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "timeout"; readonly reason: string }
  /** It could not begin: there is no such agent, or no program that it needs. Nothing was changed. */
  | { readonly kind: "missing"; readonly reason: string }
  /**
   * It could not begin, since its arguments can mean nothing: nothing was changed, and nothing was
   * ever begun with them.
   */
  | { readonly kind: "refused"; readonly reason: string };

export type LogLevel = "debug" | "info" | "notice" | "warn" | "error" | "crit";
