/** Installing and removing: what is written, what is left alone, and that it can be undone. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { CLASSIC, TOOLS, VERBS } from "../../../core/cli/commands.ts";
import { install, uninstall } from "../../../core/cli/package/installer.ts";
import { hostPlaces } from "../../../core/cli/package/host_places.ts";
import { packageEntries } from "../../../core/cli/package/package_files.ts";

const TABLE = { program: CLASSIC, verbs: VERBS, tools: TOOLS };
const UNIT = "/usr/lib/systemd/system/heartbeat.service";
const PROGRAM = "/usr/sbin/heartbeat";

class Root {
  readonly said: string[] = [];
  version = "1";

  constructor(readonly path: string) {
    Deno.writeTextFileSync(this.program, "the executable");
  }

  get program(): string {
    return join(this.path, "heartbeat");
  }

  get options() {
    const root = join(this.path, "root");
    const say = (text: string) => this.said.push(text);
    return { root, dryRun: false, force: false, program: this.program, say };
  }

  install(more: Partial<{ dryRun: boolean; force: boolean }> = {}) {
    this.said.length = 0;
    const entries = packageEntries(TABLE, this.version, hostPlaces("/no/such/root"));
    return install(entries, { ...this.options, ...more });
  }

  uninstall(more: Partial<{ dryRun: boolean; force: boolean }> = {}) {
    this.said.length = 0;
    return uninstall({ ...this.options, ...more });
  }

  at(path: string): string {
    return join(this.options.root, path);
  }

  /** All files and links below the root, as the host would name them. */
  files(directory = this.options.root): string[] {
    const found: string[] = [];
    for (const entry of readDirectory(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory) found.push(...this.files(path));
      else found.push(path.slice(this.options.root.length));
    }
    return found.sort();
  }
}

function readDirectory(path: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(path)];
  } catch {
    return [];
  }
}

