/**
 * Looks at a file before it is run: is it a regular file, may it be executed, does its interpreter
 * exist? The kernel's own answer would be a bare ENOENT or EACCES for all three.
 */

/**
 * `absent`: nothing there; `skipped`: something that is not meant to be run, so that the search
 * goes on as the original's does; `broken`: meant to be run, but it cannot.
 */
export type Executable =
  | { readonly kind: "usable" }
  | { readonly kind: "absent" }
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "broken"; readonly reason: string };

const EXECUTE_BITS = 0o111;
/** The kernel itself looks no further for the end of the `#!` line. */
const FIRST_LINE_BYTES = 256;

/** Follows symbolic links; touches nothing. */
export function inspectExecutable(path: string): Executable {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return { kind: "broken", reason: `${error}` };
    return dangling(path)
      ? { kind: "broken", reason: `${path} is a symbolic link to a file that does not exist` }
      : { kind: "absent" };
  }
  if (!info.isFile) return { kind: "skipped", reason: `${path} is not a regular file` };
  if (((info.mode ?? 0) & EXECUTE_BITS) === 0) {
    return { kind: "skipped", reason: `${path} is not executable (fix: chmod +x ${path})` };
  }
  return inspectInterpreter(path);
}

function dangling(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

function inspectInterpreter(path: string): Executable {
  const line = firstLine(path);
  if (!line.startsWith("#!")) return { kind: "usable" };
  const interpreter = line.slice(2).replace(/^[ \t]+/, "").split(/[ \t]/)[0] ?? "";
  if (interpreter.endsWith("\r")) {
    return {
      kind: "broken",
      reason: `the first line of ${path} ends with a carriage return, so that its interpreter ` +
        `"${interpreter.slice(0, -1)}" is not found (fix: sed -i 's/\\r$//' ${path})`,
    };
  }
  if (isExecutableFile(interpreter)) return { kind: "usable" };
  return {
    kind: "broken",
    reason: `the interpreter "${interpreter}" in the first line of ${path} is not there or not ` +
      "executable",
  };
}

/** Empty for a file that may be executed but not read, which the kernel will judge. */
function firstLine(path: string): string {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch {
    return "";
  }
  using open = file;
  const buffer = new Uint8Array(FIRST_LINE_BYTES);
  const length = open.readSync(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length)).split("\n")[0] ?? "";
}

function isExecutableFile(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && ((info.mode ?? 0) & EXECUTE_BITS) !== 0;
  } catch {
    return false;
  }
}
