/**
 * Runs that once broke a promise, played for ever. Each holds its shrunk list of faults, so that a
 * change in how faults are drawn does not turn it into another run.
 */
import type { Fault } from "./faults.ts";

export interface KeptRun {
  readonly seed: number;
  readonly found: string;
  readonly faults: readonly Fault[];
}

export const KEPT_RUNS: readonly KeptRun[] = [
  {
    seed: 345,
    found: "a restarted daemon completed a half-running group before hearing the peer",
    faults: [
      {
        kind: "agents",
        atMs: 14395,
        host: 1,
        forMs: 22092,
        bad: 0.8318833180237561,
        slowMs: 629.7171326826792,
      },
      { kind: "power", atMs: 20905, host: 1, forMs: 3650 },
    ],
  },
  {
    seed: 2477,
    found: "a recording from before a restart told the fresh daemon that nobody held a group",
    faults: [
      { kind: "replay", atMs: 570, host: 1, times: 4 },
      { kind: "stop", atMs: 2197, host: 1, forMs: 2636 },
      { kind: "standby", atMs: 8002, host: 0, share: "all" },
      { kind: "stop", atMs: 9069, host: 1, forMs: 2857 },
      { kind: "replay", atMs: 11446, host: 1, times: 7 },
      { kind: "replay", atMs: 16065, host: 1, times: 14 },
      { kind: "standby", atMs: 16231, host: 1, share: "all" },
      { kind: "stop", atMs: 16752, host: 1, forMs: 2738 },
      { kind: "replay", atMs: 18987, host: 0, times: 6 },
      { kind: "replay", atMs: 19873, host: 1, times: 7 },
      { kind: "stop", atMs: 20471, host: 1, forMs: 2773 },
      { kind: "replay", atMs: 27258, host: 1, times: 14 },
      { kind: "stop", atMs: 27950, host: 0, forMs: 213 },
      { kind: "replay", atMs: 28110, host: 1, times: 18 },
      { kind: "replay", atMs: 29147, host: 0, times: 8 },
    ],
  },
];
