/** Where a word of haresources leads, and what is said when it leads nowhere. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { THIS_HOST } from "../../agents/host.ts";
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
    Deno.mkdirSync(join(root, "systemd"));
    const directories = {
      resourceDir: join(root, "resource.d"),
      initDirs: [join(root, "rc.d/init.d"), join(root, "init.d")],
    };
    const registry = createRegistry(directories, {
      ...THIS_HOST,
      ocfRoot: join(root, "ocf"),
      unitDirs: [join(root, "units")],
      systemdRunDir: join(root, "systemd"),
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

Deno.test("find: a plugin comes first, .ts before .js; what it shadows is told", () =>
  withRoot({
    "resource.d/a.ts": { mode: 0o644 },
    "resource.d/a.js": { mode: 0o644 },
    "resource.d/a": {},
    "init.d/a": {},
    "resource.d/b.js": { mode: 0o644 },
    "resource.d/IPaddr.ts": { mode: 0o644 },
    "resource.d/folder.ts/file": {},
  }, (find, root) => {
    assert.equal(foundAt(find("a")), `plugin ${root}/resource.d/a.ts`);
    assert.equal(foundAt(find("b")), `plugin ${root}/resource.d/b.js`);
    assert.equal(foundAt(find("IPaddr")), `plugin ${root}/resource.d/IPaddr.ts`);
    assert.match(foundAt(find("folder")), /resource\.d\/folder\.ts is not a regular file/);
    const registry = createRegistry({
      resourceDir: join(root, "resource.d"),
      initDirs: [join(root, "init.d")],
    });
    assert.deepEqual(registry.shadowed("a"), [
      `${root}/resource.d/a.js`,
      `${root}/resource.d/a`,
      `${root}/init.d/a`,
    ]);
    assert.equal(registry.shadowed("IPaddr")[0], "IPaddr");
    assert.deepEqual(registry.shadowed("b"), []);
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
    const searched = [
      `${root}/resource.d/nosuch.ts`,
      `${root}/resource.d/nosuch.js`,
      `${root}/resource.d/nosuch`,
      "built-in agents",
      `${root}/rc.d/init.d/nosuch`,
      `${root}/init.d/nosuch`,
      "systemd unit nosuch.service",
      `${root}/ocf/resource.d/*/nosuch`,
    ];
    const reason = `Cannot locate resource script nosuch: looked for ${searched.join(", ")}`;
    assert.deepEqual(find("nosuch"), { kind: "missing", reason, searched });
  }));

Deno.test("find: after the init scripts come systemd units, then OCF agents", () =>
  withRoot({
    "init.d/a": {},
    "units/a.service": {},
    "units/b.service": {},
    "units/c@.service": {},
    "ocf/resource.d/heartbeat/b": {},
    "ocf/resource.d/linbit/d": {},
    "ocf/resource.d/heartbeat/d": {},
    "ocf/resource.d/acme/e": {},
  }, (find, root) => {
    assert.equal(foundAt(find("a")), `init.d ${root}/init.d/a`);
    assert.equal(foundAt(find("a.service")), `systemd ${root}/units/a.service`);
    assert.equal(foundAt(find("b")), `systemd ${root}/units/b.service`);
    assert.equal(foundAt(find("c@x.service")), `systemd ${root}/units/c@.service`);
    assert.equal(foundAt(find("d")), `ocf ${root}/ocf/resource.d/heartbeat/d`);
    assert.equal(foundAt(find("e")), `ocf ${root}/ocf/resource.d/acme/e`);
    assert.match(foundAt(find("nosuch.service")), /systemd unit nosuch\.service/);
  }));

Deno.test("find: a unit is passed over, and named, where systemd is not process 1", () =>
  withRoot(
    { "units/a.service": {}, "ocf/resource.d/heartbeat/a": {} },
    (find, root) => {
      Deno.removeSync(`${root}/systemd`);
      const finding = find("a");
      assert.equal(foundAt(finding), `ocf ${root}/ocf/resource.d/heartbeat/a`);
      const remark = /units\/a\.service exists, but systemd is not process 1 here/;
      assert.match(finding.kind === "found" ? finding.remarks.join() : "", remark);
      assert.match(foundAt(find("a.service")), remark);
    },
  ));

Deno.test("find: a classic name is OCF's before an init script's; else the package is named", () =>
  withRoot({
    "ocf/resource.d/heartbeat/apache": {},
    "init.d/apache": {},
    "init.d/LVM": {},
  }, (find, root) => {
    assert.equal(foundAt(find("apache")), `ocf ${root}/ocf/resource.d/heartbeat/apache`);
    assert.equal(foundAt(find("LVM")), `init.d ${root}/init.d/LVM`);
    assert.match(foundAt(find("Raid1")), /Raid1 comes with the package resource-agents, which is/);
  }));

Deno.test("find: says why it took what it took", () =>
  withRoot({ "resource.d/a": {}, "units/b.service": {} }, (find) => {
    const why = (name: string) => {
      const finding = find(name);
      return finding.kind === "found" ? finding.why : finding.reason;
    };
    assert.equal(why("a"), "a site's own file wins");
    assert.equal(why("b"), "no script has this name");
    assert.equal(why("b.service"), "the word names a unit");
    assert.equal(why("MailTo"), "no resource.d file has this name");
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
