/**
 * The promises of a resource agent, as `heartbeat agent test` names, explains and judges them. The
 * contract gives the reasons; how each one is put to the test stands in the files beside this one.
 */

/** In the order of the report. */
export const PROMISES = {
  start: "start of a stopped resource succeeds",
  "start-again": "start of a running resource succeeds and leaves it running",
  stop: "stop of a running resource succeeds",
  "stop-again": "stop of a stopped resource succeeds and leaves it stopped",
  status: "status tells the truth before and after each start and stop",
  "stop-after-failure": "after a start that failed, stop succeeds and leaves nothing running",
  deadline: "a call whose time is over ends by itself, without being killed",
  cancellation: "after a stop, also one after a call that was given up, none of its programs run",
  arguments: "arguments with blanks and other than ASCII letters arrive unchanged",
  order: "start returns when neighbours can rely on it, stop when nothing of it is left",
  output: "a call prints no flood of lines",
  verbs: "a word that is no verb is refused and changes nothing",
} as const satisfies Readonly<Record<string, string>>;

/** The evidence for a promise that no test came to. */
export const NOT_REACHED = "an earlier breach left nothing to test";

export type PromiseName = keyof typeof PROMISES;

export type Result = "kept" | "broken" | "not applicable";

export interface Verdict {
  readonly name: PromiseName;
  /** The promise in words. */
  readonly rule: string;
  readonly result: Result;
  /** One sentence: what was seen, or why nothing could be. */
  readonly evidence: string;
}

/** Collects what was seen of each promise; one breach outweighs all that was kept. */
export class Verdicts {
  readonly #seen = new Map<PromiseName, { result: Result; evidence: string }>();

  kept(name: PromiseName, evidence: string): void {
    if (!this.isBroken(name)) this.#seen.set(name, { result: "kept", evidence });
  }

  /** The first breach is the one that is told; later ones are often its consequence. */
  broken(name: PromiseName, evidence: string): void {
    if (!this.isBroken(name)) {
      this.#seen.set(name, { result: "broken", evidence });
    }
  }

  notApplicable(name: PromiseName, why: string): void {
    if (!this.#seen.has(name)) this.#seen.set(name, { result: "not applicable", evidence: why });
  }

  isBroken(name: PromiseName): boolean {
    return this.#seen.get(name)?.result === "broken";
  }

  /** All promises; those that no test came to say so. */
  list(): readonly Verdict[] {
    const names = Object.keys(PROMISES) as PromiseName[];
    return names.map((name) => {
      const seen = this.#seen.get(name) ??
        { result: "not applicable", evidence: NOT_REACHED } as const;
      return { name, rule: PROMISES[name], ...seen };
    });
  }
}
