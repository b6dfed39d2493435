/**
 * Reading a small file that need not be there. Any other trouble than its absence is the caller's.
 */

/**
 * The text of the file; undefined where there is none.
 * @throws {Error} the system's, when it is there and cannot be read
 */
export function readTextIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
