/**
 * Puts back what somebody removed from /run under the daemon: a cleaning script, a container runtime.
 * Without pid file and control socket nobody could stop it, and without the note of what it holds a
 * crash would leave that to chance.
 */
import { troubleText } from "./file_trouble.ts";
import type { LogLine } from "./identity.ts";
import type { Paths } from "./paths.ts";

const SWEEP_MS = 5_000;

export interface RunFileOwners {
  /** Each puts its file back when it is gone; @returns whether it was */
  readonly pidFile: { renew(): boolean };
  readonly control: { renew(): boolean };
  readonly note: { renew(): Promise<void> };
}

/** @returns what ends it */
export function keepRunFiles(
  { runDir, pidFile, controlSocket }: Paths,
  owners: RunFileOwners,
  log: LogLine,
): () => void {
  let trouble = "";
  const sweep = () => {
    try {
      Deno.mkdirSync(runDir, { recursive: true });
      const renewed = [
        ...(owners.pidFile.renew() ? [pidFile] : []),
        ...(owners.control.renew() ? [controlSocket] : []),
      ];
      if (renewed.length > 0) log("warn", `Somebody removed ${renewed.join(", ")}: put back`);
      trouble = "";
    } catch (error) {
      const told = troubleText(error);
      if (told !== trouble) log("error", `Cannot look after ${runDir}: ${told}`);
      trouble = told;
    }
    void owners.note.renew();
  };
  const interval = setInterval(sweep, SWEEP_MS);
  return () => clearInterval(interval);
}
