/**
 * How this program is started again as a plugin host, and what it finds there: the environment of
 * scripts and a bounded heap.
 */
import { THIS_PROGRAM } from "../daemonize.ts";
import { SCRIPT_ENVIRONMENT } from "../executor.ts";
import { PLUGIN_HOST_SUBCOMMAND } from "./plugin_protocol.ts";
import type { HostCommand } from "./plugin_process.ts";

/** The engine's own bound comes before that of the process, since it says what happened. */
const HEAP_MEGABYTES = 256;
const HEAP_FLAG = `--max-old-space-size=${HEAP_MEGABYTES}`;
/** Where the runtime keeps compiled sources when it runs them. */
const CACHE_VARIABLES = ["DENO_DIR", "XDG_CACHE_HOME", "HOME"];

/** @param self program and first words of its command line that start this program again */
export function pluginHostCommand(
  self: readonly [string, ...string[]] = THIS_PROGRAM,
): HostCommand {
  const [program, ...args] = self;
  const cache = CACHE_VARIABLES.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    program,
    args: [...args, PLUGIN_HOST_SUBCOMMAND],
    env: {
      ...SCRIPT_ENVIRONMENT,
      ...Object.fromEntries(cache),
      DENO_V8_FLAGS: HEAP_FLAG,
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
    },
  };
}
