/**
 * The last failure of a group as one record, kept until a good start, an order of the administrator,
 * or an hour: a group that did not start here and serves elsewhere has nothing else that tells of it.
 * It counts nothing, decides nothing and makes no sentence; status does that.
 */
import type { Group } from "./state.ts";

/**
 * `retry`: it is tried again; `moved`: the group was given to the peer; `kept`: the move that it was
 * part of was called off; `blocked`: all tries were used up, and it may still run here.
 */
export type Followed = "retry" | "moved" | "kept" | "blocked";

export interface Failure {
  readonly resource: string;
  readonly operation: "start" | "stop";
  readonly atMs: number;
  readonly cause: string;
  readonly followed: Followed;
}

/** Older ones are not shown any more. */
export const FAILURE_KEPT_MS = 3_600_000;

/** Something of the group failed; it is tried again unless something else is said later. */
export function noteFailure(group: Group, failure: Omit<Failure, "followed">): void {
  group.failure = { ...failure, followed: "retry" };
}

/** What came of the failure. */
export function noteFollowed(group: Group, followed: Followed): void {
  if (group.failure !== null) group.failure = { ...group.failure, followed };
}

/** The whole group runs. That a move was called off is not undone by starting again what was stopped. */
export function noteGoodStart(group: Group): void {
  if (group.failure?.followed !== "kept") group.failure = null;
}

/** The whole group is stopped. */
export function noteGoodStop(group: Group): void {
  if (group.failure?.operation === "stop") group.failure = null;
}

/** The failure as long as it is shown. */
export function shownFailure({ failure }: Group, nowMs: number): Failure | null {
  return failure === null || nowMs - failure.atMs > FAILURE_KEPT_MS ? null : failure;
}
