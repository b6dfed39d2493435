/** Diagnostics as text and as JSON. */
import assert from "node:assert/strict";
import {
  type Diagnostic,
  diagnosticRecords,
  quote,
  renderDiagnostics,
} from "../../core/config/diagnostics.ts";
import { createSource } from "../../core/config/source.ts";

const source = createSource("/etc/ha.d/ha.cf", "node a\n\tdeadtime 2\n");
const placed: Diagnostic = {
  code: "HB130",
  severity: "error",
  span: { source, start: 17, end: 18 },
  title: "Too small",
  caretNote: "must grow",
  help: "write more",
};
const bare: Diagnostic = { code: "HB101", severity: "warning", title: "Somewhere" };

Deno.test("renderDiagnostics: nothing to tell is an empty text", () => {
  assert.equal(renderDiagnostics([], { color: true }), "");
});

Deno.test("renderDiagnostics: colour only surrounds the words, which stay the same", () => {
  const plain = renderDiagnostics([placed, bare], { color: false });
  const colored = renderDiagnostics([placed, bare], { color: true });
  assert.ok(!plain.includes("\x1b"));
  assert.ok(colored.includes("\x1b[1;31merror[HB130]\x1b[0m"));
  // deno-lint-ignore no-control-regex -- removing the escape sequences is the point
  assert.equal(colored.replace(/\x1b\[[\d;]*m/g, ""), plain);
});

Deno.test("renderDiagnostics: without a place there is none, the whole file comes first", () => {
  const whole: Diagnostic = { ...bare, path: source.path };
  const text = renderDiagnostics([placed, whole, bare], { color: false });
  const heads = text.split("\n").filter((line) => /^(error|warning| +-->)/.test(line));
  assert.deepEqual(heads, [
    "warning[HB101]: Somewhere",
    "warning[HB101]: Somewhere",
    "  --> /etc/ha.d/ha.cf",
    "error[HB130]: Too small",
    " --> /etc/ha.d/ha.cf:2:11",
  ]);
  assert.match(text, /\n1 error, 2 warnings\n$/);
});

Deno.test("diagnosticRecords: the same facts as JSON", () => {
  const text = JSON.stringify(diagnosticRecords([placed, bare]));
  assert.deepEqual(JSON.parse(text), [
    {
      code: "HB101",
      severity: "warning",
      refuses: false,
      title: "Somewhere",
      file: null,
      line: null,
      column: null,
      length: null,
      note: null,
      help: null,
    },
    {
      code: "HB130",
      severity: "error",
      refuses: true,
      title: "Too small",
      file: "/etc/ha.d/ha.cf",
      line: 2,
      column: 11,
      length: 1,
      note: "must grow",
      help: "write more",
    },
  ]);
});

Deno.test("quote: bounded and without control characters", () => {
  assert.equal(quote("a\x1bb\u202ec"), '"a\uFFFDb\uFFFDc"');
  assert.equal(quote("x".repeat(61)), `"${"x".repeat(60)}…"`);
});

Deno.test("renderDiagnostics: a span over two lines is marked on its first", () => {
  const long: Diagnostic = { ...placed, span: { source, start: 5, end: 20 } };
  assert.ok(renderDiagnostics([long], { color: false }).includes("1 | node a\n  |      ^ must"));
});

Deno.test("renderDiagnostics: on a narrow terminal the caret stays under its word", () => {
  const text = `ha1 ${"x".repeat(60)} nosuch ${"y".repeat(60)}`;
  const span = { source: createSource("haresources", text), start: 65, end: 71 };
  for (const columns of [80, 40, 20]) {
    const shown = renderDiagnostics([{ ...placed, span }], { color: false, columns });
    const lines = shown.split("\n");
    const [line = "", carets = ""] = lines.slice(lines.findIndex((one) => one.startsWith("1 |")));
    assert.ok(line.length <= columns, line);
    assert.equal(line.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1), "nosuch");
  }
});
