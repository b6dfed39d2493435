/**
 * What this program calls itself. package.json is the one place where the number is kept; the
 * import is embedded in the bundle, so that the executable needs no file beside it.
 */
import manifest from "../../package.json" with { type: "json" };

/** Version as `heartbeat -V`, the log and `cl_status hbparameter -p hbversion` print it. */
export const VERSION: string = manifest.version;

/** What is known of an executable's making. */
export interface BuildFacts {
  /** Commit of the source; "-dirty" behind it when files differed. */
  readonly commit: string;
  /** Where the base runtime came from. */
  readonly base: string;
}

/** Put here by .ci/compile.ts; null when the program runs from its source. */
export const BUILD: BuildFacts | null =
  (globalThis as { HEARTBEAT_BUILD?: BuildFacts }).HEARTBEAT_BUILD ?? null;
