/**
 * What two of our own tell each other of single groups, beside the halves that they hold: each group
 * that neither runs whole nor stands still is named, with its state and the last trouble. It is for
 * people only; no rule goes by it, and an original neither says it nor is told.
 */
import { parseDecimal, text } from "../wire/fields.ts";
import type { Message } from "../types.ts";
import { isNative } from "./peer.ts";
import { claims } from "./shares.ts";
import { shortened } from "./shortened.ts";
import type { Group, State } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { PeerGroupState } from "./view.ts";

export interface PeerGroup {
  readonly state: PeerGroupState;
  /** The last trouble with it, as the peer put it; empty when there is none. */
  readonly text: string;
  readonly sinceMs: number;
}

/** By the key of the group. */
export type PeerGroups = ReadonlyMap<string, PeerGroup>;

/** Worst first: what does not fit is not said. */
const STATES: readonly PeerGroupState[] = ["partial", "blocked", "failed", "stopping", "starting"];
/** A message must fit into any medium. */
const TEXT_LIMIT = 120;
const LIMIT = 400;
/** No word of haresources has one. */
const BETWEEN_GROUPS = "\t";

/**
 * The words for it; empty when every group runs whole or stands still.
 * @param nowMs for the ages, in seconds; without it all are 0, so that only what changes differs
 */
export function groupWords(state: State, nowMs?: number): string {
  if (!isNative(state)) return "";
  const entries = state.groups.map((group) => ({ group, said: stateOf(state, group) }))
    .flatMap(({ group, said }) => said === null ? [] : [{ group, said }])
    .sort((one, other) => STATES.indexOf(one.said) - STATES.indexOf(other.said))
    .map(({ group, said }) =>
      [said, group.config.key, ageS(group, said, nowMs), troubleOf(group)].join(" ")
    );
  let words = "";
  for (const entry of entries) {
    const longer = words === "" ? entry : `${words}${BETWEEN_GROUPS}${entry}`;
    if (longer.length > LIMIT) break;
    words = longer;
  }
  return words;
}

function stateOf(state: State, group: Group): PeerGroupState | null {
  const { status, members, failure } = group;
  const isOurs = claims(state, group);
  switch (status) {
    case "blocked":
      return members.includes("down") ? "partial" : "blocked";
    case "starting":
      return "starting";
    case "stopping":
      // What we do not claim and still stop is said of the whole half (`busy`).
      return isOurs ? "stopping" : null;
    case "stopped":
      if (failure !== null) return "failed";
      return isOurs ? "starting" : null;
    case "started":
      return null;
    default: {
      const never: never = status;
      return never;
    }
  }
}

function ageS(
  { failure, sinceMs }: Group,
  said: PeerGroupState,
  nowMs: number | undefined,
): number {
  const beganMs = said === "failed" ? failure?.atMs ?? sinceMs : sinceMs;
  return nowMs === undefined ? 0 : Math.round((nowMs - beganMs) / 1000);
}

function troubleOf({ failure }: Group): string {
  if (failure === null) return "";
  const { operation, resource, cause } = failure;
  return shortened(`${operation} of ${resource}: ${cause}`.replace(/\s+/g, " "), TEXT_LIMIT);
}

/** Takes in what the peer says of single groups; what it does not name runs whole or stands still. */
export function heardGroups(turn: Turn, message: Message): void {
  const { peer } = turn.state;
  const words = text(message, "groups") ?? "";
  const groups = new Map<string, PeerGroup>();
  for (const entry of words.slice(0, LIMIT).split(BETWEEN_GROUPS)) {
    const [said, key, age = "", ...rest] = entry.split(" ");
    const state = STATES.find((one) => one === said);
    const seconds = parseDecimal(age);
    if (state === undefined || key === undefined || seconds === undefined) continue;
    if (groups.has(key)) continue;
    groups.set(key, { state, text: rest.join(" "), sinceMs: turn.nowMs - seconds * 1000 });
  }
  peer.groups = groups;
}
