/**
 * Order across the lines of haresources. The lines of one home are a queue: they start in file order,
 * since a line may need what stands above it (its disk, its network), and stop in reverse. Own and
 * foreign lines are two queues side by side. A line that failed, is blocked, or may not begin yet holds
 * up nobody; so one line costs those behind it the time of one start at most. Order inside a line, and
 * what to do when it goes wrong, is known in groups.ts.
 */
import { isStarting, isStopping, isStuck, type Turnout } from "./groups.ts";
import { restOf } from "./line_change.ts";
import { mayBegin } from "./ownership.ts";
import { waitsForRetired } from "./reload.ts";
import { shareOf } from "./shares.ts";
import type { Group, State } from "./state.ts";
import type { Turn } from "./turn.ts";

interface Queue {
  /** Place in the file of the first line that is starting. */
  readonly starting: number;
  /** Place of the last line that is stopping. */
  readonly stopping: number;
}

/** Says what each group may do now; to be asked again after every change. */
export function turnouts(turn: Turn): (group: Group) => Turnout {
  const { state } = turn;
  const begins = new Map(state.groups.map((group) => [group, mayBegin(turn, group)]));
  const waiting = new Set(state.groups.filter((group) => waitsForStop(state, group)));
  const queues = {
    local: queueOf(state, "local", begins, waiting),
    foreign: queueOf(state, "foreign", begins, waiting),
  };
  return (group) => {
    const { starting, stopping } = queues[shareOf(state, group.config.node)];
    const { index } = group.config;
    const isFree = begins.get(group) === true;
    const rest = restOf(state, group);
    return {
      mayBegin: isFree,
      // What a reload added to a line that runs may run on the peer, as any new line.
      mayStart: index <= starting && !waiting.has(group) && (group.changed === null || isFree),
      mayStop: index >= stopping && (rest === null || isStuck(rest)),
    };
  };
}

/** What a changed line lost still runs, or what it begins with is still stopped for another one. */
function waitsForStop(state: State, group: Group): boolean {
  return restOf(state, group) !== null || (group.wanted && waitsForRetired(state, group));
}

function queueOf(
  state: State,
  share: "local" | "foreign",
  begins: ReadonlyMap<Group, boolean>,
  waiting: ReadonlySet<Group>,
): Queue {
  const lines = state.groups.filter(({ config }) => shareOf(state, config.node) === share);
  const places = (such: readonly Group[]) => such.map(({ config }) => config.index);
  const starting = lines.filter((group) =>
    isStarting(group, begins.get(group) === true) && !waiting.has(group)
  );
  return {
    starting: Math.min(...places(starting)),
    stopping: Math.max(...places(lines.filter(isStopping))),
  };
}
