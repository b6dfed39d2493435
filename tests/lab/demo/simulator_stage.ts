/**
 * The demo's stage where the kernel permits no namespaces: the real engine on the simulator's
 * network. It takes the same orders as the lab and tells the same things.
 */
import type { Stage } from "./stage.ts";
import type { Timing } from "./timing.ts";

/** @throws {Error} always: the simulator's stage is not built yet */
export function playOnSimulator(timing: Timing): Promise<Stage> {
  const wanted = `deadtime ${timing.deadtimeMs} ms`;
  throw new Error(`the demo cannot be played on the simulator yet (${wanted})`);
}
