/**
 * Finds the tests that start the whole program in processes of its own. They run twice: from the
 * source, and with HB_BIN on the executable.
 */
import { join } from "node:path";

/** What such a test imports: the command line of the program, or hosts on which it is installed. */
const STARTS_PROGRAM =
  /^import .*\b(?:MAIN_COMMAND|LabStage)\b|^import .* from ".*\/lab_stage\.ts";/m;

/** @returns paths below `directory`, in the order of their names */
export function smokeTests(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory) return smokeTests(path);
    const isTest = entry.name.endsWith("_test.ts");
    return isTest && STARTS_PROGRAM.test(Deno.readTextFileSync(path)) ? [path] : [];
  }).sort();
}
