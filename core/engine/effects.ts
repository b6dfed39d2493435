/**
 * Everything that the engine can ask of the world, as a closed union. The driver performs the
 * effects of one step in order, each before the next; nothing here waits.
 */
import type { GroupConfig, LogLevel, Message, Operation } from "../types.ts";
import type { NewestStatus } from "./events.ts";
import type { Timer } from "./timer.ts";

export type Effect =
  /**
   * Sign and send on every medium. All fields but `auth` and `ld` are there; the driver adds `ld`
   * (load average, for information only) before `ttl`. A `persist-groups` earlier in the same list
   * is written before this leaves, if that takes no longer than 50 ms; a `persist-generation`
   * of this step or an earlier one is on disk, or its `waitMs` are over.
   */
  | { readonly kind: "send"; readonly message: Message }
  /** Call back with a `timer` event at this monotonic time; re-arming replaces. */
  | { readonly kind: "arm"; readonly timer: Timer; readonly atMs: number }
  | { readonly kind: "disarm"; readonly timer: Timer }
  /** Perform one operation of a resource agent; always answered by an `operation` event. */
  | { readonly kind: "run"; readonly operation: Operation }
  /** One line for the log, in the words that operators know. */
  | { readonly kind: "log"; readonly level: LogLevel; readonly text: string }
  /**
   * Answer to a command. May come before the command's work is done: `accepted` says that the work
   * began, not that it succeeded.
   */
  | {
    readonly kind: "reply";
    readonly id: number;
    readonly accepted: boolean;
    readonly text: string;
  }
  /**
   * Note which groups this node holds (or may hold), for the case of a crash of the daemon, and
   * those whose lines were removed and that are not stopped yet.
   */
  | {
    readonly kind: "persist-groups";
    readonly held: readonly GroupConfig[];
    readonly removed: readonly GroupConfig[];
  }
  /**
   * Store durably the generation that this node speaks with from now on. Until that is done nothing
   * is sent, but for no longer than `waitMs` and not when the disk refuses it: a node whose disk is
   * full or hangs must still beat. The order of what was kept back stays.
   */
  | {
    readonly kind: "persist-generation";
    readonly generation: number;
    readonly waitMs: number;
  }
  /** Store what the next life must know of the others, at leisure: nothing waits for it. */
  | { readonly kind: "persist-freshness"; readonly newest: readonly NewestStatus[] }
  /** This life is over: everything is released and told. */
  | { readonly kind: "exit"; readonly clean: boolean };
