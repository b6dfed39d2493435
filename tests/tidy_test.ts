/**
 * Holds the house to its rules: the real tree has no violation, and each rule, broken on purpose in
 * a tree of two files, is found out.
 */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { MAX_PROGRAM_LINES, MAX_TEST_LINES, type SourceFile, violations } from "./tidy/rules.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");
const ROOTS = ["main.ts", "core", "agents", "transports", "tests", "examples", ".ci"];
const OPENING = "/** What this is. */\n";

function* sources(path: string): Generator<SourceFile> {
  if (Deno.statSync(path).isFile) {
    const text = path.endsWith(".ts") ? Deno.readTextFileSync(path) : undefined;
    if (text !== undefined) yield { path: relative(ROOT, path), text };
    return;
  }
  for (const entry of Deno.readDirSync(path)) yield* sources(join(path, entry.name));
}

/** Violations of one file, in a tree where somebody needs it. */
function found(path: string, text: string): readonly string[] {
  const user = { path: "main.ts", text: `${OPENING}import "./${path}";\n` };
  return violations([user, { path, text: OPENING + text }])
    .filter((violation) => violation.path === path)
    .map((violation) => `${violation.line}: ${violation.text}`);
}

Deno.test("the tree: keeps every rule of the house", () => {
  const files = ROOTS.flatMap((root) => [...sources(join(ROOT, root))]);
  assert.ok(files.length > 50, `only ${files.length} files were found`);
  const wrong = violations(files).map(({ path, line, text }) => `${path}:${line}: ${text}`);
  assert.deepEqual(wrong, [], "\n" + wrong.join("\n"));
});

Deno.test("core/README.md: the map of each room names each of its files, and no other", () => {
  const map = Deno.readTextFileSync(join(ROOT, "core/README.md"));
  for (const room of ["engine", "runtime", "runtime/plugins", "config", "wire", "os"]) {
    const [, section = ""] = map.split(new RegExp(`^## .*\\(core/${room}\\)$`, "m"));
    const rows = section.split(/^## /m)[0]?.split("\n").filter((line) => line.startsWith("| `"));
    const named = (rows ?? []).flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) =>
        name.replace(/\.ts$/, "")
      )
    );
    const files = [...Deno.readDirSync(join(ROOT, "core", room))].filter(({ isFile }) => isFile)
      .map(({ name }) => name.replace(/\.ts$/, ""));
    assert.deepEqual(named.sort(), files.sort(), `core/${room}`);
  }
});

