/**
 * The deterministic machine: one event in, the effects out. It has no clock, no chance and no
 * I/O, so that the same events always give the same effects, here, in the simulator and in a
 * replay. This file only leads each event to the module that knows it and then lets the rules of
 * ownership and of the groups work until nothing changes.
 */
import type { Effect } from "./effects.ts";
import type { Event } from "./events.ts";
import { advanceLeaving, farewell, leaveBehind } from "./departure.ts";
import { noteAgreement, noteDigest } from "./agreement.ts";
import { contentionOver } from "./contention.ts";
import { noteMedium, sayHeldBack } from "./deafness.ts";
import { recall } from "./freshness.ts";
import { advance, isDown, isSameLine, probe, want } from "./groups.ts";
import { operationEnded } from "./outcomes.ts";
import { noteUnverified } from "./foreign_key.ts";
import { handoverTimeout } from "./handover.ts";
import { handleCommand } from "./commands.ts";
import { look } from "./looks.ts";
import { linkOf } from "./links.ts";
import { beatTimer, nodeNamed, setOwnStatus, silenceOver, watchAll } from "./membership.ts";
import { takeoverUnanswered } from "./orders.ts";
import { askAgain, orphansDue, reconcile, unansweredTooLong } from "./ownership.ts";
import { wordsLost } from "./peer_life.ts";
import { packetHeard } from "./packets.ts";
import { turnouts } from "./queue.ts";
import { announcementsDue, carrierCame } from "./readdress.ts";
import { notePause } from "./rejoin.ts";
import { dropRetired, goOnStopping, reconfigure, waitsForRetired } from "./reload.ts";
import { claims, plus, shareOf } from "./shares.ts";
import type { State } from "./state.ts";
import { type Timer, timerKey } from "./timer.ts";
import { Turn } from "./turn.ts";
import { requestMissing } from "./window.ts";

/** Passes through the rules after one event; more would be an endless loop, that is, a bug. */
const PASS_LIMIT = 32;

type Start = Extract<Event, { kind: "start" }>;

/** Takes in one event, changes `state`, and returns what the world must do, in order. */
export function step(state: State, event: Event): Effect[] {
  const turn = new Turn(state, event.at);
  if (event.kind !== "start") notePause(turn);
  takeIn(turn, event);
  comeToRest(turn);
  return turn.effects;
}

function takeIn(turn: Turn, event: Event): void {
  const { state } = turn;
  switch (event.kind) {
    case "start":
      recall(state, event.newest);
      return start(turn, event);
    case "message":
      return packetHeard(turn, event.medium, event.message);
    case "timer":
      return timerDue(turn, event.timer);
    case "operation":
      return operationEnded(turn, event.id, event.outcome);
    case "command":
      return handleCommand(turn, event.id, event.command);
    case "medium":
      return mediumReported(turn, event);
    case "reach":
      state.unreachable = new Map(event.unreachable.map(({ key, why }) => [key, why]));
      return;
    case "unverified":
      return noteUnverified(turn, event);
    case "carrier":
      turn.log("info", `Interface ${event.interface} has carrier`);
      return carrierCame(turn);
    case "reload":
      return reconfigure(turn, event.config);
    default: {
      const never: never = event;
      throw new Error(`event ${JSON.stringify(never)} is not known`);
    }
  }
}

function mediumReported(turn: Turn, event: Extract<Event, { kind: "medium" }>): void {
  for (const node of turn.state.nodes.values()) {
    if (node.kind === "normal") linkOf(turn, node, event.medium);
  }
  turn.log(event.usable ? "info" : "warn", `${event.medium}: ${event.reason}`);
  noteMedium(turn, event);
  watchAll(turn);
}

function start(turn: Turn, { generation, uuid, held, removed }: Start): void {
  const { state } = turn;
  state.generation = generation;
  state.uuid = uuid;
  noteDigest(state);
  state.phase = "joining";
  state.lastEventMs = turn.nowMs;
  for (const node of state.nodes.values()) node.sinceMs = turn.nowMs;
  for (const group of state.groups) {
    group.sinceMs = turn.nowMs;
    if (held.some((one) => isSameLine(one, group.config))) probe(group);
  }
  for (const config of removed) goOnStopping(turn, config);
  setOwnStatus(turn, "init");
  setOwnStatus(turn, "up");
  turn.arm({ kind: "beat" }, turn.nowMs + state.config.keepaliveMs);
  watchAll(turn);
}

