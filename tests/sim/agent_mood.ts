/** How well the agents of a simulated host work. */
import type { Operation, Outcome } from "../../core/types.ts";
import type { Chance } from "./chance.ts";
import type { Host } from "./host.ts";

/** How the agents of a host behave at the moment. */
export interface AgentMood {
  failStart: number;
  failStop: number;
  failStatus: number;
  /** Part of the operations that hang until their deadline. */
  hang: number;
  minMs: number;
  maxMs: number;
}

export const GOOD_MOOD: AgentMood = {
  failStart: 0,
  failStop: 0,
  failStatus: 0,
  hang: 0,
  minMs: 1,
  maxMs: 300,
};

/** What comes of an operation: `after` is the new truth, `outcome` null means: look at the truth. */
interface Performed {
  readonly delayMs: number;
  readonly outcome: Outcome | null;
  readonly after: boolean | null;
}

export function performed(host: Host, operation: Operation, chance: Chance): Performed {
  const { mood } = host;
  const { text } = operation.resource;
  if (host.missing.has(text) || host.refused.has(text)) {
    const kind = host.missing.has(text) ? "missing" : "refused";
    return { delayMs: 1, outcome: { kind, reason: "no such script" }, after: null };
  }
  if (chance.happens(mood.hang)) {
    // What a hung script did before it was killed is anybody's guess.
    const after = chance.happens(0.5) && operation.verb !== "status"
      ? operation.verb === "start"
      : null;
    const outcome = { kind: "timeout", reason: "did not end in time" } as const;
    return { delayMs: operation.deadlineMs, outcome, after };
  }
  const delayMs = chance.between(mood.minMs, mood.maxMs);
  if (operation.verb === "announce") return { delayMs, outcome: { kind: "ok" }, after: null };
  const { failStart, failStop, failStatus } = mood;
  const fail = { start: failStart, stop: failStop, status: failStatus }[operation.verb];
  const ill = { start: host.broken, stop: host.stuck, status: null }[operation.verb];
  if (chance.happens(fail) || ill?.has(text) === true) {
    return { delayMs, outcome: { kind: "failed", reason: "the dice said so" }, after: null };
  }
  if (operation.verb === "status") return { delayMs, outcome: null, after: null };
  return { delayMs, outcome: { kind: "ok" }, after: operation.verb === "start" };
}