async function withRoot(test: (root: Root) => void): Promise<void> {
  const path = await Deno.makeTempDir({ prefix: "hb-install-" });
  try {
    test(new Root(path));
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("install: what it says it wrote is there, with its modes, and links lead to it", async () => {
  await withRoot((root) => {
    root.install();
    const said = root.said.map((line) => line.replace("wrote   ", "")).filter((path) =>
      !Deno.lstatSync(root.at(path)).isDirectory
    );
    assert.deepEqual(root.files(), [...said, "/var/lib/heartbeat/installed.json"].sort());
    const mode = (path: string) => (Deno.statSync(root.at(path)).mode ?? 0) & 0o7777;
    assert.equal(mode(PROGRAM), 0o755);
    assert.equal(mode("/etc/init.d/heartbeat"), 0o755);
    assert.equal(mode("/etc/ha.d/authkeys.sample"), 0o600);
    assert.equal(mode(UNIT), 0o644);
    for (const { name } of TOOLS) {
      const directory = name.startsWith("cl_") ? "/usr/bin" : "/usr/sbin";
      assert.equal(Deno.realPathSync(root.at(`${directory}/${name}`)), root.at(PROGRAM));
    }
    assert.equal(Deno.realPathSync(root.at("/usr/share/heartbeat/hb_standby")), root.at(PROGRAM));
    for (const name of ["ha.cf", "haresources", "authkeys"]) {
      assert.ok(!root.files().includes(`/etc/ha.d/${name}`), "nothing becomes active");
    }
  });
});

Deno.test("install --dry-run: says what it would do and touches nothing", async () => {
  await withRoot((root) => {
    root.install({ dryRun: true });
    const dry = [...root.said];
    assert.deepEqual(root.files(), []);
    root.install();
    const done = root.said.map((line) => line.replace("wrote  ", "would write"));
    assert.deepEqual(dry, done);
    assert.ok(dry.includes(`would write ${PROGRAM}`));
    const all = root.files();
    root.uninstall({ dryRun: true });
    assert.ok(root.said.every((line) => line.startsWith("would remove ")), root.said.join("\n"));
    assert.deepEqual(root.files(), all);
  });
});

Deno.test("install again: same stays, a new version renews, a changed file is kept", async () => {
  await withRoot((root) => {
    root.install();
    root.install();
    assert.ok(root.said.every((line) => line.startsWith("same ")));
    Deno.writeTextFileSync(root.at(UNIT), "[Unit]\n# the administrator's\n");
    Deno.writeTextFileSync(root.program, "a newer executable");
    root.version = "2";
    assert.deepEqual(root.install(), { kept: [UNIT] });
    const kept = root.said.filter((line) => line.startsWith("kept "));
    assert.deepEqual(kept, [`kept    ${UNIT}: it is not what an earlier install wrote there`]);
    assert.ok(root.said.includes(`renewed ${PROGRAM}`));
    assert.equal(Deno.readTextFileSync(root.at(PROGRAM)), "a newer executable");
    assert.match(Deno.readTextFileSync(root.at(UNIT)), /administrator/);
    assert.deepEqual(root.install({ force: true }), { kept: [] });
    assert.doesNotMatch(Deno.readTextFileSync(root.at(UNIT)), /administrator/);
  });
});

Deno.test("install: a file of another package in the way is kept, and not removed later", async () => {
  await withRoot((root) => {
    Deno.mkdirSync(root.at("/etc/init.d"), { recursive: true });
    Deno.writeTextFileSync(root.at("/etc/init.d/heartbeat"), "# of the original\n");
    assert.deepEqual(root.install(), { kept: ["/etc/init.d/heartbeat"] });
    root.uninstall();
    assert.deepEqual(root.files(), ["/etc/init.d/heartbeat"]);
  });
});

Deno.test("install --force: replaces what others left, and never the cluster's own files", async () => {
  await withRoot((root) => {
    const left = ["/etc/init.d/heartbeat", "/etc/logrotate.d/heartbeat", UNIT];
    const own = ["ha.cf", "haresources", "authkeys"].map((name) => `/etc/ha.d/${name}`);
    for (const path of [...left, ...own, "/etc/ha.d/resource.d/IPaddr"]) {
      Deno.mkdirSync(dirname(root.at(path)), { recursive: true });
      Deno.writeTextFileSync(root.at(path), "# of the original\n");
    }
    const written = (paths: readonly string[]) =>
      paths.filter((path) => Deno.readTextFileSync(root.at(path)) !== "# of the original\n");
    assert.deepEqual([...root.install().kept].sort(), left);
    assert.deepEqual(written(left), []);
    assert.deepEqual(root.install({ force: true }), { kept: [] });
    assert.deepEqual(written(left), left);
    root.uninstall({ force: true });
    assert.deepEqual(written([...own, "/etc/ha.d/resource.d/IPaddr"]), []);
  });
});

Deno.test("uninstall: all goes that was written, nothing that was changed or added", async () => {
  await withRoot((root) => {
    root.install();
    Deno.writeTextFileSync(root.at("/etc/ha.d/ha.cf"), "node a b\n");
    Deno.writeTextFileSync(root.at("/etc/logrotate.d/heartbeat"), "# mine\n");
    assert.deepEqual(root.uninstall(), { kept: ["/etc/logrotate.d/heartbeat", "/etc/ha.d"] });
    assert.deepEqual(root.files(), ["/etc/ha.d/ha.cf", "/etc/logrotate.d/heartbeat"]);
    assert.deepEqual(root.said.filter((line) => line.startsWith("kept")), [
      "kept    /etc/logrotate.d/heartbeat: it was changed since",
      "kept    /etc/ha.d: it is not empty",
    ]);
    assert.equal(root.uninstall(), null);
  });
});

Deno.test("install: what an install that broke off left beside is removed, and never followed", async () => {
  await withRoot((root) => {
    const victim = join(root.path, "victim");
    Deno.writeTextFileSync(victim, "somebody's");
    for (const path of ["/usr/sbin", "/usr/bin", "/usr/lib/systemd/system"]) {
      Deno.mkdirSync(root.at(path), { recursive: true });
    }
    for (const path of [PROGRAM, UNIT, "/usr/bin/cl_status"]) {
      Deno.symlinkSync(victim, root.at(`${path}.heartbeat-new`));
    }
    root.install();
    assert.equal(Deno.readTextFileSync(victim), "somebody's");
    assert.equal(Deno.readTextFileSync(root.at(PROGRAM)), "the executable");
    assert.ok(!root.files().some((path) => path.endsWith(".heartbeat-new")));
  });
});

Deno.test("uninstall: an install that broke off half-way is removed whole", async () => {
  await withRoot((root) => {
    // Nobody can make a file below a file.
    Deno.mkdirSync(root.at("/usr/share"), { recursive: true });
    Deno.writeTextFileSync(root.at("/usr/share/man"), "");
    assert.throws(() => root.install());
    assert.ok(root.files().length > 2, "nothing was written before it broke off");
    assert.notEqual(root.uninstall(), null);
    assert.deepEqual(root.files(), ["/usr/share/man"]);
  });
});

Deno.test("install: the record is there before the first file, as for one that is killed", async () => {
  await withRoot((root) => {
    const record = root.at("/var/lib/heartbeat/installed.json");
    const entries = packageEntries(TABLE, "1", hostPlaces("/no/such/root"));
    let atFirst: string[] | undefined;
    const say = () => {
      atFirst ??= JSON.parse(Deno.readTextFileSync(record)).map(([path]: [string]) => path);
    };
    install(entries, { ...root.options, say });
    assert.deepEqual(atFirst, entries.map(({ path }) => path));
  });
});
