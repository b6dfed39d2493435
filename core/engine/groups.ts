/**
 * Order inside a group: start left to right, stop right to left, one operation at a time (reference:
 * cluster semantics, section 10). Whether a group should run here is decided elsewhere (`wanted`),
 * which waits for another in queue.ts, and what the end of an operation means in outcomes.ts.
 */
import type { GroupConfig, Verb } from "../types.ts";
import { noteGoodStart, noteGoodStop } from "./failure.ts";
import { forgetLook } from "./looks.ts";
import { announceNoMore } from "./readdress.ts";
import type { Group, State } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { GroupStatus } from "./view.ts";

/** The second failure shows that it was not for a passing load. */
const STUCK_STOP_FAILURES = 2;
/** A start that did not work is tried again after 1, 2, 4 … seconds. */
const START_RETRY_MS = 1_000;
const START_RETRY_MAX_MS = 60_000;

/** Nothing of the group runs here, as far as is known, and nothing is being done. */
export function isDown(group: Group): boolean {
  return group.operation === null && group.probes.length === 0 &&
    group.members.every((member) => member === "down");
}

/** Nothing runs here and nothing was begun; at most it was asked how it is. */
export function isUntouched(group: Group): boolean {
  return group.members.every((member) => member === "down") &&
    (group.operation === null || group.operation.verb === "status");
}

/** Its resources as haresources writes them, which is what makes it the same group tomorrow. */
export function resourceLine({ resources }: GroupConfig): string {
  return resources.map(({ text }) => text).join(" ");
}

/** Whether both are the same group, whatever their homes and their places in the file. */
export function isSameLine(one: GroupConfig, other: GroupConfig): boolean {
  return resourceLine(one) === resourceLine(other);
}

/** Everything runs. */
function isUp(group: Group): boolean {
  return group.operation === null && group.members.every((member) => member === "up");
}

/**
 * A member of it failed to stop so often that it is broken and not only busy. Retries go on; who
 * can do without its stop waits no longer.
 */
export function isStuck(group: Group): boolean {
  return group.stopFailures >= STUCK_STOP_FAILURES;
}

/** The group is where it should be, or was rolled back and waits for its next try. */
export function isSettled(group: Group): boolean {
  if (!group.wanted) return isDown(group);
  return isUp(group) || (group.startFailures > 0 && isDown(group));
}

/** Orders the group up or down; a new order ends all waiting. */
export function want(turn: Turn, group: Group, wanted: boolean): void {
  if (group.wanted === wanted) return;
  group.wanted = wanted;
  if (!wanted) announceNoMore(turn, group);
  clearFailures(turn, group);
  // A rollback that has begun goes on to its end, whatever is wanted meanwhile.
  if (isDown(group)) group.rollback = false;
  group.checked = null;
  if (isSettled(group)) return;
  const verb = wanted ? "Acquiring" : "Releasing";
  turn.log("info", `${verb} resource group: ${group.config.node} ${resourceLine(group.config)}`);
}

/** Begins anew: no failure counts any more, and nothing is waited for. */
export function clearFailures(turn: Turn, group: Group): void {
  group.startFailures = 0;
  group.stopFailures = 0;
  group.doubted = false;
  group.blocked = false;
  group.retryAtMs = null;
  turn.disarm({ kind: "group", id: group.id });
}

/** What kept groups from starting here may have changed: the peer may be given them once more. */
export function clearMovedAway(groups: readonly Group[]): void {
  for (const group of groups) group.movedAway = false;
}

/** Looks at what an earlier life of this daemon left behind, before anything else is done. */
export function probe(group: Group): void {
  group.members.fill("unsure");
  group.probes = group.members.map((_, member) => member);
}

/** What a group may do at the moment. */
export interface Turnout {
  /** Nothing of it can still run on the peer. */
  readonly mayBegin: boolean;
  /** No line before it is starting. */
  readonly mayStart: boolean;
  /** No line behind it is stopping. */
  readonly mayStop: boolean;
}

