/**
 * Two whole lives of the engine in one process, joined by a serial cable, beating as fast as they
 * may. Says on stdout, one JSON object a round, what they hold after a full collection of garbage.
 * Needs `--v8-flags=--expose-gc`. Arguments: rounds, heartbeats of one round.
 */
import { step } from "../../core/engine/machine.ts";
import { initialState } from "../../core/engine/state.ts";
import { Reactor } from "../../core/os/reactor.ts";
import { Driver } from "../../core/runtime/driver.ts";
import { Media } from "../../core/runtime/media.ts";
import type { AuthKeys, ClusterConfig } from "../../core/types.ts";
import { createMedium } from "../../transports/create_medium.ts";
import { SerialCable } from "../lab/serial_cable.ts";

const NODES = ["a", "b"] as const;
const BAUD = 4_000_000;
const key = { number: 1, method: "sha1", secret: new Uint8Array([1, 2, 3]) } as const;
const keys: AuthKeys = { signing: key, keys: [key] };
const [rounds = 0, beats = 0] = Deno.args.map(Number);
const { gc } = globalThis as unknown as { readonly gc: () => void };

const reactor = new Reactor(failed);
const cable = new SerialCable();

function failed(error: unknown): void {
  console.error(error);
  Deno.exit(1);
}

function configOf(self: string): ClusterConfig {
  return {
    ...{ self, nodes: NODES, pingNodes: [], groups: [], autoFailback: "on" },
    ...{ keepaliveMs: 5, warntimeMs: 2_000, deadtimeMs: 10_000, initdeadMs: 20_000 },
    ...{ hopFudge: 1, maxRexmitDelayMs: 250 },
    ...{ startDeadlineMs: 1_000, stopDeadlineMs: 1_000, statusDeadlineMs: 1_000 },
  };
}

const states = NODES.map((self, at) => {
  const state = initialState(configOf(self));
  const driver = new Driver({
    step: (event) => step(state, event),
    send: (message) => media.send(message),
    perform: () => Promise.resolve({ kind: "ok" }),
    log: () => {},
    storeGroups: () => Promise.resolve(),
    storeGeneration: () => Promise.resolve(),
    storeFreshness: () => Promise.resolve(),
    exit: () => failed("it ended"),
    failed,
  });
  const device = cable.devices[at] ?? "";
  const media = new Media({
    self,
    ...{ keys, messageFormat: "classic", logBadPackets: false, log: () => {} },
    media: [createMedium({ kind: "serial", device, baud: BAUD }, reactor)],
    received: (link, message) => driver.message(link, message),
    reported: (report) => driver.medium(report),
    others: [],
    unverified: () => {},
  });
  const uuid = new Uint8Array(16).fill(at + 1);
  driver.start({ generation: 100, uuid, held: [], removed: [], newest: [] }, () => media.open());
  return state;
});

for (let round = 1; round <= rounds; round++) {
  // Not so much time: a slow machine has to have done as much, and compiled as much, as another.
  while ((states[0]?.seq ?? 0) < round * beats) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  gc();
  // Finalizers run between two collections.
  await new Promise((resolve) => setTimeout(resolve, 100));
  gc();
  const { heapUsed, external } = Deno.memoryUsage();
  console.log(JSON.stringify({
    beats: states[0]?.seq,
    heapBytes: heapUsed,
    externalBytes: external,
    fds: [...Deno.readDirSync("/proc/self/fd")].length,
  }));
}
Deno.exit(0);
