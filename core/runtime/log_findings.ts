/** What a start or a reload found in the files, a line of the log each. */
import { type Diagnostic, diagnosticRecords } from "../config/diagnostics.ts";
import type { Log } from "./log.ts";
import type { Paths } from "./paths.ts";

export function logFindings(diagnostics: readonly Diagnostic[], paths: Paths, log: Log): void {
  for (const { severity, title, file, line, help } of diagnosticRecords(diagnostics)) {
    const place = `${file ?? paths.configDir}${line === null ? "" : `:${line}`}`;
    const level = severity === "error" ? "error" : "warn";
    log.write(level, `${place}: ${title}${help === null ? "" : ` (${help})`}`);
  }
}
