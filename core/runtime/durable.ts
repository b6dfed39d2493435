/**
 * Replaces a small file so that a power cut leaves the old or the new content, never a mixture:
 * write beside, fsync, rename, fsync the directory. All of it off the event loop, because an
 * fsync on a busy disk can take longer than deadtime.
 */
import { dirname } from "node:path";

/**
 * @param mode permission bits of the new file
 * @throws {Error} the system's, when the disk is full or the directory is missing
 */
export async function writeDurably(path: string, data: Uint8Array, mode: number): Promise<void> {
  const beside = `${path}.new`;
  const file = await Deno.open(beside, { write: true, create: true, truncate: true, mode });
  try {
    for (let offset = 0; offset < data.length;) {
      offset += await file.write(data.subarray(offset));
    }
    await file.sync();
  } finally {
    file.close();
  }
  await Deno.chmod(beside, mode);
  await Deno.rename(beside, path);
  const directory = await Deno.open(dirname(path));
  try {
    await directory.sync();
  } finally {
    directory.close();
  }
}
