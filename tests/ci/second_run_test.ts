/** Which failed tests get a second run, and that only what passes there is forgiven. */
import assert from "node:assert/strict";
import { afterSecondRun, secondRunFilter } from "../../.ci/second_run.ts";
import type { TestFailure, TestReport } from "../../.ci/test_report.ts";

const failure = (name: string): TestFailure => ({
  name,
  file: "./tests/lab/a_test.ts",
  why: "late",
});

function report(passed: number, ...names: string[]): TestReport {
  return { passed, skipped: 1, failures: names.map(failure) };
}

Deno.test("secondRunFilter: exactly the names that failed", () => {
  const filter = secondRunFilter(report(7, "cut (eth0)", "a/b: 3.5 %"));
  assert.equal(filter, String.raw`/^(cut \(eth0\)|a\/b: 3\.5 %)$/`);
  const pattern = new RegExp(filter.slice(1, -1));
  assert.ok(pattern.test("cut (eth0)") && pattern.test("a/b: 3.5 %"));
  assert.ok(!pattern.test("cut (eth0) twice"));
});

Deno.test("secondRunFilter: neither nothing nor many failures are run again", () => {
  assert.equal(secondRunFilter(report(7)), undefined);
  assert.equal(secondRunFilter(report(7, ..."abcdef")), undefined);
});

Deno.test("secondRunFilter: the steps of a test are one test, which is run again whole", () => {
  const steps = [..."abcdef"].map((step) => `a pair > ${step}`);
  assert.equal(secondRunFilter(report(7, ...steps, "a pair", "b")), "/^(a pair|b)$/");
});

Deno.test("afterSecondRun: what passes alone counts as passed and is named", () => {
  assert.deepEqual(afterSecondRun(report(7, "a", "b"), report(1, "b")), {
    report: report(8, "b"),
    passedAlone: [failure("a")],
  });
});

Deno.test("a failure in a pure room is neither run again nor forgiven", () => {
  const pure: TestFailure = { name: "p", file: "./tests/engine/p_test.ts", why: "wrong" };
  const mixed: TestReport = { passed: 7, skipped: 0, failures: [pure, failure("a")] };
  assert.equal(secondRunFilter({ ...mixed, failures: [pure] }), undefined);
  assert.equal(secondRunFilter(mixed), "/^(a)$/");
  assert.deepEqual(afterSecondRun(mixed, report(1)).report.failures, [pure]);
});

Deno.test("afterSecondRun: a run that tested nothing forgives nothing", () => {
  const first = report(7, "a");
  const none = { passed: 0, skipped: 0, failures: [] };
  assert.deepEqual(afterSecondRun(first, none), { report: first, passedAlone: [] });
});

Deno.test("afterSecondRun: a step that fails in the second run only is a failure", () => {
  const { report: counted, passedAlone } = afterSecondRun(
    report(7, "a"),
    report(0, "a", "a > one"),
  );
  assert.deepEqual(counted.failures.map(({ name }) => name), ["a", "a > one"]);
  assert.deepEqual(passedAlone, []);
});
