/**
 * Arithmetic of the two halves of the resource groups. `local` are the groups whose haresources
 * line names this node, `foreign` all others; the peer sees them the other way round.
 */
import { EVERY_SHARE, type Group, NO_SHARE, type Shares, type State } from "./state.ts";
import type { Share } from "./events.ts";
import type { Holding } from "./view.ts";

/** The half to which a group of that preferred node belongs. */
export function shareOf(state: State, node: string): "local" | "foreign" {
  return node === state.config.self ? "local" : "foreign";
}

/** The halves in which some group is such. */
export function sharesWith(state: State, isSuch: (group: Group) => boolean): Shares {
  const such = state.groups.filter(isSuch).map(({ config }) => shareOf(state, config.node));
  return { local: such.includes("local"), foreign: such.includes("foreign") };
}

/** Whether this node is responsible for the group. */
export function claims(state: State, group: Group): boolean {
  return !group.retired && state.claim[shareOf(state, group.config.node)];
}

/** The same share as the other node calls it. */
export function mirrored(share: Share): Share {
  if (share === "all") return "all";
  return share === "local" ? "foreign" : "local";
}

export function swapped(shares: Shares): Shares {
  return { local: shares.foreign, foreign: shares.local };
}

export function sharesIn(share: Share): Shares {
  if (share === "all") return EVERY_SHARE;
  return { local: share === "local", foreign: share === "foreign" };
}

export function plus(a: Shares, b: Shares): Shares {
  return { local: a.local || b.local, foreign: a.foreign || b.foreign };
}

export function minus(a: Shares, b: Shares): Shares {
  return { local: a.local && !b.local, foreign: a.foreign && !b.foreign };
}

export function both(a: Shares, b: Shares): Shares {
  return { local: a.local && b.local, foreign: a.foreign && b.foreign };
}

export function isNone(shares: Shares): boolean {
  return !shares.local && !shares.foreign;
}

export function sameShares(a: Shares, b: Shares): boolean {
  return a.local === b.local && a.foreign === b.foreign;
}

/** The word for it in `rsc_hold` and in `cl_status rscstatus`. */
export function holdingOf(shares: Shares): Holding {
  if (shares.local) return shares.foreign ? "all" : "local";
  return shares.foreign ? "foreign" : "none";
}

/** The meaning of a `rsc_hold` word; `undefined` when it is none of the four. */
export function sharesOfWord(word: string | undefined): Shares | undefined {
  switch (word) {
    case "none":
      return NO_SHARE;
    case "local":
    case "foreign":
    case "all":
      return sharesIn(word);
    default:
      return undefined;
  }
}
