/**
 * Why no planned move can begin now, in a sentence for the operator who ordered it, here or on the
 * other node. It only reads the state; what follows from an obstacle is decided by whoever asks.
 */
import { differenceText, filesDiffer } from "./agreement.ts";
import { isStuck } from "./groups.ts";
import { isStable } from "./holdings.ts";
import { speaksLegacy } from "./legacy.ts";
import { peerNode } from "./peer.ts";
import { isNone, shareOf } from "./shares.ts";
import type { Shares, State } from "./state.ts";

/** Why nothing can be moved in this phase of the node's life; null when it can. */
export function phaseObstacle({ phase }: State): string | null {
  switch (phase) {
    case "idle":
    case "joining":
    case "settling":
      return "local resources in flux (this node is still starting)";
    case "stable":
      return null;
    case "leaving":
    case "left":
      return "local resources in flux (this node is being stopped)";
    default: {
      const never: never = phase;
      return never;
    }
  }
}

/** What stands in the way of a move in either direction; null when nothing does. */
function pairObstacle(state: State): string | null {
  const phase = phaseObstacle(state);
  if (phase !== null) return phase;
  if (state.handover !== null) return "a standby is already in progress";
  if (!isNone(state.contested)) return "both nodes hold the same resources, and one gives way now";
  if (speaksLegacy(state)) return `${state.peerName} knows no standby under auto_failback legacy`;
  if (!state.peer.returning) return null;
  return `${state.peerName} came back after a partition and will restart`;
}

/** Why nothing can be given away by a move now; null when it can. */
export function obstacle(state: State): string | null {
  const peer = peerNode(state);
  if (peer === null) return "there is no other node in ha.cf";
  const pair = pairObstacle(state);
  if (pair !== null) return pair;
  const hasLeft = state.peer.leftMs !== null;
  if (peer.status !== "active" || hasLeft || state.peer.leaving) {
    return `${peer.name} is not there to take them (${hasLeft ? "left" : peer.status})`;
  }
  if (filesDiffer(state)) return differenceText(state);
  if (!isStable(state)) return fluxText(state);
  if (!state.peer.stable) return `resources of ${peer.name} are in flux`;
  return null;
}

/** Why nothing can be taken by a move now; null when it can. */
export function consentObstacle(state: State): string | null {
  if (!state.manages) return "this node manages no resources";
  const pair = pairObstacle(state);
  if (pair !== null) return pair;
  if (filesDiffer(state)) return differenceText(state);
  return isStable(state) ? null : fluxText(state);
}

/** What is in motion here may be what does not stop. */
function fluxText({ groups }: State): string {
  const stuck = groups.find(isStuck);
  return `local resources in flux${stuck?.problem ? ` (${stuck.problem})` : ""}`;
}

/**
 * Why something of these shares could not be reached here; null when all could. It advises planned
 * moves alone: after a death, and where the peer cannot serve, a group starts whatever this says.
 */
export function reachObstacle(state: State, shares: Shares): string | null {
  const lost = state.groups.find(({ config, retired }) =>
    !retired && shares[shareOf(state, config.node)] && state.unreachable.has(config.key)
  );
  return lost === undefined ? null : state.unreachable.get(lost.config.key) ?? null;
}
