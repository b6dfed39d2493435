/**
 * The whole gate, `deno task ok` and `npm test`: format, lint, types, the executable and its
 * packages, every test, those that start the program also on the executable, and the branch
 * coverage of the pure rooms. Everything is run even when something before it failed, so that one
 * run shows all that is wrong, and all of it is named again at the end. The last line is
 * `N passed, N failed[, N skipped]`; each check counts as one beside the tests.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { branchCoverage, percent } from "./branch_coverage.ts";
import { Progress } from "./progress.ts";
import { afterSecondRun, secondRunFilter } from "./second_run.ts";
import { smokeTests } from "./smoke_tests.ts";
import { type TestFailure, type TestReport, testReport } from "./test_report.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COVERAGE_DIR = "cov";
/** Rooms that decide who owns what; what they do must be shown by tests, not hoped. */
const COVERED_ROOMS = ["core/engine", "core/wire", "core/config"];
const MIN_BRANCHES_PERCENT = 90;
/**
 * Rooms whose tests measure real time on whole hosts, or count what the process holds: `--parallel`
 * runs files as threads of one process, where they would disturb one another. In a process of their
 * own they mostly wait, so two such processes share the machine.
 */
const LAB_ROOMS = ["tests/os", "tests/lab"];
const PEER_ROOMS = ["tests/interop", "tests/package"];
const IS_TERMINAL = Deno.stdout.isTerminal() && Deno.env.get("TERM") !== "dumb";
/** How often a stage that takes long says that it lives. */
const SIGN_EVERY_MS = { terminal: 10_000, file: 60_000 };
const EXECUTABLE = fileURLToPath(new URL("../dist/heartbeat", import.meta.url));

/** Runs Deno; shows what it prints and, every now and then, that it lives. */
async function deno(
  title: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
  const progress = new Progress(IS_TERMINAL, title);
  const beganMs = performance.now();
  const signs = setInterval(
    () => write(progress.sign(performance.now() - beganMs)),
    IS_TERMINAL ? SIGN_EVERY_MS.terminal : SIGN_EVERY_MS.file,
  );
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    write(progress.take(text));
  }
  const { success } = await child.status;
  clearInterval(signs);
  write(progress.end());
  return success;
}

/** One check that passes or fails as a whole. */
async function check(title: string, ...args: string[]): Promise<TestReport> {
  console.log(`      ${title} …`);
  const beganMs = performance.now();
  const success = await deno(title, args);
  return verdict(success, `${title}, ${seconds(beganMs)}`);
}

interface Batch {
  readonly title: string;
  /** How long, roughly, on two cores. */
  readonly takes: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** The runner's filter; what it leaves out counts as nothing. */
  readonly only?: string;
}

/** Runs one batch; the runner's own report says how many tests of it did what. */
async function tests({ title, takes, args, env = {}, only }: Batch): Promise<TestReport> {
  console.log(`      ${title}, ${takes} …`);
  const beganMs = performance.now();
  const junit = `${COVERAGE_DIR}/${title.replaceAll(" ", "_")}.xml`;
  const runner = ["test", "-A", "--no-check", "--reporter=dot", `--junit-path=${junit}`];
  const filter = only === undefined ? [] : [`--filter=${only}`];
  const success = await deno(title, [...runner, ...filter, ...args], env);
  const report = testReport(existsSync(junit) ? Deno.readTextFileSync(junit) : "");
  // A file that does not even load is no test case in the report, yet a failure.
  const unnamed = success || report.failures.length > 0
    ? []
    : [{ name: title, file: args.join(" "), why: "the run itself did not succeed" }];
  const skipped = only === undefined ? report.skipped : 0;
  const whole = { ...report, skipped, failures: [...report.failures, ...unnamed] };
  say(success, `${title}: ${summary(whole)}, ${seconds(beganMs)}`);
  return whole;
}