function timerDue(turn: Turn, timer: Timer): void {
  const dueMs = turn.dueMs(timer);
  // A timer that was moved or disarmed while it was on its way.
  if (dueMs === undefined || turn.nowMs < dueMs) return;
  turn.state.timers.delete(timerKey(timer));
  switch (timer.kind) {
    case "beat":
      sayHeldBack(turn);
      return beatTimer(turn, dueMs);
    case "silence":
      return silenceOver(turn, nodeNamed(turn.state, timer.node));
    case "missing": {
      const lost = requestMissing(turn, nodeNamed(turn.state, timer.node));
      if (lost && timer.node === turn.state.peerName) wordsLost(turn);
      return;
    }
    case "handover":
      return handoverTimeout(turn);
    case "takeover":
      return takeoverUnanswered(turn);
    case "ask":
      return askAgain(turn);
    case "contention":
      return contentionOver(turn);
    case "orphans":
      return orphansDue(turn);
    case "unanswered":
      return unansweredTooLong(turn);
    case "leave":
      return leaveBehind(turn);
    case "farewell":
      return farewell(turn, timer.step);
    case "looks":
      return look(turn);
    case "announce":
      return announcementsDue(turn);
    case "failback":
    case "group":
      // Nothing to do here: being awake is enough, the rules look at the clock themselves.
      return;
    default: {
      const never: never = timer;
      throw new Error(`timer ${JSON.stringify(never)} is not known`);
    }
  }
}

/** Lets rules and groups act on each other until the state is at rest. */
function comeToRest(turn: Turn): void {
  const { state } = turn;
  let before = decisions(state);
  for (let pass = 0; pass < PASS_LIMIT; pass += 1) {
    const asked = turn.effects.length;
    adopt(turn);
    noteAgreement(turn);
    setTargets(turn);
    persistGroups(turn);
    const turnoutOf = turnouts(turn);
    if (state.phase !== "left") {
      for (const group of state.groups) advance(turn, group, turnoutOf(group));
    }
    reconcile(turn);
    advanceLeaving(turn);
    const after = decisions(state);
    const same = after.length === before.length && after.every((one, at) => one === before[at]);
    if (same && turn.effects.length === asked) return;
    before = after;
  }
  throw new Error(`the rules do not come to rest in phase ${state.phase}`);
}

/**
 * What a rule may change without asking anything of the world, by value: as long as a pass changes
 * any of it, other rules may have to look again.
 */
function decisions(state: State): unknown[] {
  const { claim, contested, handover } = state;
  const values: unknown[] = [claim.local, claim.foreign, contested.local, contested.foreign];
  values.push(
    handover?.phase,
    handover?.share,
    state.phase,
    state.mayFailBack,
    state.haresourcesDigest,
  );
  for (const group of state.groups) {
    const { id, wanted, agreed, operation, checked, rollback, movedAway, retryAtMs } = group;
    values.push(id, wanted, agreed, operation, checked, rollback, movedAway, retryAtMs);
    values.push(group.startFailures, group.stopFailures);
  }
  return values;
}

/** Orders each group up or down, as the claims have it. */
function setTargets(turn: Turn): void {
  const { state } = turn;
  dropRetired(turn);
  for (const group of state.groups) {
    want(turn, group, claims(state, group) && (group.wanted || !waitsForRetired(state, group)));
  }
}

/** A group that an earlier life left running makes this node responsible for its share. */
function adopt(turn: Turn): void {
  const { state } = turn;
  if (!state.adopting || state.phase !== "joining") return;
  for (const group of state.groups) {
    const share = shareOf(state, group.config.node);
    if (group.retired || state.claim[share] || group.probes.length > 0) continue;
    if (group.members.every((member) => member === "down")) continue;
    turn.log("info", `${group.config.key} still runs here: keeping it`);
    state.claim = plus(state.claim, { local: share === "local", foreign: share === "foreign" });
  }
}

/** Keeps on disk what a crash must not make us forget; before the first start, after the last stop. */
function persistGroups(turn: Turn): void {
  const { state } = turn;
  const noted = state.groups.filter((group) => group.wanted || !isDown(group));
  const text = noted.map(({ id, retired }) => retired ? `removed ${id}` : `${id}`).join();
  if (text === state.persistedGroups) return;
  state.persistedGroups = text;
  const configs = (isRetired: boolean) =>
    noted.filter(({ retired }) => retired === isRetired).map(({ config }) => config);
  turn.effect({ kind: "persist-groups", held: configs(false), removed: configs(true) });
}
