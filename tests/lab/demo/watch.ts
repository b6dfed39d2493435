/**
 * Turns the client's fetches into what a person wants to know: who answers, since when, and how
 * long nobody did. Pure arithmetic on the answers' own time stamps.
 */
import type { Answer } from "./stage.ts";

/** A gap in the answers, or a new host in them. */
export interface Change {
  /** When the last good answer before it ended; null at the very first answer. */
  readonly fromMs: number | null;
  readonly toMs: number;
  readonly before: string | null;
  readonly after: string;
}

/** Gaps below this are the client's own rhythm and scheduling, not an outage. */
const GAP_MS = 50;
/** Silence after which nobody counts as answering. */
export const SILENT_MS = 100;
/** Changes kept; far more than any run makes, so that a flapping address cannot fill the memory. */
const MAX_CHANGES = 10_000;

export class Watch {
  readonly #changes: Change[] = [];
  #host: string | null = null;
  #lastGoodMs: number | null = null;

  /** Takes one fetch, in the order in which they ended; returns the change that it shows, if any. */
  add(answer: Answer): Change | undefined {
    if (answer.host === null) return undefined;
    const gapMs = this.#lastGoodMs === null ? Infinity : answer.endedMs - this.#lastGoodMs;
    const change = {
      fromMs: this.#lastGoodMs,
      toMs: answer.endedMs,
      before: this.#host,
      after: answer.host,
    };
    const isNews = gapMs > GAP_MS || answer.host !== this.#host;
    this.#host = answer.host;
    this.#lastGoodMs = answer.endedMs;
    if (!isNews) return undefined;
    if (this.#changes.length < MAX_CHANGES) this.#changes.push(change);
    return change;
  }

  /** Who answers at this moment; null when nobody does, or has been silent for longer. */
  answering(nowMs: number, longestMs = SILENT_MS): string | null {
    return this.silentMs(nowMs) <= longestMs ? this.#host : null;
  }

  /** Time since the last good answer; infinite before the first. */
  silentMs(nowMs: number): number {
    return this.#lastGoodMs === null ? Infinity : nowMs - this.#lastGoodMs;
  }

  /** Changes that ended at or after that time. */
  changesSince(sinceMs: number): readonly Change[] {
    return this.#changes.filter((change) => change.toMs >= sinceMs);
  }
}

/** Length of a change in milliseconds; 0 for the very first answer, which ends no outage. */
export function outageMs(change: Change): number {
  return change.fromMs === null ? 0 : change.toMs - change.fromMs;
}
