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
  {
    seed: 5623,
    found: "the completion of one move, overtaken by the request for the next, began it too early",
    faults: [
      { kind: "replay", atMs: 3911, host: 0, times: 6 },
      { kind: "power", atMs: 14282, host: 1, forMs: 10839 },
      { kind: "power", atMs: 14430, host: 0, forMs: 6821 },
      {
        kind: "agents",
        atMs: 16300,
        host: 1,
        forMs: 13998,
        bad: 0.03523287083953619,
        slowMs: 2754.5536221635994,
      },
      { kind: "replay", atMs: 18326, host: 0, times: 15 },
      { kind: "power", atMs: 18892, host: 1, forMs: 5666 },
      { kind: "replay", atMs: 22108, host: 1, times: 13 },
      { kind: "power", atMs: 26319, host: 1, forMs: 4372 },
      { kind: "replay", atMs: 34606, host: 0, times: 20 },
      { kind: "power", atMs: 35950, host: 0, forMs: 13937 },
      {
        kind: "agents",
        atMs: 38924,
        host: 1,
        forMs: 14262,
        bad: 0.973884372971952,
        slowMs: 2276.7112399274483,
      },
      { kind: "power", atMs: 40680, host: 0, forMs: 3220 },
      {
        kind: "agents",
        atMs: 44497,
        host: 1,
        forMs: 33129,
        bad: 0.7416646725032479,
        slowMs: 3807.0968156708404,
      },
      { kind: "power", atMs: 44520, host: 0, forMs: 4125 },
      {
        kind: "agents",
        atMs: 49554,
        host: 1,
        forMs: 35025,
        bad: 0.3795436769723892,
        slowMs: 2514.466644768603,
      },
      { kind: "replay", atMs: 51639, host: 0, times: 11 },
      { kind: "replay", atMs: 53139, host: 1, times: 4 },
      { kind: "power", atMs: 53194, host: 1, forMs: 4901 },
      { kind: "replay", atMs: 54126, host: 1, times: 14 },
      {
        kind: "agents",
        atMs: 57281,
        host: 0,
        forMs: 17457,
        bad: 0.10227569192647934,
        slowMs: 3879.3357253719587,
      },
      { kind: "replay", atMs: 57626, host: 1, times: 14 },
      { kind: "power", atMs: 57688, host: 0, forMs: 8917 },
      {
        kind: "agents",
        atMs: 59308,
        host: 1,
        forMs: 47475,
        bad: 0.6725166628602892,
        slowMs: 1217.5347759351134,
      },
      { kind: "power", atMs: 60861, host: 0, forMs: 2005 },
      { kind: "replay", atMs: 65040, host: 0, times: 3 },
      { kind: "replay", atMs: 66280, host: 0, times: 2 },
      { kind: "replay", atMs: 69196, host: 0, times: 15 },
      { kind: "replay", atMs: 71318, host: 1, times: 3 },
    ],
  },
];
