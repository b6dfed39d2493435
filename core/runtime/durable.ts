/**
 * Replaces a small file so that a power cut leaves the old or the new content, never a mixture:
 * write beside, fsync, rename, fsync the directory. All of it off the event loop, because an
 * open or an fsync on a busy or frozen disk can take longer than deadtime.
 */
import { dirname } from "node:path";
import { ParkedFile } from "../os/parked_file.ts";

/**
 * @param mode permission bits of the new file
 * @throws {Error} the system's, when the disk is full or the directory is missing
 */
export async function writeDurably(
  path: string,
  data: Uint8Array<ArrayBuffer>,
  mode: number,
): Promise<void> {
  const beside = `${path}.new`;
  const file = await ParkedFile.open(beside, "replacing", mode);
  try {
    await file.write(data);
    await file.sync();
  } finally {
    file.close();
  }
  await Deno.chmod(beside, mode);
  await Deno.rename(beside, path);
  const directory = await ParkedFile.open(dirname(path), "directory");
  try {
    await directory.sync();
  } finally {
    directory.close();
  }
}
