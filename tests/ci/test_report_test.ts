/** What the gate reads from the runner's report, on a report that the runner itself wrote. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { testReport } from "../../.ci/test_report.ts";

const TESTS = `
Deno.test("good", () => {});
Deno.test("later", { ignore: true }, () => {});
Deno.test('bad <"&">', () => { throw new Error("first\\nsecond"); });
`;

Deno.test("testReport: counts, and each failure with its name, file and first line", async () => {
  const directory = await Deno.makeTempDir();
  try {
    Deno.writeTextFileSync(join(directory, "some_test.js"), TESTS);
    const args = ["test", "--no-config", "--junit-path=report.xml", "some_test.js"];
    await new Deno.Command(Deno.execPath(), { args, cwd: directory, stdin: "null" }).output();
    assert.deepEqual(testReport(Deno.readTextFileSync(join(directory, "report.xml"))), {
      passed: 1,
      skipped: 1,
      failures: [{ name: 'bad <"&">', file: "./some_test.js", why: "Uncaught Error: first" }],
    });
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("testReport: no report, no test", () => {
  assert.deepEqual(testReport(""), { passed: 0, skipped: 0, failures: [] });
});
