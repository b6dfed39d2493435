/**
 * What a reload may change in a running daemon. Keys and everything that the engine takes over
 * change at once; what is bound to sockets, files and identities needs a restart, and saying so is
 * better than half a change. Pure: it only compares.
 */
import type { HeartbeatConfig } from "../config/heartbeat_config.ts";
import type { AuthKeys, ClusterConfig } from "../types.ts";

export interface ReloadPlan {
  /** What runs from now on. */
  readonly running: HeartbeatConfig;
  /** New keys; null when they are the same. */
  readonly keys: AuthKeys | null;
  /** For the engine; null when nothing that it knows has changed. */
  readonly cluster: ClusterConfig | null;
  /** Directives, or the things that they set, whose change waits for a restart. */
  readonly needsRestart: readonly string[];
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
  const members = MEMBERS.filter((part) => !same(current.cluster[part], next.cluster[part]));
  const cluster = members.length > 0 || same(current.cluster, next.cluster) ? null : next.cluster;
  const { media, log, realtime, generationMethod, uuidFrom, messageFormat } = current;
  return {
    running: {
      ...next,
      ...{ media, log, realtime, generationMethod, uuidFrom, messageFormat },
      cluster: cluster ?? current.cluster,
    },
    keys: same(current.keys, next.keys) ? null : next.keys,
    cluster,
    needsRestart: [...fixed.map(([, name]) => name), ...(members.length > 0 ? ["node list"] : [])],
  };
}

/** Configuration is plain data and bytes, built in the same order each time. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
