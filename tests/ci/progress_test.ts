/** What the gate shows of a long batch while it runs. */
import assert from "node:assert/strict";
import { Progress } from "../../.ci/progress.ts";

Deno.test("Progress: in a file a line each, results counted, all else passed on in whole lines", () => {
  const progress = new Progress(false, "lab");
  assert.equal(progress.sign(60_000), "      … lab: 60 s\n");
  assert.equal(progress.take(".\n.\n,"), "");
  assert.equal(progress.sign(60_400), "      … lab: 2 tests so far, 60 s\n");
  assert.equal(progress.take("\nskipped: no"), "");
  assert.equal(
    progress.take(" serial line\n!\n\n ERRORS \n"),
    "skipped: no serial line\n\n ERRORS \n",
  );
  assert.equal(progress.sign(120_000), "      … lab: 4 tests so far, 120 s\n");
  assert.equal(progress.take("the last words"), "");
  assert.equal(progress.end(), "the last words");
});

Deno.test("Progress: on a terminal one line, which is gone before anything else is written", () => {
  const progress = new Progress(true, "lab");
  assert.equal(progress.end(), "");
  assert.equal(progress.take(".\n"), "");
  assert.equal(progress.sign(10_000), "\r\x1b[K      … lab: 1 tests so far, 10 s");
  assert.equal(progress.take(".\n"), "");
  assert.equal(progress.sign(20_000), "\r\x1b[K      … lab: 2 tests so far, 20 s");
  assert.equal(progress.take("skipped: why\n"), "\r\x1b[Kskipped: why\n");
  assert.equal(progress.take("more\n"), "more\n");
  progress.sign(30_000);
  assert.equal(progress.end(), "\r\x1b[K");
});