/** It goes up now, and nothing went wrong with that yet. */
export function isStarting(group: Group, mayBegin: boolean): boolean {
  return group.wanted && !group.rollback && group.startFailures === 0 && !isUp(group) &&
    goesOn(group, mayBegin);
}

/** It goes down now, as far as it can. */
export function isStopping(group: Group): boolean {
  return !group.wanted && !isDown(group) && !isStuck(group);
}

/**
 * What an earlier life left is kept, but nothing is started before the peer was heard. A first member
 * of which nobody knows whether it runs is none to go on from.
 */
function goesOn(group: Group, mayBegin: boolean): boolean {
  return mayBegin || group.members[0] === "up";
}

/** Orders the next operation of the group, if one is due. */
export function advance(turn: Turn, group: Group, turnout: Turnout): void {
  if (group.operation === null && !(group.retryAtMs !== null && turn.nowMs < group.retryAtMs)) {
    group.retryAtMs = null;
    if (group.probes[0] !== undefined) run(turn, group, "status", group.probes[0]);
    else if (group.wanted && !group.rollback) {
      const { mayBegin, mayStart } = turnout;
      if (isUp(group)) noteUp(group);
      else if (turn.state.phase === "stable" && mayStart && goesOn(group, mayBegin)) {
        startNext(turn, group);
      }
    } else stopNext(turn, group, turnout.mayStop);
  }
  showStatus(turn, group);
}

function startNext(turn: Turn, group: Group): void {
  const member = group.members.findIndex((state) => state !== "up");
  run(turn, group, group.checked === member ? "start" : "status", member);
  group.checked = null;
}

function noteUp(group: Group): void {
  group.startFailures = 0;
  group.movedAway = false;
  group.problem = null;
  noteGoodStart(group);
}

function stopNext(turn: Turn, group: Group, mayStop: boolean): void {
  const member = group.members.findLastIndex((state) => state !== "down");
  if (member >= 0) {
    const asks = group.doubted || group.members[member] === "unasked";
    if (mayStop) run(turn, group, asks ? "status" : "stop", member);
  } else if (group.rollback) {
    group.rollback = false;
    const doublings = Math.min(Math.max(group.startFailures - 1, 0), 10);
    if (group.wanted) {
      retryAfter(turn, group, Math.min(START_RETRY_MS * 2 ** doublings, START_RETRY_MAX_MS));
    }
  } else {
    group.problem = null;
    noteGoodStop(group);
  }
}

/** Nothing is done with the group for so long. */
export function retryAfter(turn: Turn, group: Group, delayMs: number): void {
  group.retryAtMs = turn.nowMs + delayMs;
  turn.arm({ kind: "group", id: group.id }, group.retryAtMs);
}

function run(turn: Turn, group: Group, verb: "start" | "stop" | "status", member: number): void {
  const { state } = turn;
  const resource = group.config.resources[member];
  if (resource === undefined) throw new Error(`group ${group.config.key} has no member ${member}`);
  const id = state.nextOperation;
  state.nextOperation += 1;
  group.operation = { id, verb, member };
  if (verb !== "status") forgetLook(group, member);
  turn.run({ id, resource, verb, deadlineMs: deadlineOf(state, verb) });
}

/** Time that one such call of a resource may take. */
export function deadlineOf(state: State, verb: Verb): number {
  if (verb === "start") return state.config.startDeadlineMs;
  return verb === "stop" ? state.config.stopDeadlineMs : state.config.statusDeadlineMs;
}

function statusOf(group: Group): GroupStatus {
  if (group.blocked) return "blocked";
  if (isUp(group)) return group.wanted ? "started" : "stopping";
  if (isSettled(group)) return "stopped";
  return group.wanted && !group.rollback ? "starting" : "stopping";
}

function showStatus(turn: Turn, group: Group): void {
  const status = statusOf(group);
  if (status === group.status) return;
  group.status = status;
  group.sinceMs = turn.nowMs;
}
