/** Signals that this process sends to itself: what comes early waits, what comes later is obeyed. */
import assert from "node:assert/strict";
import { Log } from "../../core/runtime/log.ts";
import { catchSignals } from "../../core/runtime/signals.ts";

const LIMIT_MS = 5_000;

Deno.test("catchSignals: what comes before there is a life is obeyed when there is one", async () => {
  const log = new Log({
    ...{ logFile: null, debugFile: null, syslog: null, style: "stamped", host: "a", pid: 1 },
  }, 0);
  const level = () => log.debugLevel;
  const orders: string[] = [];
  const reply = { accepted: true, text: "" };
  const life = {
    stop: () => Promise.resolve(orders.push("stop")).then(() => reply),
    reload: () => {
      orders.push("reload");
      return reply;
    },
  };
  const signals = catchSignals();
  try {
    for (const signal of ["SIGHUP", "SIGHUP", "SIGTERM", "SIGUSR1"] as const) {
      Deno.kill(Deno.pid, signal);
    }
    // The runtime hands signals on later; unhandled, each of them would have ended this process.
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(orders, [], "nobody is there to obey yet");
    signals.deliver(life, log);
    assert.deepEqual(orders.toSorted(), ["reload", "stop"]);
    assert.equal(level(), 1);
    Deno.kill(Deno.pid, "SIGUSR2");
    const endMs = performance.now() + LIMIT_MS;
    while (level() !== 0 && performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(level(), 0);
  } finally {
    signals.release();
    await log.close();
  }
});
