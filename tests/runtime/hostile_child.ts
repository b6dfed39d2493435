/**
 * Performs hostile plugins as the daemon does, at its priority, and measures what the beat would
 * feel: how late a 10 ms timer comes while the plugin rages, and when the next plugin can be called.
 * Each line of output is a {@link Measured}. usage: hostile_child.ts RESOURCE=DEADLINE_MS…
 */
import { raisePriority } from "../../core/os/scheduling.ts";
import { openPluginBench, said } from "./plugin_bench.ts";

export interface Measured {
  readonly resource: string;
  readonly outcome: string;
  readonly tookMs: number;
  readonly backMs: number;
  readonly latestMs: number;
  readonly logLines: number;
  readonly realtime: boolean;
}

const TICK_MS = 10;
const PRIORITY = 10;

if (import.meta.main) {
  await using bench = openPluginBench();
  bench.write("unloadable.ts", '\nthrow new Error("cannot be loaded");\n');
  bench.write("network.ts", 'import left from "npm:left-pad@1.3.0";\nexport default left;\n');
  bench.write("remote.ts", 'import x from "https://example.org/x.ts";\nexport default x;\n');
  bench.write("loops_at_load.ts", "for (;;);\n");
  const ready = () => bench.client.describe(`${bench.dir}/good.ts`);
  bench.client.prepare([`${bench.dir}/hostile.ts`], 1);
  const realtime = raisePriority(PRIORITY).startsWith("real-time");
  await ready();
  let lastMs = 0;
  let latestMs = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    latestMs = Math.max(latestMs, nowMs - lastMs - TICK_MS);
    lastMs = nowMs;
  }, TICK_MS);
  for (const word of Deno.args) {
    const [resource = "", deadline] = word.split("=");
    const beganMs = performance.now();
    bench.log.length = 0;
    latestMs = 0;
    lastMs = beganMs;
    const outcome = said(await bench.perform(resource, "start", Number(deadline)));
    const endedMs = performance.now();
    await ready();
    const measured: Measured = {
      ...{ resource, outcome, realtime, latestMs },
      tookMs: endedMs - beganMs,
      backMs: performance.now() - endedMs,
      logLines: bench.log.length,
    };
    console.log(JSON.stringify(measured));
  }
  clearInterval(timer);
}
