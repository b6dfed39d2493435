/** Where a word of haresources leads, and what is said when it leads nowhere. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { createRegistry, type Finding } from "../../agents/registry.ts";

const SCRIPT = "#!/bin/sh\nexit 0\n";

/** Files by path relative to a fresh root; the registry searches that root. */
function withRoot(
  files: Record<string, { text?: string; mode?: number }>,
  body: (find: (name: string) => Finding, root: string) => void,
): void {
  const root = Deno.makeTempDirSync();
  try {
    for (const [path, { text = SCRIPT, mode = 0o755 }] of Object.entries(files)) {
      const full = join(root, path);
      Deno.mkdirSync(dirname(full), { recursive: true });
      Deno.writeTextFileSync(full, text);
      Deno.chmodSync(full, mode);
    }
    const registry = createRegistry({
      resourceDir: join(root, "resource.d"),
      initDirs: [join(root, "rc.d/init.d"), join(root, "init.d")],
    });
    body((name) => registry.find(name), root);
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

function foundAt(finding: Finding): string {
  return finding.kind === "found" ? `${finding.origin} ${finding.path}` : finding.reason;
}

Deno.test("find: resource.d, then built-in, then rc.d/init.d, then init.d", () =>
  withRoot({
    "resource.d/a": {},
    "rc.d/init.d/a": {},
    "rc.d/init.d/b": {},
    "init.d/b": {},
    "init.d/c": {},
    "init.d/IPaddr": {},
  }, (find, root) => {
    assert.equal(foundAt(find("a")), `resource.d ${root}/resource.d/a`);
    assert.equal(foundAt(find("b")), `init.d ${root}/rc.d/init.d/b`);
    assert.equal(foundAt(find("c")), `init.d ${root}/init.d/c`);
    assert.equal(foundAt(find("IPaddr")), "built-in IPaddr");
    assert.equal(foundAt(find("IPaddr2")), "built-in IPaddr2");
  }));

Deno.test("find: a site's own IPaddr shadows the built-in one", () =>
  withRoot({ "resource.d/IPaddr": {} }, (find, root) => {
    assert.equal(foundAt(find("IPaddr")), `resource.d ${root}/resource.d/IPaddr`);
  }));

Deno.test("find: a file without the x bit is passed over, and named if nothing else is there", () =>
  withRoot(
    { "resource.d/a": { mode: 0o644 }, "init.d/a": {}, "resource.d/b": { mode: 0o600 } },
    (find, root) => {
      const finding = find("a");
      assert.equal(foundAt(finding), `init.d ${root}/init.d/a`);
      assert.deepEqual(finding.kind === "found" && finding.remarks, [
        `${root}/resource.d/a is not executable (fix: chmod +x ${root}/resource.d/a)`,
      ]);
      assert.match(foundAt(find("b")), /script b: .*resource\.d\/b is not executable \(fix: chmod/);
    },
  ));

Deno.test("find: missing lists every place that was searched", () =>
  withRoot({}, (find, root) => {
    assert.deepEqual(find("nosuch"), {
      kind: "missing",
      reason: `Cannot locate resource script nosuch: looked for ${root}/resource.d/nosuch, ` +
        `built-in agents, ${root}/rc.d/init.d/nosuch, ${root}/init.d/nosuch`,
      searched: [
        `${root}/resource.d/nosuch`,
        "built-in agents",
        `${root}/rc.d/init.d/nosuch`,
        `${root}/init.d/nosuch`,
      ],
    });
  }));

Deno.test("find: a broken script is named, and no other file takes its place", () =>
  withRoot({
    "resource.d/bad": { text: "#!/no/such/shell -e\n" },
    "init.d/bad": {},
    "resource.d/dos": { text: "#!/bin/sh\r\nexit 0\r\n" },
    "resource.d/folder/file": {},
  }, (find, root) => {
    assert.match(foundAt(find("bad")), /interpreter "\/no\/such\/shell" in the first line of/);
    assert.match(foundAt(find("dos")), /ends with a carriage return, .*"\/bin\/sh" is not found/);
    assert.match(foundAt(find("folder")), /resource\.d\/folder is not a regular file/);
    Deno.symlinkSync("/nonexistent", `${root}/resource.d/link`);
    assert.match(foundAt(find("link")), /link is a symbolic link to a file that does not exist/);
  }));

Deno.test("find: blanks before the interpreter and its arguments are understood", () =>
  withRoot({
    "resource.d/a": { text: "#! /bin/sh -e\n" },
    "resource.d/b": { text: "echo no first line\n" },
    "resource.d/c": { text: "#!/usr/bin/env sh\n" },
  }, (find) => {
    for (const name of ["a", "b", "c"]) assert.equal(find(name).kind, "found", name);
  }));

Deno.test("find: a name that leaves the directories is refused", () =>
  withRoot({ "resource.d/a": {}, "secret": {} }, (find) => {
    for (const name of ["../secret", "..", ".", "", "x/../a"]) {
      assert.equal(find(name).kind, "missing", name);
    }
  }));
