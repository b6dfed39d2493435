/**
 * Reads the files of plugins, with the caution of who is about to run them as root: all of them lie
 * in one directory, and nobody but root, or the user that this process runs as, may change them.
 */
import { dirname } from "node:path";

const WRITABLE_BY_OTHERS = 0o022;
const PERMISSION_BITS = 0o7777;
/** Far more than an agent has; a file beyond it is none. */
const MAX_BYTES = 1024 * 1024;

/** A file as it was when its owner and mode were checked. */
export interface TrustedFile {
  /** With all links resolved. */
  readonly path: string;
  readonly text: string;
}

/** A file that was loaded, by the path under which it was asked for. */
export interface PluginSource extends TrustedFile {
  readonly asked: string;
}

/**
 * Reads one file of a plugin.
 * @param root directory that holds all of them, with its links resolved
 * @throws {Error} naming path, cause and the command that repairs it
 */
export function readTrusted(path: string, root: string): TrustedFile {
  const real = Deno.realPathSync(path);
  if (!real.startsWith(`${root}/`)) {
    throw new Error(`${path} is a link to ${real}, which is not in ${root} (fix: copy it there)`);
  }
  for (let dir = dirname(real); dir.length >= root.length; dir = dirname(dir)) {
    refuseUntrusted(dir, Deno.statSync(dir));
  }
  using file = Deno.openSync(real);
  // Of the open file, so that it cannot be exchanged between the check and the reading.
  const info = file.statSync();
  if (!info.isFile) throw new Error(`${path} is not a regular file`);
  refuseUntrusted(real, info);
  if (info.size > MAX_BYTES) {
    throw new Error(`${path} has ${info.size} bytes, ${MAX_BYTES} is the limit of a plugin`);
  }
  const bytes = new Uint8Array(info.size);
  let length = 0;
  for (let read: number | null = 1; read !== null && read > 0 && length < bytes.length;) {
    read = file.readSync(bytes.subarray(length));
    length += read ?? 0;
  }
  return { path: real, text: new TextDecoder().decode(bytes.subarray(0, length)) };
}

function refuseUntrusted(path: string, info: Deno.FileInfo): void {
  const uid = info.uid ?? 0;
  if (uid !== 0 && uid !== Deno.uid()) {
    throw new Error(
      `${path} belongs to user ${uid}, who could change what runs here (fix: chown root ${path})`,
    );
  }
  const mode = (info.mode ?? 0) & PERMISSION_BITS;
  if ((mode & WRITABLE_BY_OTHERS) !== 0) {
    const octal = mode.toString(8).padStart(4, "0");
    throw new Error(
      `${path} has mode ${octal}: others than its owner may change it (fix: chmod go-w ${path})`,
    );
  }
}
