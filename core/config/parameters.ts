/**
 * What `cl_status hbparameter` shows: the single-valued directives as text, given or by default.
 */

import { DIRECTIVES } from "./directives.ts";
import type { Settings } from "./settings.ts";
import type { Timing } from "./timing.ts";

/** Parameter name to text, in the order of the table; a given value stays as it was written. */
export function readParameters(
  settings: Settings,
  timing: Timing,
  udpPort: number,
): Record<string, string> {
  const computed: Readonly<Record<string, string>> = {
    warntime: `${timing.warntimeMs}ms`,
    initdead: `${timing.initdeadMs}ms`,
    deadping: `${timing.deadpingMs}ms`,
    udpport: String(udpPort),
  };
  const parameters: Record<string, string> = {};
  for (const { name, syntax, ...directive } of DIRECTIVES) {
    if (syntax.kind === "list" || syntax.kind === "line") continue;
    const text = settings.get(name)?.text ?? computed[name] ?? directive.default;
    if (text !== null) parameters[name] = text;
  }
  return parameters;
}
