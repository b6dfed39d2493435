/**
 * A new configuration in a living pair: groups whose lines did not change are not touched, removed
 * ones are stopped, new ones start once the removed ones are gone. Nodes cannot change this way,
 * because the peer's view of the pair would differ until it is changed too.
 */
import type { ClusterConfig, GroupConfig } from "../types.ts";
import { noteLayout } from "./agreement.ts";
import { isDown } from "./groups.ts";
import { newGroup } from "./state.ts";
import type { Turn } from "./turn.ts";

const wordsOf = (group: GroupConfig) => group.resources.map((resource) => resource.text).join(" ");

/** Takes over timers and groups of a checked configuration. */
export function reconfigure(turn: Turn, config: ClusterConfig): void {
  const { state } = turn;
  const { self, nodes, pingNodes } = state.config;
  if (config.self !== self || config.nodes.join() !== nodes.join()) {
    turn.log(
      "warn",
      "The list of nodes changed: that needs a restart, the old list stays in force",
    );
  }
  state.config = { ...config, self, nodes, pingNodes };
  for (const group of state.groups) {
    const found = config.groups.find((candidate) => wordsOf(candidate) === wordsOf(group.config));
    group.retired = found === undefined;
    if (found === undefined) continue;
    if (found.node !== group.config.node) {
      // Until the peer reads the same file, both would call the group their own.
      turn.log(
        "warn",
        `The preferred node of ${found.key} changed: that needs a restart of heartbeat on both ` +
          `nodes, one after the other; until then ${group.config.node} stays in force`,
      );
    }
    group.config = { ...found, node: group.config.node };
  }
  for (const added of config.groups) {
    if (state.groups.some((group) => !group.retired && wordsOf(group.config) === wordsOf(added))) {
      continue;
    }
    state.groups.push(newGroup(state.nextGroup, added, turn.nowMs));
    state.nextGroup += 1;
  }
  noteLayout(state);
}

/** Drops groups that left the configuration and have stopped. */
export function dropRetired(turn: Turn): void {
  const { groups } = turn.state;
  const count = groups.length;
  for (let at = groups.length - 1; at >= 0; at -= 1) {
    const group = groups[at];
    if (group?.retired === true && isDown(group)) groups.splice(at, 1);
  }
  if (groups.length !== count) noteLayout(turn.state);
}
