/**
 * One program under several names. The hidden sub-commands of the child processes come first and
 * load only what they need; everything else is a command line for core/cli.
 */
import { DAEMON_SUBCOMMAND, parseDaemonOptions } from "./core/runtime/daemon_options.ts";
import { PLUGIN_HOST_SUBCOMMAND } from "./core/runtime/plugins/plugin_protocol.ts";
import { DEVICE_TRIAL_SUBCOMMAND } from "./core/os/this_program.ts";
import process from "node:process";

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === DAEMON_SUBCOMMAND) {
    const { runDaemon } = await import("./core/runtime/daemon.ts");
    return await runDaemon(parseDaemonOptions(args[1]));
  }
  if (args[0] === PLUGIN_HOST_SUBCOMMAND) {
    const { runPluginHost } = await import("./core/runtime/plugins/plugin_host.ts");
    return await runPluginHost();
  }
  if (args[0] === DEVICE_TRIAL_SUBCOMMAND) {
    const { tryDevice } = await import("./core/os/device_trial.ts");
    return tryDevice(args[1] ?? "");
  }
  const { runCli } = await import("./core/cli/dispatch.ts");
  return await runCli(process.argv0, args);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
