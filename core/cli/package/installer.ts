/**
 * Puts the package on a host and takes it away again, saying each thing it does. A file that the
 * administrator made or changed is never replaced or removed, unless by force; a dry run says what
 * it would do and touches nothing. The record is there before the first file, so that an install
 * that broke off can be removed, too.
 */
import { dirname, join } from "node:path";
import type { PackageEntry } from "./package_files.ts";
import { type Fingerprint, fingerprintAt, hashOf, type InstallRecord } from "./record.ts";
import { readRecord, RECORD_PATH, writeRecord } from "./record.ts";
import { replaceFile } from "./replace_file.ts";

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

/** What is to be done about one entry. */
interface Step {
  readonly entry: PackageEntry;
  readonly place: string;
  readonly wanted: Fingerprint;
  readonly action: "same" | "wrote" | "renewed" | "kept";
}

/** @throws {Error} the system's, when something cannot be written; what was written is recorded */
export function install(entries: readonly PackageEntry[], options: InstallOptions): InstallResult {
  const recordPath = join(options.root, RECORD_PATH);
  const before = readRecord(recordPath);
  const steps = entries.map((entry) => stepFor(entry, before, options));
  const record = new Map(before);
  const promise = new Map(before);
  for (const { entry, wanted, action } of steps) {
    if (action === "wrote") promise.set(entry.path, wanted);
  }
  if (!options.dryRun) writeRecord(recordPath, promise);
  try {
    for (const { entry, place, wanted, action } of steps) {
      if (action === "same") {
        // A directory that was there before us is not ours to remove.
        if (entry.kind !== "directory") record.set(entry.path, wanted);
        options.say(`same    ${entry.path}`);
      } else if (action === "kept") {
        options.say(`kept    ${entry.path}: it is not what an earlier install wrote there`);
      } else {
        if (!options.dryRun) write(entry, place, options.program);
        record.set(entry.path, wanted);
        options.say(`${deed(action, options.dryRun)} ${entry.path}`);
      }
    }
  } finally {
    if (!options.dryRun) writeRecord(recordPath, record);
  }
  const kept = steps.filter(({ action }) => action === "kept");
  return { kept: kept.map(({ entry }) => entry.path) };
}

function stepFor(entry: PackageEntry, before: InstallRecord, options: InstallOptions): Step {
  const place = join(options.root, entry.path);
  const there = fingerprintAt(place);
  const wanted = fingerprintOf(entry, options.program);
  const action = there === wanted
    ? "same"
    : there === null
    ? "wrote"
    : there === before.get(entry.path) || options.force
    ? "renewed"
    : "kept";
  return { entry, place, wanted, action };
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

/** A running program keeps its old file. */
function write(entry: PackageEntry, place: string, program: string): void {
  if (entry.kind === "directory") {
    Deno.mkdirSync(place, { recursive: true });
    return Deno.chmodSync(place, entry.mode);
  }
  Deno.mkdirSync(dirname(place), { recursive: true });
  replaceFile(place, (beside) => {
    if (entry.kind === "link") return Deno.symlinkSync(entry.target, beside);
    const text = entry.kind === "file" ? entry.text : "";
    Deno.writeTextFileSync(beside, text, { createNew: true, mode: 0o600 });
    if (entry.kind === "program") Deno.copyFileSync(program, beside);
    Deno.chmodSync(beside, entry.mode);
  });
}

/** @returns false for a directory that something else is still in */
function remove(place: string, written: Fingerprint, dryRun: boolean): boolean {
  if (written === "directory" && [...Deno.readDirSync(place)].length > 0 && !dryRun) return false;
  if (!dryRun) Deno.removeSync(place);
  return true;
}
