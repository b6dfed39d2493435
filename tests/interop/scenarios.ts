/**
 * The rows of the table in their chains, each row beginning where the one before ended, because a
 * start of the original takes ten seconds that no row needs to wait for again.
 */
import type { AutoFailback } from "../../core/types.ts";
import type { Cast } from "./pair_stage.ts";
import {
  ALL_ON,
  COLD_START,
  comesBack,
  heal,
  HOME,
  joinsLate,
  killAndStart,
  ONE_MEDIUM_CUT,
  order,
  type Owners,
  powerLoss,
  type Row,
  STARTS_ALONE,
  stop,
  WRONG_KEY,
} from "./rows.ts";

export interface Chain {
  readonly autoFailback: AutoFailback;
  /** Lines of ha.cf that replace the usual timing. */
  readonly extra?: readonly string[];
  readonly rows: readonly Row[];
}

/** An original that comes back from a partition gives up all and takes nothing unasked. */
function healedWithoutFailback(cast: Cast): Owners {
  if (cast.node1 === cast.node2) return HOME;
  return cast.node1 === "ours" ? ALL_ON.node1 : ALL_ON.node2;
}

/**
 * The nodes of a slow machine start seconds apart. An original that has been alone for initdead takes
 * everything; one that joins it at that moment meets its scripts at work, which it races with itself.
 */
const START_TOGETHER = ["initdead 60"];
/** A start takes longer than two seconds on a slow machine, and the death would be another story. */
export const NOBODY_DIES = ["deadtime 60", "warntime 30", "initdead 60"];

export const CHAINS: readonly Chain[] = [
  { autoFailback: "on", rows: [STARTS_ALONE, joinsLate(HOME), WRONG_KEY] },
  {
    autoFailback: "on",
    extra: START_TOGETHER,
    rows: [
      COLD_START,
      order("node1", "standby", "all", ALL_ON.node2),
      order("node2", "standby", "foreign", HOME),
      order("node1", "standby", "local", ALL_ON.node2),
      order("node1", "takeover", "local", HOME),
      order("node2", "takeover", "all", ALL_ON.node2),
      order("node2", "standby", "failback", HOME),
      order("node2", "standby", "all", ALL_ON.node1),
      order("node1", "standby", "failback", HOME),
      order("node2", "standby", "local", ALL_ON.node1),
      order("node1", "standby", "foreign", HOME),
      order("node1", "takeover", "foreign", ALL_ON.node1),
      order("node2", "takeover", "local", HOME),
      order("node1", "takeover", "all", ALL_ON.node1),
      order("node2", "takeover", "local", HOME),
      ONE_MEDIUM_CUT,
      powerLoss("node1"),
      comesBack("node1", HOME),
      powerLoss("node2"),
      comesBack("node2", HOME),
      // What an operator moved goes home to a node that was away.
      order("node1", "standby", "all", ALL_ON.node2),
      stop("node1"),
      comesBack("node1", HOME),
      stop("node2"),
      comesBack("node2", HOME),
      heal(HOME),
    ],
  },
  {
    autoFailback: "on",
    extra: NOBODY_DIES,
    rows: [COLD_START, killAndStart("node1"), killAndStart("node2")],
  },
  {
    autoFailback: "off",
    rows: [
      STARTS_ALONE,
      joinsLate(ALL_ON.node2),
      powerLoss("node2"),
      comesBack("node2", ALL_ON.node1),
      powerLoss("node1"),
      comesBack("node1", ALL_ON.node2),
      order("node1", "takeover", "local", HOME),
      heal(healedWithoutFailback),
    ],
  },
  {
    autoFailback: "legacy",
    extra: START_TOGETHER,
    rows: [
      // Not one node alone: an original in this mode then sometimes loses one of its own requests.
      COLD_START,
      powerLoss("node1"),
      comesBack("node1", HOME),
      powerLoss("node2"),
      comesBack("node2", HOME),
      stop("node1"),
      comesBack("node1", HOME),
      stop("node2"),
      comesBack("node2", HOME),
      heal(HOME),
    ],
  },
];
