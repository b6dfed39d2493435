/** What a killed daemon left running: found by pid and start time, ended with its whole group. */
import assert from "node:assert/strict";
import { exitCode } from "../../core/os/run_program.ts";
import { spawnProgram } from "../../core/os/spawn.ts";
import { endOrphans, RunningPrograms } from "../../core/runtime/running_programs.ts";

/** A directory with a note, and what was logged. */
async function withNote(
  test: (note: string, dir: string, log: string[]) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "hb-programs-" });
  const log: string[] = [];
  try {
    await test(`${dir}/programs.json`, dir, log);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A program in a group of its own, as the daemon starts it, and reaped, as init would do. */
function start(script: string): { readonly pid: number; readonly ended: Promise<number> } {
  const env = { PATH: "/usr/bin:/bin" };
  const pid = spawnProgram({ program: "/bin/sh", args: ["-c", script], env, descriptors: {} });
  return { pid, ended: exitCode(pid) };
}

function lives(pid: number): boolean {
  try {
    return !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

async function content(path: string): Promise<string> {
  for (;;) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text.endsWith("\n")) return text.trim();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function noteOf(path: string, log: string[]): RunningPrograms {
  return new RunningPrograms(path, (level, text) => log.push(`${level}: ${text}`));
}

const into = (log: string[]) => (level: string, text: string) => void log.push(`${level}: ${text}`);

Deno.test("endOrphans: a noted program and its children are gone when it returns", () =>
  withNote(async (note, dir, log) => {
    const { pid, ended } = start(`sleep 60 & echo $! >${dir}/child; wait`);
    const child = Number(await content(`${dir}/child`));
    noteOf(note, log).started(pid);
    await endOrphans(note, into(log));
    assert.deepEqual([lives(pid), lives(child)], [false, false]);
    assert.equal(await ended, 143);
    assert.match(
      log[0] ?? "",
      new RegExp(`^warn: Process ${pid} still runs for a daemon that was`),
    );
  }));

Deno.test("endOrphans: who ignores TERM is killed", () =>
  withNote(async (note, dir, log) => {
    const { pid, ended } = start(
      `trap '' TERM; echo ready >${dir}/ready; while :; do sleep 1; done`,
    );
    await content(`${dir}/ready`);
    noteOf(note, log).started(pid);
    await endOrphans(note, into(log));
    assert.equal(lives(pid), false);
    assert.equal(await ended, 137);
  }));

Deno.test("endOrphans: another process of that number, and one that had ended, are let alone", () =>
  withNote(async (note, _, log) => {
    const { pid, ended } = start("sleep 60");
    try {
      const programs = noteOf(note, log);
      programs.started(pid);
      const right = await Deno.readTextFile(note);
      await Deno.writeTextFile(note, right.replace(/"startTime":"\d+/, "$&0"));
      assert.notEqual(await Deno.readTextFile(note), right);
      await endOrphans(note, into(log));
      assert.ok(lives(pid));

      programs.ended(pid);
      await endOrphans(note, into(log));
      assert.ok(lives(pid));
      assert.deepEqual(log, []);
    } finally {
      Deno.kill(pid, "SIGKILL");
      await ended;
    }
  }));

Deno.test("endOrphans: a daemon that a script left behind in its group survives", () =>
  withNote(async (note, dir, log) => {
    const { pid, ended } = start(
      `sleep 60 & echo $! >${dir}/daemon; until [ -e ${dir}/go ]; do sleep 0.01; done`,
    );
    const daemon = Number(await content(`${dir}/daemon`));
    try {
      noteOf(note, log).started(pid);
      await Deno.writeTextFile(`${dir}/go`, "");
      assert.equal(await ended, 0);
      await endOrphans(note, into(log));
      assert.ok(lives(daemon));
    } finally {
      Deno.kill(daemon, "SIGKILL");
    }
  }));

Deno.test("endOrphans: no note, or one that is no note, is nothing to do", () =>
  withNote(async (note, _, log) => {
    await endOrphans(note, into(log));
    for (const text of ["", "{", "[1]", '[{"pid":-1,"startTime":"1"}]', '{"pid":2}']) {
      await Deno.writeTextFile(note, text);
      await endOrphans(note, into(log));
    }
    assert.deepEqual(log, []);
  }));

Deno.test("RunningPrograms: a note that cannot be written is said once", () =>
  withNote(async (_, dir, log) => {
    const { pid, ended } = start("sleep 60");
    try {
      const programs = noteOf(`${dir}/gone/programs.json`, log);
      programs.started(pid);
      programs.ended(pid);
      assert.equal(log.length, 1);
      assert.match(log[0] ?? "", /^error: Cannot note which programs run: NotFound/);
    } finally {
      Deno.kill(pid, "SIGKILL");
      await ended;
    }
  }));
