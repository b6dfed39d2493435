/**
 * Runs that once broke a promise, played for ever. Each holds its shrunk list of faults, so that a
 * change in how faults are drawn does not turn it into another run; of each it was shown that it
 * still breaks when its mend is taken back, or both mends where two rules prevent it now. A change in how configurations are drawn ends them: then
 * take each mend back and look for a new seed.
 */
import type { Fault } from "./faults.ts";

export interface KeptRun {
  readonly seed: number;
  readonly found: string;
  readonly faults: readonly Fault[];
}

export const KEPT_RUNS: readonly KeptRun[] = [
  {
    seed: 808,
    found:
      "a beat that another message overtook was dropped, and its sender declared dead too early",
    faults: [
      { kind: "freeze", atMs: 34855, host: 1, forMs: 6835 },
      { kind: "kill", atMs: 54660, host: 0, forMs: 3522 },
      { kind: "kill", atMs: 58713, host: 0, forMs: 15921 },
    ],
  },
  {
    seed: 1154,
    found: "a group begun because its status was asked in vain, while the peer still stopped it",
    faults: [
      {
        kind: "agents",
        atMs: 14099,
        host: 0,
        forMs: 45066,
        bad: 0.5403844611719251,
        slowMs: 1002.881117311772,
      },
      {
        kind: "agents",
        atMs: 17269,
        host: 1,
        forMs: 24921,
        bad: 0.8566430509090424,
        slowMs: 3054.398846208118,
      },
      { kind: "freeze", atMs: 27348, host: 0, forMs: 7878 },
    ],
  },
  {
    seed: 2546,
    found: "a start under way at a crash was noted nowhere, and its resource forgotten",
    faults: [
      { kind: "cut", atMs: 4142, host: 0, forMs: 605, media: ["eth1", "ttyS0"] },
      { kind: "kill", atMs: 4958, host: 1, forMs: 887 },
    ],
  },
  {
    seed: 7002589,
    found:
      "a node was declared dead although a message of it, newer than its last beat, had just come",
    faults: [
      { kind: "replay", atMs: 7677, host: 0, times: 4 },
      {
        kind: "weather",
        atMs: 14820,
        host: 0,
        forMs: 8024,
        loss: 0.45812217048369347,
        maxMs: 364.7310344388243,
      },
      { kind: "replay", atMs: 15244, host: 1, times: 8 },
      { kind: "replay", atMs: 19000, host: 1, times: 7 },
      { kind: "takeover", atMs: 19896, host: 0, share: "all" },
    ],
  },
  {
    seed: 7003481,
    found:
      "a group of which nobody knew whether it ran was begun while the peer ran it; and a late " +
      "question undid what the peer had said since",
    faults: [
      {
        kind: "agents",
        atMs: 329282,
        host: 0,
        forMs: 918510,
        bad: 0.5465262525249273,
        slowMs: 3223.689827402588,
      },
      { kind: "power", atMs: 567228, host: 1, forMs: 438598 },
      { kind: "power", atMs: 1188609, host: 0, forMs: 400588 },
      {
        kind: "agents",
        atMs: 1443467,
        host: 0,
        forMs: 608034,
        bad: 0.3300148749258369,
        slowMs: 776.643422025023,
      },
    ],
  },
  {
    seed: 3002052,
    found:
      "the word that nothing is in motion any more came behind the completion of a move: both waited",
    faults: [
      { kind: "standby", atMs: 10824, host: 1, share: "local" },
      { kind: "power", atMs: 18798, host: 0, forMs: 3623 },
      {
        kind: "agents",
        atMs: 23161,
        host: 0,
        forMs: 10296,
        bad: 0.5728800853248686,
        slowMs: 1128.7280180861708,
      },
      { kind: "power", atMs: 24066, host: 1, forMs: 7370 },
      {
        kind: "agents",
        atMs: 31371,
        host: 0,
        forMs: 14508,
        bad: 0.9645138860214502,
        slowMs: 1186.6729516307823,
      },
      { kind: "power", atMs: 32510, host: 0, forMs: 11984 },
      { kind: "power", atMs: 32584, host: 0, forMs: 4355 },
      { kind: "cut", atMs: 37629, host: 1, forMs: 11205, media: ["eth1", "ttyS0"] },
      { kind: "power", atMs: 41093, host: 0, forMs: 10927 },
      { kind: "deafen", atMs: 42814, host: 0, forMs: 8833, media: ["eth1", "ttyS0"] },
      { kind: "stop", atMs: 45397, host: 1, forMs: 3206 },
      {
        kind: "agents",
        atMs: 49509,
        host: 0,
        forMs: 9330,
        bad: 0.8357702237553895,
        slowMs: 2792.2107293617446,
      },
    ],
  },
  {
    seed: 8000260,
    found: "a node that came back with another file still stopped what the other began",
    faults: [
      { kind: "kill", atMs: 1647, host: 1, forMs: 895 },
      { kind: "edit", atMs: 2340, host: 1, homes: ["ha1", "ha1", "ha1", "ha1"] },
    ],
  },
  {
    seed: 70,
    found:
      "a shorter keepalive, read at a reload, made the node take the last old beat for a pause",
    faults: [
      { kind: "deafen", atMs: 35581, host: 1, forMs: 10418, media: ["eth1", "ttyS0"] },
      {
        kind: "retime",
        atMs: 37380,
        host: 0,
        forMs: 4272,
        keepaliveMs: 293,
        deadtimeMs: 1570,
      },
    ],
  },
];
