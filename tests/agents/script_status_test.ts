/** The rule by which a script's `status` is judged, row by row. */
import assert from "node:assert/strict";
import { judgeStatus } from "../../agents/script_status.ts";

type Row = [code: number, output: string, status: string, remarked: boolean];

const TABLE: Row[] = [
  // Plain LSB
  [0, "httpd (pid 812) is running...", "running", false],
  [3, "httpd is stopped", "stopped", false],
  [3, "", "stopped", false],
  [1, "httpd dead but pid file exists", "stopped", false],
  [2, "httpd dead but subsys locked", "stopped", false],
  [1, "", "stopped", true],
  [4, "", "unknown", true],
  [4, "cannot ask", "unknown", true],
  [127, "sh: pidof: not found", "unknown", true],
  [143, "", "unknown", true],
  // Knows only start and stop, or says so
  [0, "", "unknown", true],
  [0, "Usage: own {start|stop}", "unknown", true],
  // OCF behind resource.d, as the original's own IPaddr answers
  [0, "INFO:  Running OK", "running", false],
  [7, "INFO:  Resource is stopped", "stopped", false],
  // Scripts of the field: the code says 0, the text says no
  [0, "stopped", "stopped", true],
  [0, "foo is not running", "stopped", true],
  [0, "foo is NOT running", "stopped", true],
  [0, "Checking for service foo: unused", "stopped", true],
  [0, "foo: inactive", "stopped", true],
  // The original's order: "not running" wins, then "running" or "OK", then the rest
  [0, "worker is not running\nmaster is running", "stopped", true],
  [0, "foo is running, 2 old workers stopped", "running", false],
  [0, "stopped workers: none. OK", "running", false],
  [0, "ok", "unknown", true],
  [0, "status: OK.", "running", false],
  ...["BROKEN", "NOTOK", "LOOKING"].map((word): Row => [0, word, "unknown", true]),
  [1, "BROKEN", "stopped", true],
  [0, "Active: active (exited)\n  Stopped LSB thing", "running", false],
  [0, "Active: active (running)", "running", false],
  // The text says yes, the code does not
  [1, "running", "running", true],
  [1, "status: OK", "running", true],
  [5, "foo is running", "running", true],
  [3, "Checking whether foo is running: no", "stopped", true],
  [7, "running", "stopped", true],
  [3, "Active: inactive (dead)", "stopped", false],
  // Other codes, and the text says no
  [6, "foo stopped", "stopped", true],
  [1, "Usage: foo {start|stop}", "stopped", true],
];

Deno.test("judgeStatus: each row of the table", () => {
  for (const [code, output, status, remarked] of TABLE) {
    const judged = judgeStatus({ code, output });
    assert.deepEqual(
      [judged.status, judged.remark !== undefined],
      [status, remarked],
      `exit ${code}, "${output}" → ${JSON.stringify(judged)}`,
    );
  }
});

Deno.test("judgeStatus: a contradiction is remarked with the line that made it", () => {
  assert.deepEqual(judgeStatus({ code: 0, output: "hello\n foo is not running \n" }), {
    status: "stopped",
    remark: 'exit code 0, but it says "foo is not running"',
  });
});
