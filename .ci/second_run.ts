/**
 * Which tests are run a second time, alone, and what both runs say together. Tests of real programs
 * share two cores, on machines whose speed nobody promised, and judge by the clock: what fails
 * beside others and not alone says more of the machine than of the program. Nothing is hidden: the
 * first failure stays in the output and is named at the end, and what fails twice has failed. It
 * runs nothing itself.
 */
import type { TestFailure, TestReport } from "./test_report.ts";

/** A busy machine spoils one test or two, with all their steps; what spoils more is a mistake. */
const MOST_TESTS = 5;
/** Rooms whose tests know no clock but their own: what fails there once is wrong. */
const PURE_ROOMS = /^\.\/tests\/(?:ci|config|engine|sim|tidy|wire)\b/;

/** @returns the runner's filter for the tests to be run again; undefined: none may be */
export function secondRunFilter({ failures }: TestReport): string | undefined {
  const names = failures.map(({ name }) => name);
  const isStep = (one: string) => names.some((name) => one.startsWith(`${name} > `));
  const whole = failures.filter(({ name }) => !isStep(name));
  const again = whole.filter(isTimed);
  if (again.length === 0 || whole.length > MOST_TESTS) return undefined;
  const patterns = again.map(({ name }) => name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  return `/^(${patterns.join("|")})$/`;
}

/**
 * What counts after the second run.
 * @param second a run of `secondRunFilter(first)`; one without any test changes nothing
 */
export function afterSecondRun(
  first: TestReport,
  second: TestReport,
): { readonly report: TestReport; readonly passedAlone: readonly TestFailure[] } {
  if (second.passed + second.failures.length === 0) return { report: first, passedAlone: [] };
  const failsAgain = new Set(second.failures.map(({ name }) => name));
  const passedAlone = first.failures.filter((one) => isTimed(one) && !failsAgain.has(one.name));
  const notAgain = first.failures.filter((one) => !isTimed(one));
  const report = {
    passed: first.passed + passedAlone.length,
    skipped: first.skipped,
    failures: [...notAgain, ...second.failures],
  };
  return { report, passedAlone };
}

function isTimed({ file }: TestFailure): boolean {
  return !PURE_ROOMS.test(file);
}
