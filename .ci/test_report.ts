/**
 * Reads what the test runner reports in JUnit's format: how many tests did what, and which failed
 * and why. Pure; it does not run anything.
 */

export interface TestReport {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly TestFailure[];
}

export interface TestFailure {
  /** As the runner's `--filter` finds it; a step has that of its test before it. */
  readonly name: string;
  /** Where `Deno.test` was called: `./tests/engine/pair_test.ts`. */
  readonly file: string;
  /** The first line of its message. */
  readonly why: string;
}

const TEST_CASE = /<testcase name="([^"]*)" classname="([^"]*)"[^>]*?(?:\/>|>([^]*?)<\/testcase>)/g;
const FAILURE = /<(?:failure|error)(?: message="([^"]*)")?/;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** @param xml as `deno test --junit-path` writes it; empty when it wrote nothing */
export function testReport(xml: string): TestReport {
  let passed = 0;
  let skipped = 0;
  const failures: TestFailure[] = [];
  for (const [, name = "", file = "", inside = ""] of xml.matchAll(TEST_CASE)) {
    const failure = FAILURE.exec(inside);
    if (failure !== null) {
      const [why = ""] = plain(failure[1] ?? "").split("\n");
      failures.push({ name: plain(name), file, why });
    } else if (inside.includes("<skipped")) skipped++;
    else passed++;
  }
  return { passed, skipped, failures };
}

function plain(text: string): string {
  return text.replace(/&(?:#(\d+)|([a-z]+));/g, (all, code?: string, name?: string) => {
    if (code !== undefined) return String.fromCodePoint(Number(code));
    return ENTITIES[name ?? ""] ?? all;
  });
}
