/**
 * Loads the configuration for a command and tells what is wrong with it, on stderr. The reader of
 * the files is loaded with the first use: most commands never look at a file.
 */
import type { CheckedConfiguration } from "../config/check.ts";
import type { Paths } from "../runtime/paths.ts";
import type { LoadOptions } from "../runtime/load_config.ts";
import type { Host } from "./host.ts";

/**
 * @returns null, after saying why, when a file that exists cannot be read
 */
export async function readConfiguration(
  host: Host,
  paths: Paths,
  options?: LoadOptions,
): Promise<CheckedConfiguration | null> {
  const { loadConfiguration } = await import("../runtime/load_config.ts");
  try {
    return loadConfiguration(paths, options);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    host.err(`heartbeat: cannot read the configuration in ${paths.configDir}: ${error.message}\n`);
    return null;
  }
}

/** Shows all errors and warnings. */
export async function showDiagnostics(host: Host, checked: CheckedConfiguration): Promise<void> {
  const { renderDiagnostics } = await import("../config/diagnostics.ts");
  host.err(renderDiagnostics(checked.diagnostics, { color: host.terminal.colour }));
}

/** Whether a daemon could start with the files as they are; says why when it could not. */
export async function configurationIsGood(host: Host): Promise<boolean> {
  const checked = await readConfiguration(host, host.paths);
  if (checked === null) return false;
  if (checked.config === null) await showDiagnostics(host, checked);
  return checked.config !== null;
}
