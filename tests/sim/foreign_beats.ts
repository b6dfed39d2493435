/**
 * Beats with another key as one life of a simulated host hears them: at the pace at which its daemon
 * reports them, and whether they have come on every medium without a break.
 */
import type { MediumName } from "./network.ts";

/** The daemon reports one of a node and medium in this time. */
const REPORT_EVERY_MS = 200;
/** So many times initdead they may hold up a start. */
export const HELD_INITDEADS = 10;

export class ForeignBeats {
  readonly #reportedMs = new Map<MediumName, number>();
  readonly #beatMs = new Map<MediumName, number>();
  #broken = false;

  /** @param firstByMs a beat that comes later than that is the first after a silence */
  constructor(private readonly firstByMs: number, private readonly deadtimeMs: number) {}

  /** Whether this one is reported. */
  admit(medium: MediumName, nowMs: number, isBeat: boolean): boolean {
    if (nowMs - (this.#reportedMs.get(medium) ?? -Infinity) < REPORT_EVERY_MS) return false;
    this.#reportedMs.set(medium, nowMs);
    if (!isBeat) return true;
    const before = this.#beatMs.get(medium);
    if (nowMs > (before === undefined ? this.firstByMs : before + this.deadtimeMs)) this.end();
    this.#beatMs.set(medium, nowMs);
    return true;
  }

  /** Something happened that makes it hard to say. */
  end(): void {
    this.#broken = true;
  }

  goOn(open: readonly MediumName[], nowMs: number): boolean {
    return !this.#broken &&
      open.every((medium) => nowMs - (this.#beatMs.get(medium) ?? -Infinity) < this.deadtimeMs);
  }
}
