/**
 * What goes wrong in a run: a list of faults with their instants, drawn from the seed before the
 * run begins. A run draws a random subset of the kinds, because faults that never rest hide each
 * other. The list is data, so that a failing run can be shrunk by leaving entries out.
 */
import type { Share } from "../../core/engine/events.ts";
import { Chance } from "./chance.ts";
import { MEDIA, type MediumName } from "./network.ts";

export type Fault =
  & { readonly atMs: number; readonly host: number }
  & (
    | { readonly kind: "power"; readonly forMs: number }
    | { readonly kind: "kill"; readonly forMs: number }
    | { readonly kind: "freeze"; readonly forMs: number }
    | { readonly kind: "stop"; readonly forMs: number }
    | { readonly kind: "cut"; readonly forMs: number; readonly media: readonly MediumName[] }
    | { readonly kind: "deafen"; readonly forMs: number; readonly media: readonly MediumName[] }
    /** The daemon starts anew, and these media cannot be opened for so long. */
    | { readonly kind: "shut"; readonly forMs: number; readonly media: readonly MediumName[] }
    /** The interfaces of these media go away under the running daemon, for so long. */
    | { readonly kind: "lose"; readonly forMs: number; readonly media: readonly MediumName[] }
    | {
      readonly kind: "weather";
      readonly forMs: number;
      readonly loss: number;
      readonly maxMs: number;
    }
    | {
      readonly kind: "agents";
      readonly forMs: number;
      readonly bad: number;
      readonly slowMs: number;
    }
    | { readonly kind: "standby" | "takeover"; readonly share: Share }
    /** The host signs with another key, and believes only that. */
    | { readonly kind: "key"; readonly forMs: number }
    /** An enemy sends beats to it that are not signed, in the name of the other one. */
    | { readonly kind: "forge"; readonly forMs: number }
    /** No stop succeeds on it. */
    | { readonly kind: "jam"; readonly forMs: number }
    /** Nobody would reach these groups on it. */
    | { readonly kind: "unreach"; readonly forMs: number; readonly groups: readonly number[] }
    | { readonly kind: "carrier" }
    /** An administrator repairs: one group, or all that the other host left. */
    | { readonly kind: "retry"; readonly group: number }
    | { readonly kind: "confirm" }
    | { readonly kind: "replay"; readonly times: number }
    | { readonly kind: "clock"; readonly byS: number }
    | { readonly kind: "reload" }
    /** Other times, by a reload on this host, and `forMs` later on the other. */
    | {
      readonly kind: "retime";
      readonly forMs: number;
      readonly keepaliveMs: number;
      readonly deadtimeMs: number;
    }
    /** Another haresources on this host alone: homes by group, in force after its next start. */
    | { readonly kind: "edit"; readonly homes: readonly string[] }
  );

const KINDS: readonly Fault["kind"][] = [
  "power",
  "kill",
  "freeze",
  "stop",
  "cut",
  "deafen",
  "shut",
  "weather",
  "agents",
  "standby",
  "takeover",
  "replay",
  "clock",
  "reload",
  "edit",
  "retime",
  "key",
  "forge",
  "jam",
  "unreach",
  "carrier",
  "retry",
  "confirm",
  "lose",
];

/** As many as a pair can have. */
const GROUPS = [0, 1, 2, 3];

/** Draws the faults of a run that lasts `lengthMs`, for a pair with that dead time. */
export function drawFaults(seed: number, lengthMs: number, deadtimeMs: number): Fault[] {
  const chance = new Chance(seed, "faults");
  const kinds = KINDS.filter(() => chance.happens(0.4));
  if (kinds.length === 0) kinds.push(chance.pick(KINDS));
  // Mostly a few, so that each can be seen; sometimes a storm, in which they meet.
  const count = chance.happens(0.2) ? chance.whole(30, 60) : chance.whole(1, 12);
  const faults: Fault[] = [];
  for (let n = 0; n < count; n += 1) {
    const atMs = Math.round(chance.between(0, lengthMs));
    faults.push(drawOne(chance, chance.pick(kinds), atMs, deadtimeMs));
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function drawOne(chance: Chance, kind: Fault["kind"], atMs: number, deadtimeMs: number): Fault {
  const host = chance.whole(0, 1);
  // Around the dead time is where things go wrong.
  const forMs = Math.round(
    chance.happens(0.5)
      ? chance.between(0.8, 1.3) * deadtimeMs
      : chance.between(0.01, 4) * deadtimeMs,
  );
  const media = chance.happens(0.6) ? MEDIA : [chance.pick(MEDIA)];
  const share = chance.pick(["all", "local", "foreign"] as const);
  switch (kind) {
    case "power":
    case "kill":
    case "freeze":
    case "stop":
      return { kind, atMs, host, forMs };
    case "key":
    case "forge":
    case "jam":
      return { kind, atMs, host, forMs };
    case "carrier":
    case "confirm":
      return { kind, atMs, host };
    case "unreach":
      return { kind, atMs, host, forMs, groups: GROUPS.filter(() => chance.happens(0.5)) };
    case "retry":
      return { kind, atMs, host, group: chance.pick(GROUPS) };
    case "cut":
    case "deafen":
    case "shut":
    case "lose":
      return { kind, atMs, host, forMs, media };
    case "weather":
      return {
        kind,
        atMs,
        host,
        forMs,
        loss: chance.between(0, 0.6),
        maxMs: chance.between(1, 400),
      };
    case "agents":
      return {
        kind,
        atMs,
        host,
        forMs: forMs * 3,
        bad: chance.unit(),
        slowMs: chance.between(1, 4000),
      };
    case "standby":
    case "takeover":
      return { kind, atMs, host, share };
    case "replay":
      return { kind, atMs, host, times: chance.whole(1, 20) };
    case "clock":
      return { kind, atMs, host, byS: chance.whole(-100_000_000, 100_000_000) };
    case "reload":
      return { kind, atMs, host };
    case "retime": {
      const newMs = Math.round(chance.between(0.2, 5) * deadtimeMs);
      const keepaliveMs = Math.round(newMs / chance.between(2.5, 12));
      return { kind, atMs, host, forMs, keepaliveMs, deadtimeMs: newMs };
    }
    case "edit":
      return { kind, atMs, host, homes: GROUPS.map(() => chance.pick(["ha1", "ha2"])) };
    default: {
      const never: never = kind;
      throw new Error(`fault ${never} is not known`);
    }
  }
}
