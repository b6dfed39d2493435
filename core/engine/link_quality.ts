/**
 * How good a link is, for people: which of a sender's numbers came on this medium, which never did,
 * and how long it was silent in between. It forgets all but counts, a window of 32 numbers and the
 * worst gap, and decides nothing.
 */
import type { LinkQualityView } from "./view.ts";

export interface LinkQuality {
  /** Life of the sender to which the numbers belong. */
  generation: number;
  /** Null before the first number. */
  highest: number | null;
  /** Bit i: number `highest - i` was heard here. */
  window: number;
  heard: number;
  lost: number;
  /** By {@link GAP_BOUNDS}, and one more for what is longer. */
  readonly gaps: number[];
  worstGapMs: number;
}

/** Numbers arrive out of order by a few; one that is older than this counts as lost. */
const WINDOW_NUMBERS = 32;
const ALL_HEARD = -1;
/** Upper ends of the classes of gaps, in keepalives. */
const GAP_BOUNDS = [1.5, 2, 3, 5, 10];

/** A link on which nothing was heard yet. */
export function newQuality(): LinkQuality {
  return {
    ...{ generation: 0, highest: null, window: ALL_HEARD, heard: 0, lost: 0, worstGapMs: 0 },
    gaps: [...GAP_BOUNDS, Infinity].map(() => 0),
  };
}

/**
 * A packet came on the link.
 * @param seq undefined for a packet without a number
 * @param gapMs since the one before it on this link; null for the first
 */
export function notePacket(
  quality: LinkQuality,
  generation: number,
  seq: number | undefined,
  gapMs: number | null,
  keepaliveMs: number,
): void {
  if (generation > quality.generation) {
    // The silence between two lives of the sender is not the link's.
    Object.assign(quality, { generation, highest: null, window: ALL_HEARD });
  } else if (generation < quality.generation) {
    return;
  } else if (gapMs !== null) {
    const bound = GAP_BOUNDS.findIndex((keepalives) => gapMs <= keepalives * keepaliveMs);
    const at = bound < 0 ? GAP_BOUNDS.length : bound;
    quality.gaps[at] = (quality.gaps[at] ?? 0) + 1;
    quality.worstGapMs = Math.max(quality.worstGapMs, gapMs);
  }
  if (seq !== undefined) noteNumber(quality, seq);
}

function noteNumber(quality: LinkQuality, seq: number): void {
  const ahead = quality.highest === null ? 1 : seq - quality.highest;
  if (ahead > 0) {
    advance(quality, ahead);
    quality.highest = seq;
  }
  const age = (quality.highest ?? seq) - seq;
  const bit = 1 << age;
  if (age >= WINDOW_NUMBERS || (quality.window & bit) !== 0) return;
  quality.window |= bit;
  quality.heard += 1;
}

/** Moves the window on; what leaves it unheard is lost. */
function advance(quality: LinkQuality, by: number): void {
  const leaving = Math.min(by, WINDOW_NUMBERS);
  for (let age = WINDOW_NUMBERS - leaving; age < WINDOW_NUMBERS; age += 1) {
    if ((quality.window & (1 << age)) === 0) quality.lost += 1;
  }
  quality.lost += by - leaving;
  quality.window = by >= WINDOW_NUMBERS ? 0 : quality.window << by;
}

/** The counts as status shows them. */
export function qualityView(quality: LinkQuality, keepaliveMs: number): LinkQualityView {
  return {
    heard: quality.heard,
    lost: quality.lost,
    worstGapMs: Math.round(quality.worstGapMs),
    gaps: quality.gaps.map((count, at) => {
      const bound = GAP_BOUNDS[at];
      return { upToMs: bound === undefined ? null : bound * keepaliveMs, count };
    }),
  };
}
