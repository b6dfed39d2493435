/**
 * The program under test: the executable that HB_BIN names, else the source tree under the Deno
 * that runs the test. Every test that starts a whole `heartbeat` process starts this one.
 */
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const NAMED = Deno.env.get("HB_BIN");

/** Program and first words of the command line of `heartbeat`. */
export const MAIN_COMMAND: readonly [string, ...string[]] = NAMED === undefined || NAMED === ""
  ? [Deno.execPath(), "run", "-A", "--no-prompt", MAIN]
  : [NAMED];
