/**
 * Looking after a start: a while after each start that went well the resource is asked for its status.
 * Nothing waits for the answer, and nothing follows from it but words: a status that denies the start is
 * said in the log and in status, and asked for again until it agrees. It watches nothing that agrees.
 */
import type { Outcome } from "../types.ts";
import type { Group, State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** A service may end its start a little before it shows that it runs; and a takeover is over by then. */
const FIRST_LOOK_MS = 1_000;
/** One that denies is asked again after 2, 4, 8 … seconds. */
const LOOK_AGAIN_MS = 2_000;
const LOOK_AGAIN_MAX_MS = 60_000;
/** The second denial is believed. */
const BELIEVED_DENIALS = 2;

/** A member that was started and whose status has not agreed yet. */
export interface Look {
  /** How often its status has denied that it runs. */
  denials: number;
  dueMs: number;
  /** The status that is being asked for. */
  operation: number | null;
}

/** The member was started just now. */
export function lookLater(turn: Turn, group: Group, member: number): void {
  group.looks.set(member, {
    denials: 0,
    dueMs: turn.nowMs + FIRST_LOOK_MS,
    operation: null,
  });
  arm(turn);
}

/** The member is being started or stopped: what its status said does not count any more. */
export function forgetLook(group: Group, member: number): void {
  group.looks.delete(member);
}

/** Members whose status denies their start, for people. */
export function isDenied(group: Group, member: number): boolean {
  return (group.looks.get(member)?.denials ?? 0) >= BELIEVED_DENIALS;
}

/** Some looks are due. */
export function look(turn: Turn): void {
  const { state } = turn;
  for (const group of state.groups) {
    for (const [member, one] of group.looks) {
      if (one.operation === null && one.dueMs <= turn.nowMs) ask(turn, group, member, one);
    }
  }
  arm(turn);
}

function ask(turn: Turn, group: Group, member: number, one: Look): void {
  const { state } = turn;
  const resource = group.config.resources[member];
  if (resource === undefined) return;
  one.operation = state.nextOperation;
  state.nextOperation += 1;
  const deadlineMs = state.config.statusDeadlineMs;
  turn.run({ id: one.operation, resource, verb: "status", deadlineMs, aside: true });
}

function arm(turn: Turn): void {
  const dueMs = Math.min(...waiting(turn.state).map((one) => one.dueMs));
  if (dueMs !== Infinity) turn.arm({ kind: "looks" }, dueMs);
}

function waiting({ groups }: State): Look[] {
  return groups.flatMap(({ looks }) => [...looks.values()])
    .filter(({ operation }) => operation === null);
}

/** Takes in what a status said, if it was asked for here. */
export function lookEnded(turn: Turn, id: number, outcome: Outcome): void {
  for (const group of turn.state.groups) {
    for (const [member, one] of group.looks) {
      if (one.operation === id) judge(turn, group, member, one, outcome);
    }
  }
}

function judge(turn: Turn, group: Group, member: number, one: Look, { kind }: Outcome): void {
  const wasDenied = isDenied(group, member);
  const text = group.config.resources[member]?.text ?? "?";
  one.operation = null;
  if (kind !== "stopped") {
    // One that cannot say denies nothing; one that was denied is asked until it says that it runs.
    if (kind === "running" || !wasDenied) {
      group.looks.delete(member);
      if (wasDenied) turn.log("info", `${text}: its status says now that it runs`);
      return;
    }
  } else {
    one.denials += 1;
    if (!wasDenied && isDenied(group, member)) {
      turn.log("warn", `${text} was started, and its status says that it does not run`);
    }
  }
  const doublings = Math.min(one.denials - 1, 10);
  one.dueMs = turn.nowMs + Math.min(LOOK_AGAIN_MS * 2 ** doublings, LOOK_AGAIN_MAX_MS);
  arm(turn);
}