const SIDE_BY_SIDE: Batch = {
  title: "tests side by side",
  takes: "about five minutes",
  args: [
    "--parallel",
    `--coverage=${COVERAGE_DIR}`,
    `--ignore=${[...LAB_ROOMS, ...PEER_ROOMS].join(",")}`,
    "tests",
  ],
};
const LAB_BATCHES: readonly Batch[] = [
  { title: "tests on lab hosts", takes: "about seventeen minutes", args: LAB_ROOMS },
];
const PEER_BATCHES: readonly Batch[] = [
  { title: "tests of pairs and packages", takes: "about twelve minutes", args: PEER_ROOMS },
  {
    title: "tests of the executable",
    takes: "about five minutes",
    args: smokeTests("tests"),
    env: { HB_BIN: EXECUTABLE },
  },
];

type Run = readonly [Batch, TestReport];

async function inTurn(batches: readonly Batch[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (const batch of batches) runs.push([batch, await tests(batch)]);
  return runs;
}

/** Runs once more, alone, what failed beside others. */
async function again([batch, first]: Run): Promise<ReturnType<typeof afterSecondRun>> {
  const only = secondRunFilter(first);
  if (only === undefined) return { report: first, passedAlone: [] };
  const second = await tests({
    ...batch,
    title: `once more, alone: ${batch.title} that failed`,
    takes: "seconds or minutes",
    only,
  });
  return afterSecondRun(first, second);
}

/** Prints the branch coverage of each covered room; one below the minimum is a failure. */
async function coverage(): Promise<TestReport[]> {
  const lcovFile = `${COVERAGE_DIR}/lcov`;
  await deno("coverage", ["coverage", "--quiet", "--lcov", `--output=${lcovFile}`, COVERAGE_DIR]);
  const lcov = existsSync(lcovFile) ? Deno.readTextFileSync(lcovFile) : "";
  return COVERED_ROOMS.map((room) => {
    const branches = branchCoverage(lcov, ROOT, room);
    const share = percent(branches);
    const enough = branches.found > 0 && share >= MIN_BRANCHES_PERCENT;
    const wanted = enough ? "" : `, wanted ${MIN_BRANCHES_PERCENT} %`;
    const numbers = `${share.toFixed(1)} % of ${branches.found} branches`;
    return verdict(enough, `coverage of ${room}: ${numbers}${wanted}`);
  });
}

function verdict(success: boolean, text: string): TestReport {
  say(success, text);
  return {
    passed: success ? 1 : 0,
    skipped: 0,
    failures: success ? [] : [{ name: "check", file: ".ci/test.ts", why: text }],
  };
}

function say(success: boolean, text: string): void {
  console.log(`${success ? "ok  " : "FAIL"}  ${text}`);
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

function summary({ passed, failures, skipped }: TestReport): string {
  return `${passed} passed, ${failures.length} failed` +
    (skipped > 0 ? `, ${skipped} skipped` : "");
}

async function main(): Promise<number> {
  Deno.chdir(ROOT);
  const beganMs = performance.now();
  if (existsSync(COVERAGE_DIR)) Deno.removeSync(COVERAGE_DIR, { recursive: true });
  const checks = [
    await check("format", "fmt", "--check", "--quiet"),
    await check("lint", "lint", "--quiet"),
    await check("types", "task", "-q", "check"),
    await check("executable", "task", "-q", "compile"),
    await check("packages", "task", "-q", "package"),
  ];
  const quick = await inTurn([SIDE_BY_SIDE]);
  checks.push(...await coverage());
  const slow = await Promise.all([inTurn(LAB_BATCHES), inTurn(PEER_BATCHES)]);
  const judged = [];
  for (const run of [...quick, ...slow.flat()]) judged.push(await again(run));
  const reports = [...checks, ...judged.map(({ report }) => report)];
  const total: TestReport = {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    skipped: reports.reduce((sum, { skipped }) => sum + skipped, 0),
    failures: reports.flatMap(({ failures }) => failures),
  };
  console.log(`the whole gate took ${seconds(beganMs)}`);
  const name = (word: string, failures: readonly TestFailure[]) => {
    for (const { name, file, why } of failures) console.log(`${word}: ${name} (${file}): ${why}`);
  };
  name("passed only when run alone", judged.flatMap(({ passedAlone }) => passedAlone));
  name("failed", total.failures);
  console.log(summary(total));
  return total.failures.length === 0 ? 0 : 1;
}

Deno.exit(await main());
