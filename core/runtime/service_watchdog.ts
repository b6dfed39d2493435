/**
 * Tells the service manager that the event loop still turns, as often as `WatchdogSec=` of the
 * unit asks for; without it the manager kills and restarts the daemon. It says nothing of the
 * cluster: a daemon that is alone and turns is alive. At the end it asks for the time that the stops
 * of the resources may take.
 */
import { sdNotify } from "../os/sd_notify.ts";

/** For the last beats, and for what has to be ended after them. */
const ENDING_MS = 15_000;

/**
 * Tells the manager how long an orderly end may take, whatever `TimeoutStopSec=` says.
 * @param endsMs on the monotonic clock; null when nothing has to be stopped
 */
export function askForTimeUntil(endsMs: number | null): void {
  if (endsMs === null) return;
  const stopMs = endsMs - performance.now();
  sdNotify(`EXTEND_TIMEOUT_USEC=${Math.ceil(stopMs + ENDING_MS) * 1000}`);
}

/** The manager waits this many times longer than it is told, so that one late notice does no harm. */
const NOTICES_PER_PERIOD = 3;

/**
 * Begins to send notices when the manager asked this process for them (`WATCHDOG_USEC`, and
 * `WATCHDOG_PID` if it is set; sd_watchdog_enabled(3)).
 * @returns ends it
 */
export function keepServiceWatchdog(
  environment: (name: string) => string | undefined = (name) => Deno.env.get(name),
): () => void {
  const periodMs = Number(environment("WATCHDOG_USEC") ?? 0) / 1000;
  const meant = Number(environment("WATCHDOG_PID") ?? Deno.pid);
  if (!(periodMs > 0) || meant !== Deno.pid) return () => {};
  const timer = setInterval(() => sdNotify("WATCHDOG=1"), periodMs / NOTICES_PER_PERIOD);
  return () => clearInterval(timer);
}