/** One line of source, the file that it stands in, and what has to be said about it. */
const BROKEN: readonly (readonly [path: string, source: string, said: RegExp])[] = [
  ["core/engine/a.ts", 'import { b } from "../os/b.ts";', /must not import "core\/os\/b.ts"/],
  ["core/engine/a.ts", 'import type { B } from "../os/b.ts";', /types of "core\/os\/b.ts"/],
  ["core/engine/a.ts", 'import { b } from "../wire/b.ts";', /must not import "core\/wire\/b.ts"/],
  ["core/engine/a.ts", 'export * from "../config/b.ts";', /must not import "core\/config/],
  ["core/engine/a.ts", 'export { b } from "../../agents/b.ts";', /must not import "agents/],
  ["core/engine/a.ts", 'import "../runtime/b.ts";', /must not import "core\/runtime/],
  ["core/engine/a.ts", 'import { x } from "node:fs";', /must not import "node:fs"/],
  ["core/engine/a.ts", 'const x = import("../os/b.ts");', /must not import "core\/os/],
  ["core/engine/a.ts", 'type X = import("../os/b.ts").X;', /must not import "core\/os/],
  ["core/engine/a.ts", "const x = import(name);", /computed import/],
  ["core/engine/a.ts", "const x = Date.now();", /'Date.now'/],
  ["core/engine/a.ts", "const x = `at ${performance.now()} ms`;", /'performance'/],
  ["core/engine/a.ts", "async function f() {}", /'async'/],
  ["core/wire/a.ts", "const x = Math.random();", /'Math.random'/],
  ["core/wire/a.ts", 'import { b } from "../engine/b.ts";', /must not import "core\/engine/],
  ["core/wire/a.ts", 'import { x } from "node:net";', /must not import "node:net"/],
  ["core/config/a.ts", "setTimeout(f, 1);", /'setTimeout'/],
  ["core/config/a.ts", "const x = Deno.hostname();", /'Deno'/],
  ["core/config/a.ts", 'import type { B } from "../engine/b.ts";', /types of "core\/engine/],
  ["core/os/a.ts", 'import { b } from "../wire/b.ts";', /must not import "core\/wire/],
  ["agents/a.ts", 'import { b } from "../core/runtime/b.ts";', /must not import "core\/runtime/],
  ["agents/a.ts", 'import { b } from "../transports/b.ts";', /must not import "transports/],
  ["transports/a.ts", 'import { b } from "../core/wire/b.ts";', /must not import "core\/wire/],
  ["core/runtime/a.ts", 'import { b } from "../cli/b.ts";', /only main.ts imports core\/cli/],
  ["agents/a.ts", 'import { b } from "../core/cli/b.ts";', /only main.ts imports core\/cli/],
  ["core/cli/a.ts", 'import { b } from "../os/b.ts";', /must not import "core\/os/],
  ["core/os/a.ts", 'import { b } from "../../tests/b.ts";', /the program must not import "tests/],
  ["core/os/a.ts", "let x: any;", /the type 'any'/],
  ["core/os/a.ts", "// deno-lint-ignore no-control-regex", /silenced lint/],
  ["core/os/a.ts", "// @ts-expect-error because", /silenced type error/],
  ["core/os/a.ts", "x;\n".repeat(MAX_PROGRAM_LINES), /301 lines, at most 300/],
  ["tests/a_test.ts", "x;\n".repeat(MAX_TEST_LINES), /401 lines, at most 400/],
];

for (const [path, source, said] of BROKEN) {
  const shown = source.split("\n")[0];
  Deno.test(`violations: finds "${shown}" in ${path}`, () => {
    const wrong = found(path, source);
    assert.equal(wrong.length, 1, wrong.join("\n"));
    assert.match(wrong[0] ?? "", said);
    assert.match(wrong[0] ?? "", /^(2|300|400): /, "the line is told");
  });
}

const RIGHT: readonly (readonly [path: string, source: string])[] = [
  ["core/engine/a.ts", 'import type { M } from "../types.ts";'],
  ["core/engine/a.ts", 'import { type W, type V } from "../wire/b.ts";'],
  ["core/engine/a.ts", "// Date.now is banned here, and so is Deno."],
  ["core/engine/a.ts", 'const x = "Deno.hostname";'],
  ["core/engine/a.ts", 'const x = /[/"]Deno/.test(y) ? `Deno ${z} Date.now` : 1;'],
  ["core/wire/a.ts", 'import { hmac } from "@noble/hashes/hmac.js";'],
  ["core/os/a.ts", "// deno-lint-ignore no-control-regex -- control characters are meant"],
  ["core/runtime/a.ts", 'import { b } from "../engine/b.ts";'],
  ["tests/a_test.ts", "const x = 'import { b } from \"../core/cli/b.ts\"';"],
];

for (const [path, source] of RIGHT) {
  Deno.test(`violations: has nothing against "${source}" in ${path}`, () => {
    assert.deepEqual(found(path, source), []);
  });
}

Deno.test("violations: finds a file that does not say what it is", () => {
  const wrong = violations([{ path: "main.ts", text: "const x = 1;\n" }]);
  assert.match(wrong[0]?.text ?? "", /does not open with/);
});

Deno.test("violations: finds a file that nothing imports, and one that only tests import", () => {
  const user = { path: "tests/a_test.ts", text: `${OPENING}import "../core/os/b.ts";\n` };
  const wrong = violations([
    user,
    { path: "core/os/a.ts", text: OPENING },
    { path: "core/os/b.ts", text: OPENING },
    { path: "tests/help.ts", text: OPENING },
  ]);
  assert.deepEqual(wrong.map(({ path, text }) => [path, text]), [
    ["core/os/a.ts", "nothing imports this file"],
    ["core/os/b.ts", "nothing imports this file"],
    ["tests/help.ts", "nothing imports this file"],
  ]);
});

Deno.test("violations: finds a value that no other file names, and one that only tests use", () => {
  const wrong = violations([
    {
      path: "main.ts",
      text: `${OPENING}import { used } from "./core/os/a.ts";\nused();\n`,
    },
    {
      path: "core/os/a.ts",
      text: `${OPENING}export const used = () => own;\nexport const own = 1;\n` +
        "export function tried() {}\nexport const bound = 2;\nconst x = bound;\n",
    },
    {
      path: "tests/a_test.ts",
      text: `${OPENING}import { bound, tried } from "../core/os/a.ts";\ntried(bound);\n`,
    },
  ]);
  assert.deepEqual(wrong.map(({ line, text }) => `${line}: ${text}`), [
    "3: no other file names own: it need not be exported",
    "4: only tests use tried",
  ]);
});

Deno.test("violations: finds files that import each other, unless it is for types", () => {
  const cycle = (word: string) =>
    violations([
      { path: "main.ts", text: `${OPENING}import "./core/os/a.ts";\n` },
      { path: "core/os/a.ts", text: `${OPENING}import { b } from "./b.ts";\n` },
      { path: "core/os/b.ts", text: `${OPENING}import { c } from "./c.ts";\n` },
      { path: "core/os/c.ts", text: `${OPENING}import ${word} from "./a.ts";\n` },
    ]).map(({ path, line, text }) => `${path}:${line}: ${text}`);
  assert.deepEqual(cycle("{ type A }"), []);
  const found = cycle("{ a }");
  assert.equal(found.length, 3, found.join("\n"));
  assert.match(found[0] ?? "", /^core\/os\/a.ts:2: "core\/os\/b.ts" imports this file in turn/);
});
