/** Signals that this process sends to itself: what comes early waits, what comes later is obeyed. */
import assert from "node:assert/strict";
import { Log } from "../../core/runtime/log.ts";
import { catchSignals } from "../../core/runtime/signals.ts";
import { eventually } from "../eventually.ts";

const EARLY = ["SIGHUP", "SIGTERM", "SIGUSR1"] as const;

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
      return Promise.resolve(reply);
    },
  };
  const signals = catchSignals();
  // The runtime hands signals on later, to all listeners alike.
  const heard = new Set<string>();
  const listeners = EARLY.map((signal) => [signal, () => void heard.add(signal)] as const);
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  try {
    // Unhandled, each of them would end this process.
    for (const signal of ["SIGHUP", ...EARLY] as const) Deno.kill(Deno.pid, signal);
    await eventually("all are handed on", () => heard.size === EARLY.length);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(orders, [], "nobody is there to obey yet");
    signals.deliver(life, log);
    assert.deepEqual(orders.toSorted(), ["reload", "stop"]);
    assert.equal(level(), 1);
    Deno.kill(Deno.pid, "SIGUSR2");
    await eventually("a later one is obeyed", () => level() === 0);
  } finally {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    signals.release();
    await log.close();
  }
});
