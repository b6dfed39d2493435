/**
 * The record of an installation: what was written and what it held then. It is what lets a removal
 * and an upgrade tell our own file from one that the administrator has changed since.
 */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { replaceFile } from "./replace_file.ts";

/** Where the record lies below the root. */
export const RECORD_PATH = "/var/lib/heartbeat/installed.json";
const RECORD_MODE = 0o600;
const READ_BYTES = 1 << 20;

/** What lies at a path: `link:TARGET`, `directory`, or the SHA-256 of a file. */
export type Fingerprint = string;

/** Path as the host sees it, and what it held when it was written, in the order of writing. */
export type InstallRecord = ReadonlyMap<string, Fingerprint>;

/** @returns what lies at a path, null when nothing does */
export function fingerprintAt(path: string): Fingerprint | null {
  let stat: Deno.FileInfo;
  try {
    stat = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw error;
  }
  if (stat.isSymlink) return `link:${Deno.readLinkSync(path)}`;
  return stat.isDirectory ? "directory" : hashOfFile(path);
}

export function hashOf(bytes: Uint8Array): Fingerprint {
  return createHash("sha256").update(bytes).digest("hex");
}

function hashOfFile(path: string): Fingerprint {
  const hash = createHash("sha256");
  const block = new Uint8Array(READ_BYTES);
  using file = Deno.openSync(path);
  for (let read = file.readSync(block); read !== null; read = file.readSync(block)) {
    hash.update(block.subarray(0, read));
  }
  return hash.digest("hex");
}

/** @returns the record at that place; empty when there is none */
export function readRecord(path: string): InstallRecord {
  try {
    const entries: unknown = JSON.parse(Deno.readTextFileSync(path));
    if (!Array.isArray(entries)) throw new Error(`${path} is no record of an installation`);
    return new Map(entries as [string, Fingerprint][]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Map();
    throw error;
  }
}

export function writeRecord(path: string, record: InstallRecord): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  const text = `${JSON.stringify([...record], null, 1)}\n`;
  // An older record is worth more than half of a new one.
  replaceFile(path, (beside) => {
    Deno.writeTextFileSync(beside, text, { createNew: true, mode: RECORD_MODE });
  });
}
