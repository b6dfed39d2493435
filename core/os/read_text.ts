/**
 * Reading a small file that need not be there. What is no file is not opened: a pipe in its place
 * would hold up the whole process, and a device may have no end. Any other trouble than absence is
 * the caller's.
 */

/** Something that is not opened because it is no file of text; the message names it. */
export class NoTextFile extends Error {}

/** Far above any file that people write. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/**
 * The text of the file; undefined where there is none.
 * @throws {NoTextFile} when it is no regular file or too long
 * @throws {Error} the system's, when it cannot be read
 */
export function readTextIfThere(path: string): string | undefined {
  refuseOther(path);
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** What the system refuses itself, such as a directory, is left to the read, which says why. */
function refuseOther(path: string): void {
  let found: Deno.FileInfo;
  try {
    found = Deno.statSync(path);
  } catch {
    return;
  }
  const { isFile, isDirectory, size } = found;
  if (!isFile && !isDirectory) throw new NoTextFile(`Cannot read ${path}: not a regular file`);
  if (isFile && size > MAX_TEXT_BYTES) {
    throw new NoTextFile(`Cannot read ${path}: it has ${size} bytes, at most ${MAX_TEXT_BYTES}`);
  }
}
