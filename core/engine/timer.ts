/**
 * What the engine can ask to be woken for, as a closed union. One timer of each key stands at a time;
 * the key is also its name in the log.
 */

export type Timer =
  /** The next heartbeat is due. */
  | { readonly kind: "beat" }
  /** A node may have been silent for too long. */
  | { readonly kind: "silence"; readonly node: string }
  /** Messages of a node that did not arrive are to be asked for again. */
  | { readonly kind: "missing"; readonly node: string }
  /** The phase of a move in progress has lasted too long. */
  | { readonly kind: "handover" }
  /** The peer has said neither yes nor no to a takeover that was ordered here. */
  | { readonly kind: "takeover" }
  /** The peer has not said what it holds. */
  | { readonly kind: "ask" }
  /** Nor has it for a whole dead time, while we still run something. */
  | { readonly kind: "unanswered" }
  /** Two owners of a share, and the other does not give way. */
  | { readonly kind: "contention" }
  /** A share without a holder. */
  | { readonly kind: "orphans" }
  /** What should go home could not. */
  | { readonly kind: "failback" }
  /** A started address is to be announced again. */
  | { readonly kind: "announce" }
  /** A group waits for its next try. */
  | { readonly kind: "group"; readonly id: number }
  /** The status of something that was started is to be asked. */
  | { readonly kind: "looks" }
  /** What does not stop has kept this node from leaving for long enough. */
  | { readonly kind: "leave" }
  /** One of the last beats, from 1. */
  | { readonly kind: "farewell"; readonly step: number };

export function timerKey(timer: Timer): string {
  switch (timer.kind) {
    case "silence":
    case "missing":
      return `${timer.kind}:${timer.node}`;
    case "group":
      return `group:${timer.id}`;
    case "farewell":
      return `farewell:${timer.step}`;
    case "beat":
    case "handover":
    case "takeover":
    case "ask":
    case "unanswered":
    case "contention":
    case "orphans":
    case "failback":
    case "looks":
    case "announce":
    case "leave":
      return timer.kind;
    default: {
      const never: never = timer;
      throw new Error(`timer ${JSON.stringify(never)} is not known`);
    }
  }
}
