/** Times, booleans, numbers and words as the directives read them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { CODES } from "../../core/config/codes.ts";
import { DIRECTIVES, findDirective } from "../../core/config/directives.ts";
import { nearestName } from "../../core/config/nearest.ts";
import { Settings } from "../../core/config/settings.ts";
import {
  describeSyntax,
  plainestWord,
  readValue,
  wordsOfSyntax,
  writeTime,
} from "../../core/config/syntax.ts";

const TIME = { kind: "time" } as const;

function ms(text: string): number | null {
  const reading = readValue(TIME, text);
  return reading.ok && typeof reading.value === "number" ? reading.value : null;
}

Deno.test("readValue: times as the original reads them (config-files §1.1)", () => {
  const wanted: Readonly<Record<string, number>> = {
    "10": 10_000,
    "10.5": 10_500,
    ".5": 500,
    "5.": 5000,
    "500ms": 500,
    "500MSEC": 500,
    "1500us": 2,
    "10000000usec": 10_000,
  };
  for (const [text, value] of Object.entries(wanted)) {
    assert.equal(ms(text), value, text);
    assert.deepEqual(readValue(TIME, text), { ok: true, value, remark: null });
  }
});

Deno.test("readValue: units of ours are read and remarked on", () => {
  for (const [text, value] of [["10s", 10_000], ["2 Min", 120_000], ["1h", 3_600_000]] as const) {
    const reading = readValue(TIME, text);
    assert.ok(reading.ok);
    assert.equal(reading.value, value);
    assert.match(String(reading.remark), /the original heartbeat refuses/);
  }
});

Deno.test("readValue: what is no time above zero is refused", () => {
  for (
    const text of ["", "0", "499us", "-1", "1.2.3", ".", "ms", "10 parsecs", "99999999", "1e3"]
  ) {
    assert.equal(ms(text), null, text);
  }
});

Deno.test("readValue: boolean words in any case, and nothing else", () => {
  const boolean = { kind: "boolean", also: ["legacy"] } as const;
  const value = (text: string) => {
    const reading = readValue(boolean, text);
    return reading.ok ? reading.value : null;
  };
  for (const text of ["true", "on", "YES", "y", "1"]) assert.equal(value(text), true);
  for (const text of ["false", "Off", "no", "N", "0"]) assert.equal(value(text), false);
  assert.equal(value("Legacy"), "legacy");
  for (const text of ["", "2", "enabled"]) assert.equal(value(text), null);
});

Deno.test("readValue: a number with something behind it is read as the original does", () => {
  const integer = { kind: "integer", min: 1, max: 500 } as const;
  const reading = readValue(integer, "250ms");
  assert.ok(reading.ok);
  assert.equal(reading.value, 250);
  assert.match(String(reading.remark), /read as 250/);
  for (const text of ["0", "501", "x1", ""]) assert.equal(readValue(integer, text).ok, false);
});

Deno.test("writeTime: what it writes is read back to the same time", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2_147_483_647 }), (time) => {
    assert.equal(ms(writeTime(time)), time);
  }));
});

Deno.test("DIRECTIVES: every row is complete, its default and its example are right", () => {
  assert.equal(new Set(DIRECTIVES.map(({ name }) => name)).size, DIRECTIVES.length);
  for (const { name, syntax, default: text, example, doc, since } of DIRECTIVES) {
    assert.match(doc, /^[A-Z][^]*\.$/, name);
    assert.match(since, /^[123]\.\d/, name);
    assert.notEqual(describeSyntax(syntax), "", name);
    if (text !== null) assert.ok(readValue(syntax, text).ok, `${name} ${text}`);
    const [keyword = "", ...values] = example.split(" ");
    const shown = findDirective(keyword);
    assert.ok(shown, example);
    const { kind } = shown.syntax;
    for (const value of kind === "line" ? [] : values) {
      assert.ok(readValue(shown.syntax, value).ok, example);
    }
  }
});

Deno.test("wordsOfSyntax: choices and booleans can be completed, open values cannot", () => {
  assert.deepEqual(wordsOfSyntax({ kind: "choice", values: ["a"], ignoreCase: false }), ["a"]);
  assert.ok(wordsOfSyntax({ kind: "boolean", also: ["legacy"] }).includes("legacy"));
  assert.deepEqual(wordsOfSyntax({ kind: "word" }), []);
});

Deno.test("plainestWord: what is listed for what is also read", () => {
  const failback = { kind: "boolean", also: ["legacy"] } as const;
  assert.deepEqual(
    ["yes", "TRUE", "0", "n", "legacy", "maybe"].map((word) => plainestWord(failback, word)),
    ["on", "on", "off", "off", "legacy", "maybe"],
  );
  assert.deepEqual(["1000ms", "500ms", "30"].map((word) => plainestWord(TIME, word)), [
    "1",
    "500ms",
    "30",
  ]);
});

Deno.test("Settings: what no row has is a mistake, and says so", () => {
  assert.throws(() => new Settings().oneOf("msgfmt", ["netstring"]), /"msgfmt" may be classic/);
  assert.throws(() => new Settings().number("logfile"), /"logfile" has no number/);
  assert.throws(() => new Settings().number("nosuch"), /"nosuch" has no number/);
});

Deno.test("CODES: every code has its sentence", () => {
  for (const [code, text] of Object.entries(CODES)) {
    assert.match(code, /^HB[12]\d\d$/);
    assert.match(text, /^\S.*\.$/, code);
  }
});

Deno.test("nearestName: finds slips of the pen, guesses no strangers, never swaps numbers", () => {
  const names = ["keepalive", "deadtime", "node", "eth0"];
  assert.equal(nearestName("keepalvie", names), "keepalive");
  assert.equal(nearestName("KEEPALIVE", names), "keepalive");
  assert.equal(nearestName("ethO", names), "eth0");
  assert.equal(nearestName("openais", names), null);
  assert.equal(nearestName("eth1", names), null);
  assert.equal(nearestName("x".repeat(100), names), null);
});
