/**
 * How this program is started again as a plugin host, and what it finds there: the environment of
 * scripts and a bounded heap.
 */
import { ownEnvironment, THIS_PROGRAM } from "../../os/this_program.ts";
import { SCRIPT_ENVIRONMENT } from "../executor.ts";
import { PLUGIN_HOST_SUBCOMMAND } from "./plugin_protocol.ts";
import type { HostCommand } from "./plugin_process.ts";

/** The engine's own bound comes before that of the process, since it says what happened. */
const HEAP_MEGABYTES = 256;
const HEAP_FLAG = `--max-old-space-size=${HEAP_MEGABYTES}`;

/** @param self program and first words of its command line that start this program again */
export function pluginHostCommand(
  self: readonly [string, ...string[]] = THIS_PROGRAM,
): HostCommand {
  const [program, ...args] = self;
  return {
    program,
    args: [...args, PLUGIN_HOST_SUBCOMMAND],
    env: {
      ...SCRIPT_ENVIRONMENT,
      ...ownEnvironment(),
      DENO_V8_FLAGS: HEAP_FLAG,
    },
  };
}
