/**
 * Whether authkeys is kept secret: its mode, owner and kind, or those of the file that it links to.
 * The original looks at two mode bits only (config-files §7.1, §10); we refuse whatever lets
 * anybody but root read or replace the key.
 */

import type { Report } from "./diagnostics.ts";
import type { KeyFileFacts } from "./host_facts.ts";

/** The command that makes it, so that nobody else can read the key at any time. */
export function makeKeyFile(path: string): string {
  return `(umask 077; heartbeat keygen > ${path})`;
}

/** Refuses a key file that others can read or change, or that is no regular file. */
export function checkKeyFile(
  path: string,
  facts: KeyFileFacts,
  processUid: number,
  report: Report,
): void {
  const file = facts.linkTarget ?? path;
  const via = facts.linkTarget === null ? "" : ` (${path} links to it)`;
  // What a link leads to may be anybody's, and must not be changed for our sake.
  const fix = (command: string) =>
    facts.linkTarget === null
      ? `${command} ${path}`
      : `replace the link by a file of its own: rm ${path}; ${makeKeyFile(path)}`;
  const refuse = (code: "HB160" | "HB161" | "HB162", what: string, help: string) =>
    report.error(code, path, { title: `Cannot use ${file}${via}: ${what}`, help });
  if (!facts.isRegularFile) {
    refuse(
      "HB162",
      "it is not a regular file",
      'replace it by a file with "auth 1" and "1 sha1 SECRET", each on its own line',
    );
    return;
  }
  if (facts.mode !== 0o600 && facts.mode !== 0o400) {
    const shown = facts.mode.toString(8).padStart(4, "0");
    const why = (facts.mode & 0o044) !== 0
      ? "others could read the cluster key"
      : (facts.mode & 0o022) !== 0
      ? "others could change the cluster key"
      : "only 0600 and 0400 are accepted";
    refuse("HB160", `its mode is ${shown}, ${why}`, fix("chmod 600"));
  }
  if (facts.uid !== processUid && facts.uid !== 0) {
    refuse("HB161", `it belongs to user ${facts.uid}, not to root`, fix("chown root"));
  }
}
