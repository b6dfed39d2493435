/**
 * `heartbeat agent …`: what the commands print and how they end. Those that only look run in this
 * process; those that start plugin hosts run as the program that an operator calls.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Lab, withLab } from "./fake_daemon.ts";

const HERE = import.meta.dirname ?? ".";
const MAIN = join(HERE, "../../main.ts");
const BROKEN = join(HERE, "../agents/broken");

interface Entry {
  readonly name: string;
  readonly origin: string;
  readonly path: string;
  readonly why: string;
  readonly shadows: readonly string[];
}

function resourceDir(lab: Lab): string {
  const dir = join(lab.root, "etc/ha.d/resource.d");
  Deno.mkdirSync(dir, { recursive: true });
  return dir;
}

function writeScript(path: string, text = "exit 0"): void {
  Deno.writeTextFileSync(path, `#!/bin/sh\n${text}\n`);
  Deno.chmodSync(path, 0o755);
}

/** Copies a plugin with what it imports to where nobody else may change it. */
function writePlugin(dir: string, name: string): void {
  for (const file of [name, "file_resource.ts"]) {
    Deno.copyFileSync(join(BROKEN, file), join(dir, file));
    Deno.chmodSync(join(dir, file), 0o644);
  }
}

/** In a process of its own, whose directory is the lab's root. */
async function program(lab: Lab, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", MAIN, "agent", ...args, "--root", lab.root],
    env: { NO_COLOR: "1" },
    cwd: lab.root,
  }).output();
  const text = new TextDecoder();
  return { rc: code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("agent list: says which agent a name leads to, why, and what it hides", async () => {
  await withLab(async (lab) => {
    const dir = resourceDir(lab);
    writeScript(join(dir, "IPaddr"));
    writePlugin(dir, "early.ts");
    for (const file of ["README", "heartbeat.d.ts"]) Deno.writeTextFileSync(join(dir, file), "");
    Deno.writeTextFileSync(join(dir, "util.ts"), "export const port = 80;\n");
    for (const file of ["hto-mapfuncs", "old~", "old.dpkg-old"]) writeScript(join(dir, file));
    const { rc, stdout } = await lab.run("heartbeat", "agent", "list", "--json");
    assert.equal(rc, 0);
    const entries: Entry[] = JSON.parse(stdout);
    const entry = (name: string) => entries.find((one) => one.name === name);
    const builtIn = entry("Delay");
    assert.equal(builtIn?.origin, "built-in");
    assert.equal(builtIn?.why, "no resource.d file has this name");
    assert.equal(entry("IPaddr")?.path, join(dir, "IPaddr"));
    assert.equal(entry("IPaddr")?.shadows[0], "IPaddr");
    assert.equal(entry("early")?.origin, "plugin");
    assert.equal(entry("README"), undefined);
    assert.equal(entry("heartbeat.d"), undefined);
    for (const beside of ["util", "hto-mapfuncs", "old~", "old.dpkg-old"]) {
      assert.equal(entry(beside), undefined, `${beside} is no agent`);
    }

    const text = await lab.run("heartbeat", "agent", "list");
    assert.match(
      text.stdout,
      /^ {2}IPaddr .*resource\.d\/IPaddr \(a site's own file wins; hides the built-in IPaddr/m,
    );
  });
});

Deno.test("agent run: outcome and exit code of each verb, options before the name only", async () => {
  await withLab(async (lab) => {
    const dir = resourceDir(lab);
    writeScript(
      join(dir, "web"),
      '[ "$1" = "a b" ] || exit 9\n' +
        'case $2 in start) :>"$0.on";; stop) rm -f "$0.on";; *) [ -e "$0.on" ] || exit 3; echo running;; esac',
    );
    const run = async (...args: string[]) => {
      const { rc, stdout, stderr } = await lab.run("heartbeat", "agent", "run", ...args);
      return [rc, stdout, stderr];
    };
    assert.deepEqual(await run("web", "start", "a b"), [0, "ok\n", ""]);
    assert.deepEqual(await run("web::a b", "status"), [0, "running\n", ""]);
    assert.deepEqual(await run("web", "stop", "a b"), [0, "ok\n", ""]);
    assert.deepEqual(await run("web::a b", "status"), [3, "stopped\n", ""]);
    const [rc, , said] = await run("--", "web", "stop", "--json");
    assert.equal(rc, 1);
    assert.match(String(said), /^heartbeat agent run: web::--json stop: Return code 9 from /);
    assert.equal((await run("none", "start"))[0], 5);
    const [usage, , wrong] = await run("web", "restart");
    assert.equal(usage, 2);
    assert.match(String(wrong), /"restart" is not one of start, stop, status, monitor, announce/);
    writeScript(join(dir, "slow"), "sleep 20");
    const [late, json] = await run("--deadline", "0.1", "--json", "slow", "start");
    assert.equal(late, 4);
    assert.equal(JSON.parse(String(json)).outcome, "timeout");
  });
});

Deno.test("agent run: an option behind the name is refused with what to write", async () => {
  await withLab(async (lab) => {
    for (const late of ["--json", "--deadline=3", "-v", "--help"]) {
      const { rc, stderr } = await lab.run("heartbeat", "agent", "run", "Delay", "start", late);
      assert.equal(rc, 2);
      assert.match(stderr, new RegExp(`"heartbeat agent run ${late} Delay …", or, `));
      assert.match(stderr, new RegExp(`"heartbeat agent run -- Delay … ${late}"\n`));
    }
    const more = await lab.run("cl_respawn", "-m", "3", "sh", "-c", "exit 3", "--help");
    assert.equal(more.rc, 0, "another program's words are its own");
  });
});

Deno.test("agent info: a file of this directory is told how to name it", async () => {
  await withLab(async (lab) => {
    Deno.writeTextFileSync(join(lab.root, "webdir.ts"), "");
    const { rc, stderr } = await program(lab, "info", "webdir.ts");
    assert.equal(rc, 5);
    assert.match(stderr, /; for the file in this directory write \.\/webdir\.ts\n$/);
  });
});

Deno.test("agent info: a plugin describes itself, and a broken one names its line", async () => {
  await withLab(async (lab) => {
    const dir = resourceDir(lab);
    writePlugin(dir, "early.ts");
    const { rc, stdout, stderr } = await program(lab, "info", "early");
    assert.equal(rc, 0, stderr);
    assert.match(
      stdout,
      /A file that is there\n\nIn haresources: \S+::file\n {2}file {2}Its path\./,
    );
    Deno.writeTextFileSync(join(dir, "bad.ts"), "\n\nexport default nothing;\n");
    const bad = await program(lab, "info", join(dir, "bad.ts"));
    assert.equal(bad.rc, 1);
    assert.match(bad.stderr, /bad\.ts:3: nothing is not defined/);
  });
});

Deno.test("agent info, test, run: a file that is not there is 5, and nothing runs", async () => {
  await withLab(async (lab) => {
    for (const file of ["none.ts", "none"]) {
      const path = join(resourceDir(lab), file);
      for (const words of [["info", path], ["test", path], ["run", path, "start"]]) {
        const { rc, stdout, stderr } = await lab.run("heartbeat", "agent", ...words);
        assert.deepEqual([rc, stdout], [5, ""], words.join(" "));
        assert.equal(stderr, `heartbeat agent: there is no file ${path}\n`);
      }
    }
  });
});

Deno.test("agent info: each fault of a module that is no agent in a line of its own", async () => {
  await withLab(async (lab) => {
    const path = join(resourceDir(lab), "odd.ts");
    Deno.writeTextFileSync(path, "export default { name: 7 };\n");
    Deno.chmodSync(path, 0o644);
    const { rc, stderr } = await program(lab, "info", path);
    assert.equal(rc, 1);
    assert.deepEqual(stderr.split("\n"), [
      `heartbeat agent info: ${path}: is no agent of this contract:`,
      '  "name" must be a string that is not empty',
      '  "summary" must be a string that is not empty',
      '  "contract" is missing, write contract: CONTRACT_VERSION',
      '  "parameters" must be a list of { name, required, doc }, or [] if there are none',
      '  the function "start" is missing',
      '  the function "stop" is missing',
      '  the function "status" is missing',
      "",
    ]);
  });
});

Deno.test("agent test: reports in text and JSON, ends with 1 for a breach, 3 when it runs", async () => {
  await withLab(async (lab) => {
    const dir = resourceDir(lab);
    writePlugin(dir, "stops_once.ts");
    const flag = join(lab.root, "flag");
    const broken = await program(lab, "test", "--json", join(dir, "stops_once.ts"), flag);
    assert.equal(broken.rc, 1, broken.stderr);
    assert.deepEqual(JSON.parse(broken.stdout).broken, ["stop-again"]);
    const good = await program(lab, "test", "file_resource", flag);
    assert.equal(good.rc, 0, good.stdout + good.stderr);
    assert.match(good.stdout, /^kept {5}stop-again/m);
    assert.match(good.stdout, /\d+ promises kept, \d+ not applicable\.\n$/);
    Deno.writeTextFileSync(flag, "");
    const running = await program(lab, "test", "file_resource", flag);
    assert.equal(running.rc, 3);
    assert.match(running.stderr, /says that it is running; if nobody needs it, stop it first/);
    assert.match(running.stderr, /: heartbeat agent run file_resource stop \S+flag\n/);
    assert.ok(Deno.statSync(flag).isFile, "it was not touched");
  });
});

Deno.test("agent run: what status denies is not called done", async () => {
  await withLab(async (lab) => {
    const dir = resourceDir(lab);
    writeScript(join(dir, "idle"), '[ "$1" = status ] && exit 3; exit 0');
    writeScript(join(dir, "liar"), '[ "$1" = status ] && echo running; exit 0');
    for (const [name, verb, said] of [["idle", "start", "stopped"], ["liar", "stop", "running"]]) {
      const words = [name ?? "", verb ?? ""];
      const { rc, stdout, stderr } = await lab.run("heartbeat", "agent", "run", ...words);
      assert.deepEqual([rc, stdout], [1, ""]);
      assert.match(stderr, new RegExp(`${verb} says ok, but status says ${said}`));
    }
  });
});

Deno.test("agent test: one cause is told once, whatever it keeps from being tested", async () => {
  await withLab(async (lab) => {
    const dir = resourceDir(lab);
    writePlugin(dir, "early.ts");
    const missing = await program(lab, "test", "early");
    assert.deepEqual([missing.rc, missing.stdout], [5, ""]);
    assert.equal(missing.stderr, 'heartbeat agent test: the argument "file" is missing\n');
    Deno.writeTextFileSync(join(dir, "bad.ts"), "\n\nexport default nothing;\n", { mode: 0o644 });
    const bad = await program(lab, "test", "bad");
    assert.deepEqual([bad.rc, bad.stdout], [5, ""]);
    assert.match(bad.stderr, /^heartbeat agent test: \S+bad\.ts:3: nothing is not defined\n$/);
    writeScript(join(dir, "fails"), "case $1 in status) exit 3;; start) exit 1;; esac");
    const { rc, stdout } = await program(lab, "test", "fails");
    assert.equal(rc, 1);
    assert.match(stdout, /^BROKEN {3}start /m);
    assert.match(stdout, /^Not tested after that: start-again, stop, status, .*verbs\.$/m);
    assert.equal(stdout.match(/earlier breach/g), null);
  });
});

Deno.test("agent info, test: a plugin that calls itself otherwise than its file is told", async () => {
  await withLab(async (lab) => {
    const dir = resourceDir(lab);
    writePlugin(dir, "early.ts");
    Deno.renameSync(join(dir, "early.ts"), join(dir, "webdir.ts"));
    const said = /the file says "file", haresources has to say "webdir": the file's name counts/;
    assert.match((await program(lab, "info", "webdir")).stdout.replace(/\s+/g, " "), said);
    assert.match((await program(lab, "test", "webdir", join(lab.root, "flag"))).stderr, said);
  });
});

Deno.test("agent new: what it writes loads, is checked, and passes agent test at once", async () => {
  await withLab(async (lab) => {
    const { rc, stdout, stderr } = await lab.run("heartbeat", "agent", "new", "pump");
    assert.deepEqual([rc, stderr], [0, ""]);
    const path = join(lab.root, "etc/ha.d/resource.d/pump.ts");
    assert.ok(stdout.startsWith(`wrote ${path}\n`), stdout);
    const text = Deno.readTextFileSync(path);
    assert.doesNotMatch(text, /\bNAME\b/);
    const report = await program(lab, "test", "--json", "pump", "one");
    const { broken, verdicts, ownName } = JSON.parse(report.stdout);
    assert.deepEqual([report.rc, broken, ownName], [0, [], undefined], report.stderr);
    const kept = verdicts.filter(({ result }: { result: string }) => result === "kept").length;
    assert.ok(kept >= 8, report.stdout);

    const again = await lab.run("heartbeat", "agent", "new", "pump");
    assert.equal(again.rc, 1);
    assert.match(again.stderr, /"pump" is an agent already: \S+pump\.ts; choose another name/);
    assert.equal(Deno.readTextFileSync(path), text);
    const hidden = await lab.run("heartbeat", "agent", "new", "IPaddr");
    assert.deepEqual([hidden.rc, hidden.stdout], [1, ""]);
    assert.equal((await lab.run("heartbeat", "agent", "new", "a::b")).rc, 2);
  });
});

Deno.test("agent: without a word lists its commands; a wrong word is told the right ones", async () => {
  await withLab(async (lab) => {
    assert.match((await lab.run("heartbeat", "agent")).stdout, /agent types/);
    const { rc, stderr } = await lab.run("heartbeat", "agent", "tset");
    assert.equal(rc, 2);
    assert.match(stderr, /"tset" is not one of list, info, run, test, new, types/);
    const types = await lab.run("heartbeat", "agent", "types");
    assert.match(types.stdout, /^declare module "heartbeat" \{$/m);
    assert.match(types.stdout, /a name without `\/`, which is looked up in \/usr\/local\/sbin/);
  });
});
