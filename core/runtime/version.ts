/**
 * What this program calls itself. package.json is the one place where the number is kept; the
 * import is embedded in the bundle, so that the executable needs no file beside it.
 */
import manifest from "../../package.json" with { type: "json" };

/** Version as `heartbeat -V`, the log and `cl_status hbparameter -p hbversion` print it. */
export const VERSION: string = manifest.version;
