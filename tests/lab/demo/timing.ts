/**
 * The two paces at which the demo is played: that of the article, and one for the impatient.
 */

export interface Timing {
  /** Values that replace those of the article's ha.cf, by directive. */
  readonly directives: Readonly<Record<string, string>>;
  readonly deadtimeMs: number;
  /** Time that one cell of the drawn strip stands for. */
  readonly cellMs: number;
}

export const ARTICLE_TIMING: Timing = { directives: {}, deadtimeMs: 5_000, cellMs: 100 };

/** Both hosts start at the same time; on a slow machine seconds may lie between the two. */
export const FAST_TIMING: Timing = {
  directives: { keepalive: "100ms", deadtime: "500ms", initdead: "20", baud: "115200" },
  deadtimeMs: 500,
  cellMs: 20,
};
