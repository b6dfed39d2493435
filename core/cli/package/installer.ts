/**
 * Puts the package on a host and takes it away again, saying each thing it does. A file that the
 * administrator made or changed is never replaced or removed, unless by force; a dry run says what
 * it would do and touches nothing.
 */
import { dirname, join } from "node:path";
import type { PackageEntry } from "./package_files.ts";
import { type Fingerprint, fingerprintAt, hashOf, readRecord, RECORD_PATH } from "./record.ts";
import { writeRecord } from "./record.ts";

export interface InstallOptions {
  /** Directory that stands for `/`. */
  readonly root: string;
  readonly dryRun: boolean;
  /** Replaces what differs, too. */
  readonly force: boolean;
  /** The executable that is copied. */
  readonly program: string;
  say(text: string): void;
}

/** What was left as it is because somebody else wrote it, as the host names it. */
export interface InstallResult {
  readonly kept: readonly string[];
}

/** @throws {Error} the system's, when something cannot be written */
export function install(entries: readonly PackageEntry[], options: InstallOptions): InstallResult {
  const recordPath = join(options.root, RECORD_PATH);
  const before = readRecord(recordPath);
  const record = new Map(before);
  const kept: string[] = [];
  for (const entry of entries) {
    const place = join(options.root, entry.path);
    const there = fingerprintAt(place);
    const wanted = fingerprintOf(entry, options.program);
    if (there === wanted) {
      // A directory that was there before us is not ours to remove.
      if (entry.kind !== "directory") record.set(entry.path, wanted);
      options.say(`same    ${entry.path}`);
    } else if (there === null || there === before.get(entry.path) || options.force) {
      if (!options.dryRun) write(entry, place, options.program);
      record.set(entry.path, wanted);
      options.say(`${deed(there === null ? "wrote" : "renewed", options.dryRun)} ${entry.path}`);
    } else {
      kept.push(entry.path);
      options.say(`kept    ${entry.path}: it is not what an earlier install wrote there`);
    }
  }
  if (!options.dryRun) writeRecord(recordPath, record);
  return { kept };
}

/**
 * Removes what the record names, last first.
 * @returns null when there is no record
 */
export function uninstall(options: Omit<InstallOptions, "program">): InstallResult | null {
  const recordPath = join(options.root, RECORD_PATH);
  const record = readRecord(recordPath);
  if (record.size === 0) return null;
  const kept: string[] = [];
  for (const [path, written] of [...record].reverse()) {
    const place = join(options.root, path);
    const there = fingerprintAt(place);
    if (there === null) continue;
    const ours = there === written || options.force && written !== "directory";
    if (ours && remove(place, written, options.dryRun)) {
      options.say(`${deed("removed", options.dryRun)} ${path}`);
    } else {
      kept.push(path);
      const why = written === "directory" ? "it is not empty" : "it was changed since";
      options.say(`kept    ${path}: ${why}`);
    }
  }
  if (!options.dryRun) Deno.removeSync(recordPath);
  return { kept };
}

const WISHES = { wrote: "would write", renewed: "would renew", removed: "would remove" } as const;

/** The first column of what is said. */
function deed(done: keyof typeof WISHES, dryRun: boolean): string {
  return dryRun ? WISHES[done] : done.padEnd("removed".length);
}

function fingerprintOf(entry: PackageEntry, program: string): Fingerprint {
  switch (entry.kind) {
    case "directory":
      return "directory";
    case "link":
      return `link:${entry.target}`;
    case "program":
      return fingerprintAt(program) ?? "";
    case "file":
      return hashOf(new TextEncoder().encode(entry.text));
    default: {
      const never: never = entry;
      return never;
    }
  }
}

/** Files appear under their name whole or not at all; a running program keeps its old file. */
function write(entry: PackageEntry, place: string, program: string): void {
  if (entry.kind === "directory") {
    Deno.mkdirSync(place, { recursive: true });
    return Deno.chmodSync(place, entry.mode);
  }
  Deno.mkdirSync(dirname(place), { recursive: true });
  const beside = `${place}.heartbeat-new`;
  if (entry.kind === "link") {
    Deno.symlinkSync(entry.target, beside);
  } else {
    if (entry.kind === "program") Deno.copyFileSync(program, beside);
    else Deno.writeTextFileSync(beside, entry.text, { mode: 0o600 });
    Deno.chmodSync(beside, entry.mode);
  }
  Deno.renameSync(beside, place);
}

/** @returns false for a directory that something else is still in */
function remove(place: string, written: Fingerprint, dryRun: boolean): boolean {
  if (written === "directory" && [...Deno.readDirSync(place)].length > 0 && !dryRun) return false;
  if (!dryRun) Deno.removeSync(place);
  return true;
}
