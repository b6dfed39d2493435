/** What is said of a file that cannot be read or written. */
import assert from "node:assert/strict";
import { fileTrouble, troubleText } from "../../core/runtime/file_trouble.ts";

const IS_ROOT = Deno.uid() === 0;

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("that should have failed");
}

/** As Deno throws it to an ordinary user. */
function denied(message: string, code: string): Error {
  return Object.assign(new Deno.errors.PermissionDenied(message), { code });
}

Deno.test("troubleText: the deed, the path, the errno by name and the reason", () => {
  assert.equal(
    troubleText(errorOf(() => Deno.readTextFileSync("/etc"))),
    "Cannot read /etc (EISDIR): it is a directory",
  );
  assert.equal(
    troubleText(errorOf(() => Deno.statSync("/dev/null/x"))),
    "Cannot look at /dev/null/x (ENOTDIR): a part of this path is not a directory",
  );
  assert.equal(
    troubleText(errorOf(() => Deno.writeTextFileSync("/dev/full", "x"))),
    "Cannot write /dev/full (ENOSPC): no space left on device",
  );
});

Deno.test("fileTrouble: a denial says who could, and what to do unless this is root", () => {
  const error = denied("Permission denied (os error 13): copy '/a' -> '/b'", "EACCES");
  assert.deepEqual(
    fileTrouble(error),
    IS_ROOT
      ? { sentence: "Cannot copy /a to /b (EACCES): permission denied", help: null, denied: true }
      : {
        sentence: "Cannot copy /a to /b (EACCES): only root may",
        help: "run this as root",
        denied: true,
      },
  );
});

Deno.test("fileTrouble: an error that names no path is none of its own", () => {
  assert.equal(fileTrouble(new TypeError("x is not a function")), null);
  assert.equal(fileTrouble(errorOf(() => Deno.kill(2 ** 30, "SIGTERM"))), null);
  assert.equal(troubleText(new Error("as it is")), "as it is");
});
