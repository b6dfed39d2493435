/**
 * Measures a medium over a veth pair: latency one way (half a round trip) and CPU of one packet, at
 * both ends together. Run as root: `deno run -A tests/transports/measure.ts`.
 */
import type { MediumConfig } from "../../core/types.ts";
import { Lab, labReason, MediumChild } from "./lab.ts";

const ROUNDS = 5000;
const WARM_UP_ROUNDS = 500;
const FRAME_BYTES = 250;

const reason = labReason();
if (reason !== undefined) {
  console.log(`measure: nothing measured: ${reason}`);
  Deno.exit(0);
}

function quantile(sorted: readonly number[], part: number): string {
  return (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(0);
}

/** The pinger hears its own broadcasts, so unicast is what can be measured one at a time. */
function media(peer: string): MediumConfig[] {
  return [{ kind: "ucast", interface: "eth1", host: peer, port: 694 }];
}

using lab = new Lab();
await using a = new MediumChild(lab.a, media("10.0.1.2"));
await using b = new MediumChild(lab.b, media("10.0.1.1"));
await a.openUsable();
await b.openUsable();
await b.tell({ do: "echo", medium: 0 });
// Its answer shows that the command before it is obeyed.
await b.count();
for (const rounds of [WARM_UP_ROUNDS, ROUNDS]) {
  await a.tell({ do: "measure", medium: 0, rounds, bytes: FRAME_BYTES });
  const { roundTripsUs, cpuUs } = await a.next("measured");
  if (rounds === WARM_UP_ROUNDS) continue;
  const oneWayUs = roundTripsUs.map((us) => us / 2).sort((x, y) => x - y);
  console.log(
    `${rounds} frames of ${FRAME_BYTES} bytes, one way: median ${quantile(oneWayUs, 0.5)} µs, ` +
      `p99 ${quantile(oneWayUs, 0.99)} µs, max ${quantile(oneWayUs, 1)} µs; ` +
      `CPU of one frame sent and one received: ${(cpuUs / rounds).toFixed(0)} µs`,
  );
}
