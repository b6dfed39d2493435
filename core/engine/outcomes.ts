/**
 * What the end of an operation means for its group, above all when it went wrong: a failed start is
 * rolled back, a failed stop tried again (reference: cluster semantics, sections 8.8 and 8.9). Which
 * operation comes next is ordered in groups.ts.
 */
import type { Outcome } from "../types.ts";
import { noteFailure, noteFollowed } from "./failure.ts";
import { retryAfter } from "./groups.ts";
import { lookEnded, lookLater } from "./looks.ts";
import { announceLater } from "./readdress.ts";
import type { Group, MemberState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** A stop is tried again so often, so far apart, as the original does. */
const STOP_RETRIES = 10;
const STOP_RETRY_MS = 1_000;
/** After all of them the group is blocked and looked at from time to time. */
const BLOCKED_RETRY_MS = 30_000;

/** Takes in the outcome of an operation; one that nobody waits for is ignored. */
export function operationEnded(turn: Turn, id: number, outcome: Outcome): void {
  const group = turn.state.groups.find((candidate) => candidate.operation?.id === id);
  const operation = group?.operation;
  if (group === undefined || operation === null || operation === undefined) {
    return lookEnded(turn, id, outcome);
  }
  group.operation = null;
  const text = group.config.resources[operation.member]?.text ?? "?";
  switch (operation.verb) {
    case "status":
      return statusKnown(turn, group, operation.member, text, outcome);
    case "start":
      return startEnded(turn, group, operation.member, text, outcome);
    case "stop":
      return stopEnded(turn, group, operation.member, text, outcome);
    default: {
      const never: never = operation.verb;
      throw new Error(`operation ${never} is not known`);
    }
  }
}

function reasonOf(outcome: Outcome): string {
  return "reason" in outcome ? outcome.reason : `unexpected answer "${outcome.kind}"`;
}

function statusKnown(turn: Turn, group: Group, member: number, text: string, outcome: Outcome) {
  const before = group.members[member] ?? "unsure";
  const known = stateAfterStatus(before, outcome);
  group.members[member] = known;
  if (group.probes[0] === member) {
    group.probes.shift();
  } else if (group.doubted) {
    stopJudged(turn, group, text, known === "down");
  } else if (group.wanted && !group.rollback && known !== "up") {
    // Unknown is tried like stopped: a start of what runs already does no harm. It is ordered by
    // the next pass, which asks again whether the group may begin.
    group.checked = member;
  } else if (group.wanted && !group.rollback && before !== "up") {
    turn.log("info", `${text} is not started: its status says that it runs already`);
  }
}

/** What a member is known to be, once its status was asked. */
function stateAfterStatus(before: MemberState, { kind }: Outcome): MemberState {
  if (kind === "running") return "up";
  if (kind === "stopped") return "down";
  const unbegun = kind === "refused" || kind === "missing";
  if (before === "unasked") return unbegun ? "down" : "unsure";
  // Of an earlier life it is not known what it began; but with such arguments, nothing.
  if (before === "unsure" && kind === "refused") return "down";
  // What we never started is not begun by asking in vain.
  return before;
}

function startEnded(turn: Turn, group: Group, member: number, text: string, outcome: Outcome) {
  if (outcome.kind === "ok") {
    group.members[member] = "up";
    if (group.wanted) announceLater(turn, group);
    return lookLater(turn, group, member);
  }
  // What could not even begin changed nothing, and its stop could not begin either.
  const unbegun = outcome.kind === "missing" || outcome.kind === "refused";
  if (!unbegun) group.members[member] = "unsure";
  // The group may be given to the peer now. A file system that fstab mounts must not go with it.
  for (let at = member + 1; at < group.members.length; at += 1) {
    if (group.members[at] === "down") group.members[at] = "unasked";
  }
  group.rollback = true;
  group.startFailures += 1;
  const reason = reasonOf(outcome);
  noteFailure(group, { resource: text, operation: "start", atMs: turn.nowMs, cause: reason });
  group.problem = `start of ${text}: ${reason}`;
  turn.log("crit", `Giving up resources due to failure of ${text}: ${reason}`);
}

function stopEnded(turn: Turn, group: Group, member: number, text: string, outcome: Outcome) {
  if (outcome.kind === "ok") {
    group.members[member] = "down";
    group.stopFailures = 0;
    group.blocked = false;
    return;
  }
  // A stop that was refused changed nothing.
  if (outcome.kind !== "refused") group.members[member] = "unsure";
  group.stopFailures += 1;
  const reason = reasonOf(outcome);
  noteFailure(group, { resource: text, operation: "stop", atMs: turn.nowMs, cause: reason });
  group.problem = `stop of ${text}: ${reason}`;
  turn.log("error", `Stop of ${text} did not succeed: ${reason}`);
  if (group.stopFailures > STOP_RETRIES) {
    group.doubted = true;
  } else {
    turn.log("info", `Retrying failed stop operation [${text}]`);
    retryAfter(turn, group, STOP_RETRY_MS);
  }
}

/** All tries to stop failed; its status has said whether it runs. */
function stopJudged(turn: Turn, group: Group, text: string, stopped: boolean): void {
  group.doubted = false;
  if (stopped) {
    group.stopFailures = 0;
    group.blocked = false;
    turn.log("error", `${text} says that it is stopped although its stop did not succeed`);
    return;
  }
  if (!group.blocked) {
    group.blocked = true;
    noteFollowed(group, "blocked");
    turn.log(
      "crit",
      `Resource STOP failure of ${text}: it may still run here, so its group is not given to ` +
        `the peer. Stop it by hand; it is looked at every ${
          BLOCKED_RETRY_MS / 1000
        } s. If nothing ` +
        `can look: heartbeat retry ${group.config.key} --is-stopped`,
    );
  }
  retryAfter(turn, group, BLOCKED_RETRY_MS);
}
