/**
 * Loads the configuration for a command and tells what is wrong with it, on stderr. The reader of
 * the files is loaded with the first use: most commands never look at a file.
 */
import type { CheckedConfiguration } from "../config/check.ts";
import type { Paths } from "../runtime/paths.ts";
import type { LoadOptions } from "../runtime/load_config.ts";
import type { Host } from "./host.ts";

/** Exit codes of a configuration with which nothing can be started. */
export const CONFIGURATION_EXIT = { good: 0, denied: 4, wrong: 6 } as const;

export async function readConfiguration(
  paths: Paths,
  options?: LoadOptions,
): Promise<CheckedConfiguration> {
  const { loadConfiguration } = await import("../runtime/load_config.ts");
  return loadConfiguration(paths, options);
}

/** Shows all errors and warnings. */
export async function showDiagnostics(host: Host, checked: CheckedConfiguration): Promise<void> {
  const { renderDiagnostics } = await import("../config/diagnostics.ts");
  const { colour: color, foldAt: columns } = host.terminal;
  host.err(renderDiagnostics(checked.diagnostics, { color, columns }));
}

/** Whether a daemon could start with the files as they are; says why when it could not. */
export async function judgeConfiguration(
  host: Host,
): Promise<typeof CONFIGURATION_EXIT[keyof typeof CONFIGURATION_EXIT]> {
  const checked = await readConfiguration(host.paths);
  if (checked.config !== null) return CONFIGURATION_EXIT.good;
  await showDiagnostics(host, checked);
  const { isDenied } = await import("../runtime/load_config.ts");
  return isDenied(checked) ? CONFIGURATION_EXIT.denied : CONFIGURATION_EXIT.wrong;
}
