/**
 * What signals mean to the daemon, as to the original (cluster-semantics §13): TERM and INT stop it
 * in order, HUP reads the files again, USR1 and USR2 raise and lower the debug level.
 */
import type { Life } from "./life.ts";
import type { Log } from "./log.ts";

/** @returns what takes the handlers away again */
export function handleSignals(life: Life, log: Log): () => void {
  const stop = () => void life.stop();
  const changeDebug = (by: number) => () => {
    log.changeDebugLevel(by);
    log.write("info", `Debug level is now ${log.debugLevel}`);
  };
  const handlers: readonly (readonly [Deno.Signal, () => void])[] = [
    ["SIGTERM", stop],
    ["SIGINT", stop],
    ["SIGHUP", () => void life.reload()],
    ["SIGUSR1", changeDebug(1)],
    ["SIGUSR2", changeDebug(-1)],
  ];
  for (const [signal, handler] of handlers) Deno.addSignalListener(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) Deno.removeSignalListener(signal, handler);
  };
}
