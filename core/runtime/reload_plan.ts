/**
 * What a reload may change in a running daemon. Keys and everything that the engine takes over
 * change at once; what is bound to sockets, files and identities needs a restart, and saying so is
 * better than half a change. Pure: it only compares.
 */
import type { HeartbeatConfig } from "../config/heartbeat_config.ts";
import { type LineChanges, lineChanges } from "../engine/line_change.ts";
import { peerIsGone } from "../engine/peer.ts";
import type { State } from "../engine/state.ts";
import { withHomesOf } from "../engine/reload.ts";
import type { AuthKeys, ClusterConfig, GroupConfig } from "../types.ts";

export interface ReloadPlan {
  /** What runs from now on. */
  readonly running: HeartbeatConfig;
  /** New keys; null when they are the same. */
  readonly keys: AuthKeys | null;
  /** For the engine; null when nothing that it knows has changed. */
  readonly cluster: ClusterConfig | null;
  /** What waits for a restart, a sentence each; said at each reload until then. */
  readonly waiting: readonly string[];
}

/** Parts that are read once in a life, with the name that the log gives them. */
const FIXED = {
  media: "media",
  log: "log targets",
  realtime: "realtime",
  generationMethod: "hbgenmethod",
  uuidFrom: "uuidfrom",
  messageFormat: "msgfmt",
} as const satisfies Partial<Record<keyof HeartbeatConfig, string>>;

/**
 * Members of the cluster: until the other node has changed with us it sees another pair, so the whole
 * cluster part waits.
 */
const MEMBERS = ["self", "nodes", "pingNodes"] as const satisfies (keyof ClusterConfig)[];

/** @param next another configuration that was checked without errors */
export function planReload(current: HeartbeatConfig, next: HeartbeatConfig): ReloadPlan {
  const fixed = Object.entries(FIXED).filter(([part]) =>
    !same(current[part as keyof typeof FIXED], next[part as keyof typeof FIXED])
  );
  const restart: string[] = fixed.map(([, name]) => name);
  const otherMembers = MEMBERS.some((part) =>
    !same([current.cluster[part]].flat().sort(), [next.cluster[part]].flat().sort())
  );
  if (otherMembers) restart.push("node list");
  const waiting: string[] = [];
  if (restart.length > 0) {
    waiting.push(`A restart is needed for changes of: ${restart.join(", ")}.`);
  }
  let { cluster } = current;
  if (otherMembers) waiting.push("Until then groups and times stay as they are, too.");
  else {
    const groups = withHomesOf(current.cluster.groups, next.cluster.groups);
    waiting.push(...next.cluster.groups.flatMap((group, at) => homeWaits(group, groups[at])));
    cluster = { ...next.cluster, groups };
  }
  const { media, log, realtime, generationMethod, uuidFrom, messageFormat } = current;
  return {
    running: {
      ...next,
      ...{ media, log, realtime, generationMethod, uuidFrom, messageFormat },
      cluster,
    },
    keys: same(current.keys, next.keys) ? null : next.keys,
    cluster: same(current.cluster, cluster) ? null : cluster,
    waiting,
  };
}

/** What a reload does to the resources of this host; `Would ` in front where it is not done. */
export function changesText({ starts, stops, keeps }: LineChanges, would = ""): string {
  const list = (words: readonly string[]) => words.length === 0 ? "nothing" : words.join(" ");
  const [start, stop, keep] = would === ""
    ? ["Starting", "stopping", "keeping"]
    : [`${would}start`, "stop", "keep"];
  return `${start} here: ${list(starts)}; ${stop}: ${list(stops)}; ${keep}: ${list(keeps)}.`;
}

/** The answer of a reload that changes nothing. */
export function refusal(reason: string): { readonly accepted: false; readonly text: string } {
  return { accepted: false, text: `Not reloaded, the running configuration stays: ${reason}` };
}

/** {@link disbelief} of the peer of this moment; `peerKey` is null before its first packet. */
export function stateDisbelief(
  state: State,
  peerKey: number | null,
  current: AuthKeys,
  next: AuthKeys,
): string | null {
  if (peerKey === null || state.peerName === null || peerIsGone(state)) return null;
  return disbelief(state.peerName, peerKey, current, next);
}

/** What is said when other groups or times are put in force; to be asked before that. */
export function appliedText(cluster: ClusterConfig, state: State): string {
  return `Configuration changed: applied. ${changesText(lineChanges(state, cluster))}`;
}

/** What would come of a plan that is not put in force. */
export function foretoldText({ keys, cluster, waiting }: ReloadPlan, state: State): string {
  const said = [
    ...keys === null ? [] : ["Other keys would be in force."],
    ...cluster === null ? [] : [changesText(lineChanges(state, cluster), "Would ")],
    ...waiting,
  ];
  return said.join(" ") || "Configuration unchanged.";
}

function homeWaits({ key, node }: GroupConfig, inForce: GroupConfig | undefined): string[] {
  if (inForce === undefined || inForce.node === node) return [];
  return [
    `The preferred node of ${key} changed: that needs a restart of heartbeat on both nodes, ` +
    `one after the other; until then ${inForce.node} stays in force`,
  ];
}

/**
 * Why the peer would not be believed any more if `next` came into force, and what to do; null when it
 * would be. Two hosts that do not believe each other both take everything, a dead time later.
 * @param keyNumber of `current`, with which the living peer signs
 */
export function disbelief(
  peerName: string,
  keyNumber: number,
  current: AuthKeys,
  next: AuthKeys,
): string | null {
  const listed = ({ keys }: AuthKeys) => keys.find(({ number }) => number === keyNumber);
  if (!same(listed(current), listed(next))) {
    return `${peerName} still signs with key ${keyNumber}: list both keys on both hosts, reload ` +
      "both, sign with the new one on both, then remove the old one";
  }
  // Beside a secret no crc is believed (wire/auth.ts).
  if (listed(next)?.method !== "crc" || next.signing.method === "crc") return null;
  return `${peerName} still signs with crc, which is not believed beside a key with a secret: ` +
    `stop heartbeat on ${peerName} first`;
}

/** Configuration is plain data and bytes, built in the same order each time. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
