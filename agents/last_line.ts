/** The line of a program's output in which most programs say why; for error messages. */

/** Characters that an error message quotes. */
const MAX_QUOTED_CHARACTERS = 200;

/** `: last line`, or `, which printed nothing`; to be put behind what was run. */
export function quotedLastLine(output: string): string {
  const last = output.trimEnd().split("\n").at(-1)?.trim() ?? "";
  return last === "" ? ", which printed nothing" : `: ${last.slice(0, MAX_QUOTED_CHARACTERS)}`;
}
