/**
 * What signals mean to the daemon, as to the original (cluster-semantics §13): TERM and INT stop it
 * in order, HUP reads the files again, USR1 and USR2 raise and lower the debug level.
 *
 * They are caught before anything shows that the daemon is there, because whoever sees the pid file
 * may send one at once; what comes before there is a life to obey it waits for that.
 */
import type { Life } from "./life.ts";
import type { Log } from "./log.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
type HandledSignal = typeof SIGNALS[number];

export interface CaughtSignals {
  /** From now on this life obeys, first what waited. */
  deliver(life: Pick<Life, "stop" | "reload">, log: Log): void;
  /** Takes the handlers away again. */
  release(): void;
}

/** Catches all signals of the daemon. One that comes twice while it waits counts once. */
export function catchSignals(): CaughtSignals {
  const waiting = new Set<HandledSignal>();
  let obey = (signal: HandledSignal): void => void waiting.add(signal);
  const handlers = SIGNALS.map((signal) => [signal, () => obey(signal)] as const);
  for (const [signal, handler] of handlers) Deno.addSignalListener(signal, handler);
  return {
    deliver(life, log) {
      obey = (signal) => perform(signal, life, log);
      for (const signal of waiting) obey(signal);
      waiting.clear();
    },
    release() {
      for (const [signal, handler] of handlers) Deno.removeSignalListener(signal, handler);
    },
  };
}

function perform(signal: HandledSignal, life: Pick<Life, "stop" | "reload">, log: Log): void {
  switch (signal) {
    case "SIGTERM":
    case "SIGINT":
      return void life.stop();
    case "SIGHUP":
      return void life.reload();
    case "SIGUSR1":
      return changeDebugLevel(log, 1);
    case "SIGUSR2":
      return changeDebugLevel(log, -1);
    default: {
      const never: never = signal;
      return never;
    }
  }
}

function changeDebugLevel(log: Log, by: number): void {
  log.changeDebugLevel(by);
  log.write("info", `Debug level is now ${log.debugLevel}`);
}
