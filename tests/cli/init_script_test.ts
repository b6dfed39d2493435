/** The SysV script: verbs, texts, hooks, lock file and LSB exit codes, with a stub executable. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../packaging/init.d/heartbeat", import.meta.url));

/** Logs how it was called; its exit code for each call is read from a file of that name. */
const STUB = `#!/bin/sh
echo "heartbeat $*" >>"$HEARTBEAT_ROOT/calls"
[ "$1" = -s ] && echo "said by -s"
exit "$(cat "$HEARTBEAT_ROOT/rc.\${1:-start}" 2>/dev/null || echo 0)"
`;
const HOOK = `#!/bin/sh
echo "hook $*" >>"$HEARTBEAT_ROOT/calls"
`;

interface ScriptLab {
  readonly root: string;
  /** What the stub answers to a first word (`start`: no word). */
  exitWith(word: string, rc: number): Promise<void>;
  run(...args: string[]): Promise<{ rc: number; stdout: string; stderr: string }>;
  calls(): Promise<string[]>;
}

async function withScript(test: (lab: ScriptLab) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "hb-init-" });
  const program = join(root, "heartbeat");
  const hook = join(root, "etc/ha.d/resource.d/startstop");
  try {
    await Deno.mkdir(join(root, "etc/ha.d/resource.d"), { recursive: true });
    await Deno.mkdir(join(root, "var/lock/subsys"), { recursive: true });
    await Deno.writeTextFile(join(root, "etc/ha.d/ha.cf"), "node a b\n");
    await Deno.writeTextFile(program, STUB, { mode: 0o755 });
    await Deno.writeTextFile(hook, HOOK, { mode: 0o755 });
    await test({
      root,
      exitWith: (word, rc) => Deno.writeTextFile(join(root, `rc.${word}`), String(rc)),
      run: async (...args) => {
        const env = { HEARTBEAT: program, HEARTBEAT_ROOT: root };
        const { code, stdout, stderr } = await new Deno.Command(SCRIPT, { args, env }).output();
        const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        return { rc: code, stdout: text(stdout), stderr: text(stderr) };
      },
      calls: async () => {
        const log = await Deno.readTextFile(join(root, "calls")).catch(() => "");
        return log.split("\n").map((line) => line.trim()).filter((line) => line !== "");
      },
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("init script start: hooks, lock file, the original's text", async () => {
  await withScript(async (lab) => {
    const { rc, stdout } = await lab.run("start");
    assert.equal(rc, 0);
    assert.equal(stdout, "Starting High-Availability services: Done.\n\n");
    assert.deepEqual(await lab.calls(), ["hook pre-start", "heartbeat", "hook post-start 0"]);
    assert.ok(exists(join(lab.root, "var/lock/subsys/heartbeat")));
  });
});

Deno.test("init script start: a failure has its code and leaves no lock file", async () => {
  await withScript(async (lab) => {
    await lab.exitWith("start", 6);
    const { rc, stdout } = await lab.run("start");
    assert.equal(rc, 6);
    assert.equal(
      stdout,
      "Starting High-Availability services:  Heartbeat failure [rc=6]. Failed.\n\n",
    );
    assert.deepEqual((await lab.calls()).at(-1), "hook post-start 6");
    assert.ok(!exists(join(lab.root, "var/lock/subsys/heartbeat")));
  });
});

Deno.test("init script stop: -k between hooks, the lock file goes", async () => {
  await withScript(async (lab) => {
    await Deno.writeTextFile(join(lab.root, "var/lock/subsys/heartbeat"), "");
    const { rc, stdout } = await lab.run("stop");
    assert.equal(rc, 0);
    assert.equal(stdout, "Stopping High-Availability services: Done.\n\n");
    assert.deepEqual(await lab.calls(), ["hook pre-stop", "heartbeat -k", "hook post-stop 0"]);
    assert.ok(!exists(join(lab.root, "var/lock/subsys/heartbeat")));
  });
});

Deno.test("init script restart: a broken configuration stops nothing, exit 6", async () => {
  await withScript(async (lab) => {
    await lab.exitWith("check", 1);
    const { rc, stderr } = await lab.run("restart");
    assert.equal(rc, 6);
    assert.match(stderr, /not restarted: its configuration has errors/);
    assert.deepEqual(await lab.calls(), ["heartbeat check"]);
  });
});

Deno.test("init script restart: a failed stop is not followed by a start", async () => {
  await withScript(async (lab) => {
    await lab.exitWith("-k", 4);
    const { rc } = await lab.run("restart");
    assert.equal(rc, 4);
    assert.ok(!(await lab.calls()).includes("heartbeat"));
  });
});

Deno.test("init script reload and force-reload: its code, 7 when it does not run", async () => {
  await withScript(async (lab) => {
    for (const verb of ["reload", "force-reload"]) {
      const { rc, stdout } = await lab.run(verb);
      assert.equal(rc, 0);
      assert.equal(stdout, "Reloading High-Availability services: Done.\n\n");
    }
    await lab.exitWith("-r", 6);
    assert.equal((await lab.run("reload")).rc, 6, "the configuration has errors");
    await lab.exitWith("-s", 3);
    const { rc, stderr } = await lab.run("reload");
    assert.equal(rc, 7);
    assert.match(stderr, /not running/);
  });
});

Deno.test("init script status: the code of -s, 2 when only the lock file is left", async () => {
  await withScript(async (lab) => {
    const running = await lab.run("status");
    assert.deepEqual(running, { rc: 0, stdout: "said by -s\n", stderr: "" });
    for (const rc of [1, 3]) {
      await lab.exitWith("-s", rc);
      assert.equal((await lab.run("status")).rc, rc);
    }
    await Deno.writeTextFile(join(lab.root, "var/lock/subsys/heartbeat"), "");
    assert.equal((await lab.run("status")).rc, 2);
  });
});

Deno.test("init script standby: orders it and tells the daemon's refusal", async () => {
  await withScript(async (lab) => {
    const { rc, stdout } = await lab.run("standby");
    assert.equal(rc, 0);
    assert.equal(stdout, "Attempting to enter standby modeDone.\n\n");
    assert.deepEqual(await lab.calls(), ["heartbeat standby"]);
    await lab.exitWith("standby", 1);
    assert.equal((await lab.run("standby")).rc, 1);
  });
});

Deno.test("init script: not installed is 5, not configured 6, wrong or no verb 2", async () => {
  await withScript(async (lab) => {
    const usage = `Usage: ${SCRIPT} {start|stop|status|restart|reload|force-reload}\n`;
    assert.deepEqual(await lab.run(), { rc: 2, stdout: usage, stderr: "" });
    assert.equal((await lab.run("bogus")).rc, 2);
    await Deno.remove(join(lab.root, "etc/ha.d/ha.cf"));
    for (const verb of ["start", "restart", "reload"]) assert.equal((await lab.run(verb)).rc, 6);
    await Deno.remove(join(lab.root, "heartbeat"));
    for (const verb of ["start", "stop", "restart"]) assert.equal((await lab.run(verb)).rc, 5);
    assert.equal((await lab.run("status")).rc, 4);
    assert.deepEqual(await lab.calls(), []);
  });
});
