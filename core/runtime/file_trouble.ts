/**
 * Says in one sentence what kept a file from being read or written: what was tried, on which path,
 * the errno by name, and who could do it. Deno's own words ("Permission denied (os error 13):
 * readfile '…'") leave the last to the reader. It knows errors of the file system and no others.
 */
import type { FileTrouble } from "../config/heartbeat_config.ts";
import { NoTextFile } from "../os/read_text.ts";
import { messageOf } from "../os/thrown.ts";

/** What Deno calls an operation, as people say it; any other has a good name already. */
const DEEDS: Readonly<Record<string, string>> = {
  ...{ readfile: "read", readdir: "read", writefile: "write", mkdir: "make" },
  ...{ stat: "look at", lstat: "look at", realpath: "look at", readlink: "look at" },
};
const REASONS: Readonly<Record<string, string>> = {
  ENOTDIR: "a part of this path is not a directory",
  EISDIR: "it is a directory",
};
const DENIALS = ["EACCES", "EPERM"];

/** @returns null for an error that no path of the file system caused */
export function fileTrouble(error: unknown): FileTrouble | null {
  if (error instanceof NoTextFile) return { sentence: error.message, help: null, denied: false };
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") {
    return null;
  }
  const [, reason, operation, object] =
    /^(.+) \(os error \d+\): (\w+) '(.+)'$/s.exec(error.message) ?? [];
  if (reason === undefined || operation === undefined || object === undefined) return null;
  const { code } = error;
  const denied = DENIALS.includes(code);
  const rootCould = denied && Deno.uid() !== 0;
  const deed = DEEDS[operation] ?? operation;
  const why = rootCould ? "only root may" : REASONS[code] ?? reason.toLowerCase();
  return {
    sentence: `Cannot ${deed} ${object.replace("' -> '", " to ")} (${code}): ${why}`,
    help: rootCould ? "run this as root" : null,
    denied,
  };
}

/** The sentence with its help; of any other error its own message. */
export function troubleText(error: unknown): string {
  const trouble = fileTrouble(error);
  if (trouble === null) return messageOf(error);
  return trouble.help === null ? trouble.sentence : `${trouble.sentence}; ${trouble.help}`;
}
