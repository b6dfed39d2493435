/**
 * How this program starts itself again for work that must not hurt the daemon: as the daemon, as a
 * plugin host, as the one who tries a device. No FFI, so that anybody may know it.
 */

/**
 * Program and first words of the command line that start this program again. The path is read when
 * the process begins: under a running daemon a package may put a new file there, and from then on
 * the kernel names the old one, which is gone.
 */
export const THIS_PROGRAM: readonly [string, ...string[]] = Deno.build.standalone
  ? [Deno.execPath()]
  : [Deno.execPath(), "run", "-A", "--no-prompt", Deno.mainModule];

/** Where the runtime keeps compiled sources when it runs them. */
const CACHE_VARIABLES = ["DENO_DIR", "XDG_CACHE_HOME", "HOME"];

/** What {@link THIS_PROGRAM} has to find in its environment besides that of scripts. */
export function ownEnvironment(): Record<string, string> {
  const cache = CACHE_VARIABLES.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(cache), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
}

/** First word of the command line that tries a device; the path follows. Hidden from help. */
export const DEVICE_TRIAL_SUBCOMMAND = "__device-trial";

/** Exit codes of the trial of a device. */
export const DEVICE_TRIAL_EXIT = { free: 0, inUse: 16, unknown: 1 } as const;
