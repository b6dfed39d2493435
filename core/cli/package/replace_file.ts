/**
 * Puts a file or link in its place whole or not at all. It is made beside the place first, under a
 * name that is nobody else's: what lies there is left over from an install that broke off, and is
 * removed and never followed.
 */

/**
 * @param make makes what is wanted at the path that it is given, where nothing is
 * @throws {Error} the system's; nothing is left beside the place then
 */
export function replaceFile(place: string, make: (beside: string) => void): void {
  const beside = `${place}.heartbeat-new`;
  removeIfThere(beside);
  try {
    make(beside);
    Deno.renameSync(beside, place);
  } catch (error) {
    removeIfThere(beside);
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
