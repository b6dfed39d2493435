/**
 * Orders with which an administrator ends what this program cannot end by itself: a group that waits
 * or is blocked after failures, and a node that left something running. What the administrator says of
 * a host or a resource is believed; whether it may be said now is looked at here.
 */
import { persistFreshness } from "./freshness.ts";
import { clearFailures, isDown } from "./groups.ts";
import type { Group } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * Tries again at once what failed of a group.
 * @param isStopped nothing of it runs here, whatever its agents say
 */
export function retry(turn: Turn, id: number, key: string, isStopped: boolean): void {
  const groups = turn.state.groups.filter(({ config }) => config.key === key);
  const group = groups.find(hasFailed) ?? groups[0];
  if (group === undefined) {
    const keys = turn.state.groups.map(({ config }) => config.key).join(", ") || "none";
    return turn.reply(id, false, `there is no group ${key} here; the groups are ${keys}`);
  }
  const why = retryObstacle(group, isStopped);
  if (why !== null) return turn.reply(id, false, why);
  clearFailures(turn, group);
  group.failure = null;
  if (isStopped) {
    group.members.fill("down");
    turn.log("warn", `${key}: stopped here, as the administrator says`);
    return turn.reply(id, true, `${key} counts as stopped on ${turn.state.config.self}`);
  }
  const verb = group.wanted && !group.rollback ? "start" : "stop";
  turn.log("info", `${key}: trying its ${verb} again, as ordered`);
  turn.reply(id, true, `trying the ${verb} of ${key} again`);
}

function hasFailed(group: Group): boolean {
  return group.startFailures > 0 || group.stopFailures > 0 || group.blocked;
}

function retryObstacle(group: Group, isStopped: boolean): string | null {
  const { key } = group.config;
  if (group.operation !== null) {
    const text = group.config.resources[group.operation.member]?.text;
    return `${group.operation.verb} of ${text} is in progress; order it again when that has ended`;
  }
  if (!hasFailed(group)) return `nothing of ${key} has failed here`;
  return isStopped && isDown(group) ? `${key} is stopped here already` : null;
}

/** Believes that a silent node is off, so that nothing which it left can run there any more. */
export function confirmOff(turn: Turn, id: number, name: string): void {
  const { nodes } = turn.state;
  const node = nodes.get(name.toLowerCase());
  if (node === undefined || node.self || node.kind === "ping") {
    const others = [...nodes.values()].filter(({ self, kind }) => !self && kind === "normal");
    const names = others.map((other) => other.name).join(", ") || "none";
    return turn.reply(id, false, `${name} is no other node of this cluster (${names})`);
  }
  if (node.status !== "dead") {
    return turn.reply(id, false, `${node.name} is not silent long enough: it is ${node.status}`);
  }
  if (node.leftovers === null) {
    return turn.reply(id, false, `${node.name} has left nothing that would have to be confirmed`);
  }
  const words = node.leftovers.join(" ");
  node.leftovers = null;
  turn.log(
    "warn",
    `${node.name} is off, as the administrator says: taking what it left (${words})`,
  );
  persistFreshness(turn);
  turn.reply(id, true, `taking what ${node.name} left: ${words}`);
}
