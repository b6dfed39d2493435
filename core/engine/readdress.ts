/**
 * Telling the neighbours again where our addresses are, after a time in which another host claimed
 * them too. Nobody waits for the outcome: an announcement is a courtesy, not a state.
 */
import { shareOf } from "./shares.ts";
import type { Shares } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Orders every running resource of these shares to announce itself again. */
export function announceAddresses(turn: Turn, shares: Shares): void {
  const { state } = turn;
  for (const group of state.groups) {
    if (!shares[shareOf(state, group.config.node)]) continue;
    group.members.forEach((member, at) => {
      const resource = group.config.resources[at];
      if (member !== "up" || resource === undefined) return;
      const id = state.nextOperation;
      state.nextOperation += 1;
      const deadlineMs = state.config.statusDeadlineMs;
      turn.run({ id, resource, verb: "announce", deadlineMs });
    });
  }
}
