/** Real programs under `runProgram`: ends, deadlines, floods, daemons left behind. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { OUTPUT_HALF_BYTES } from "../../core/os/bounded_output.ts";
import { SystemError } from "../../core/os/errno.ts";
import { Reactor } from "../../core/os/reactor.ts";
import { KILL_AFTER_MS, type ProgramResult, runProgram } from "../../core/os/run_program.ts";
import { eventually } from "../eventually.ts";

const ENV = { PATH: "/usr/bin:/bin" };

/** Gives a directory for scripts and a way to run them, and takes both away again. */
async function withScripts(
  body: (
    directory: string,
    run: (script: string, args?: string[], signal?: AbortSignal) => Promise<ProgramResult>,
  ) => Promise<void>,
): Promise<void> {
  const directory = Deno.makeTempDirSync();
  const reactor = new Reactor((error) => {
    throw error;
  });
  const never = new AbortController().signal;
  try {
    await body(directory, (script, args = [], signal = never) => {
      const program = join(directory, "script");
      Deno.writeTextFileSync(program, script);
      Deno.chmodSync(program, 0o755);
      return runProgram(reactor, { program, args, env: ENV, signal });
    });
  } finally {
    await reactor.stop();
    await childrenReaped();
    Deno.removeSync(directory, { recursive: true });
  }
}

/** The shell that puts a reader behind a pipe ends a moment after the program that left it. */
async function childrenReaped(): Promise<void> {
  const tasks = "/proc/self/task";
  const hasChild = ({ name }: Deno.DirEntry) => readIfThere(`${tasks}/${name}/children`) !== "";
  do await new Promise((resolve) => setTimeout(resolve, 10)); while (
    [...Deno.readDirSync(tasks)].some(hasChild)
  );
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // The thread has ended meanwhile.
    return "";
  }
}

function alive(pid: number): boolean {
  try {
    const state = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "")[0];
    return state !== "Z";
  } catch {
    return false;
  }
}

/** The kernel needs a moment to end what was killed, and a busy one needs more of them. */
async function allEnd(pids: readonly number[]): Promise<void> {
  await eventually(`the end of ${pids}`, () => !pids.some(alive));
}

Deno.test("runProgram: both streams in order, and the exit code", () =>
  withScripts(async (_, run) => {
    const result = await run("#!/bin/sh\necho one\necho two >&2\necho three\nexit 7\n");
    assert.deepEqual(result, { code: 7, output: "one\ntwo\nthree\n", endedBy: "itself" });
  }));

Deno.test("runProgram: a signal that ends the program gives 128 + its number", () =>
  withScripts(async (_, run) => {
    assert.equal((await run("#!/bin/sh\nkill -9 $$\n")).code, 137);
  }));

Deno.test("runProgram: arguments with blanks, quotes and UTF-8 arrive unchanged", () =>
  withScripts(async (_, run) => {
    const args = ["a b", "", 'it\'s "so"', "$HOME *", "grün\n"];
    const { output } = await run('#!/bin/sh\nfor a; do printf "<%s>" "$a"; done\n', args);
    assert.equal(output, args.map((arg) => `<${arg}>`).join(""));
  }));

Deno.test("runProgram: only the given environment, three descriptors, a session of its own", () =>
  withScripts(async (_, run) => {
    const { output } = await run(
      "#!/bin/sh\nenv | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=\nls /proc/$$/fd\n" +
        'read x; echo "stdin:$x"\n' +
        "read pid a b c pgrp sid rest </proc/$$/stat; [ $pid = $sid ] && echo leader\n",
    );
    // A shell holds its script open as 10 (dash) or 255 (bash).
    const holdsScript = (line: string) => line !== "10" && line !== "255";
    const lines = output.trim().split("\n").filter(holdsScript);
    assert.deepEqual(lines, ["PATH=/usr/bin:/bin", "0", "1", "2", "stdin:", "leader"]);
  }));

Deno.test("runProgram: signals are at their defaults, none is blocked or ignored", () =>
  withScripts(async (_, run) => {
    const { output } = await run("#!/bin/sh\ngrep -E 'Sig(Blk|Ign)' /proc/self/status\n");
    assert.equal(
      output.replaceAll(/\s+/g, " "),
      "SigBlk: 0000000000000000 SigIgn: 0000000000000000 ",
    );
  }));

Deno.test("runProgram: a script without #! runs in the shell", () =>
  withScripts(async (_, run) => {
    assert.equal((await run("echo plain $1\n", ["x"])).output, "plain x\n");
  }));

Deno.test("runProgram: what cannot start is named: missing, not executable, bad interpreter", () =>
  withScripts(async (directory, run) => {
    const named = (errno: string) => (error: unknown) =>
      error instanceof SystemError && error.name === errno;
    await assert.rejects(run("#!/nonexistent/sh\n"), named("ENOENT"));
    const reactor = new Reactor(() => {});
    const start = (program: string) =>
      runProgram(reactor, { program, args: [], env: ENV, signal: new AbortController().signal });
    await assert.rejects(start(join(directory, "missing")), named("ENOENT"));
    Deno.chmodSync(join(directory, "script"), 0o644);
    await assert.rejects(start(join(directory, "script")), named("EACCES"));
    await reactor.stop();
  }));

Deno.test("runProgram: 100 MB of output cost bounded memory, and both ends are kept", () =>
  withScripts(async (_, run) => {
    const before = Deno.memoryUsage().rss;
    const { output, code } = await run(
      "#!/bin/sh\necho begin\nhead -c 100000000 /dev/zero | tr '\\0' x\necho\necho end\n",
    );
    const grown = Deno.memoryUsage().rss - before;
    assert.equal(code, 0);
    assert.ok(output.startsWith("begin\nxxx") && output.endsWith("xxx\nend\n"));
    assert.match(output, /\n… 99934475 bytes cut …\n/);
    assert.ok(output.length < 2 * OUTPUT_HALF_BYTES + 100, `${output.length} characters`);
    // Had it been kept, it would be 100 MB at least; what was read and let go may not be collected.
    assert.ok(grown < 80e6, `memory grew by ${grown} bytes`);
  }));

Deno.test("runProgram: a daemon left with the pipe neither delays the end nor dies", () =>
  withScripts(async (directory, run) => {
    const pidFile = join(directory, "pid");
    const daemon = "sleep 0.2; head -c 300000 /dev/zero; echo still here; exec sleep 60";
    const began = performance.now();
    const result = await run(`#!/bin/sh\necho up\n(${daemon}) &\necho $! >${pidFile}\n`);
    const tookMs = performance.now() - began;
    const pid = Number(Deno.readTextFileSync(pidFile));
    try {
      assert.deepEqual(result, { code: 0, output: "up\n", endedBy: "itself" });
      // The daemon keeps the pipe for a minute.
      assert.ok(tookMs < 40_000, `took ${tookMs} ms`);
      // It has written 300 kB, more than a pipe holds, and lives: somebody reads.
      const command = () => Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
      await eventually("the daemon passed its writes", () => command() === "sleep 60 ");
    } finally {
      Deno.kill(pid, "SIGKILL");
    }
  }));

const BASH = "/bin/bash";
const noShellReason = Deno.uid() !== 0 ? "needs root" : isFile(BASH) ? undefined : `needs ${BASH}`;
if (noShellReason !== undefined) {
  console.log(`run_program_test: a host without a shell is not tested: ${noShellReason}`);
}

Deno.test({
  name: "runProgram: where no shell can be started, a daemon left behind is read from here",
  ignore: noShellReason !== undefined,
  fn: () =>
    withScripts(async (directory) => {
      const child = new URL("run_program_child.ts", import.meta.url).pathname;
      const daemon = `until [ -e ${directory}/go ]; do sleep 0.01; done; ` +
        `head -c 300000 /dev/zero && touch ${directory}/passed`;
      const without = 'mount --bind /dev/null "$(readlink -f /bin/sh)" && exec "$@"';
      const deno = [Deno.execPath(), "run", "-A", "--no-check", child, directory];
      const program = [BASH, "-c", `echo up; (${daemon}) & exit 0`];
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: ["--mount", BASH, "-c", without, "bash", ...deno, ...program],
      }).output();
      const text = new TextDecoder().decode(stdout);
      assert.notEqual(text, "", new TextDecoder().decode(stderr));
      const result = { code: 0, output: "up\n", endedBy: "itself" };
      assert.deepEqual(JSON.parse(text), { result, passed: true, leaked: 0 });
    }),
});

Deno.test("runProgram: abort ends an obedient group with TERM, grandchildren included", () =>
  withScripts(async (directory, run) => {
    const pids = join(directory, "pids");
    const controller = new AbortController();
    const running = run(
      `#!/bin/sh\nsh -c 'sleep 60 & echo $! >>${pids}; wait' &\necho $! >>${pids}\nwait\n`,
      [],
      controller.signal,
    );
    await eventually("both have started", () => linesOf(pids).length === 2);
    const began = performance.now();
    controller.abort();
    const { code, endedBy } = await running;
    assert.equal(code, 143);
    // On a machine that pauses, the last of a group may be gone only after the time for a KILL.
    if (performance.now() - began < KILL_AFTER_MS) assert.equal(endedBy, "TERM");
    await allEnd(linesOf(pids).map(Number));
  }));

Deno.test("runProgram: who ignores TERM is killed after two seconds, grandchildren included", () =>
  withScripts(async (directory, run) => {
    const pids = join(directory, "pids");
    const controller = new AbortController();
    const running = run(
      `#!/bin/sh\ntrap '' TERM\nsleep 60 &\necho $! >>${pids}\nwhile :; do sleep 60; done\n`,
      [],
      controller.signal,
    );
    await eventually("it has started", () => linesOf(pids).length === 1);
    const began = performance.now();
    controller.abort();
    const { code, endedBy } = await running;
    const tookMs = performance.now() - began;
    assert.deepEqual([code, endedBy], [137, "KILL"]);
    // By itself it would end after a minute.
    assert.ok(tookMs >= KILL_AFTER_MS - 5 && tookMs < KILL_AFTER_MS + 40_000, `took ${tookMs} ms`);
    await allEnd(linesOf(pids).map(Number));
  }));

Deno.test("runProgram: a grandchild that outlives its parent and ignores TERM is killed too", () =>
  withScripts(async (directory, run) => {
    const pids = join(directory, "pids");
    const controller = new AbortController();
    const running = run(
      `#!/bin/sh\n(trap '' TERM; echo x >>${pids}; while :; do sleep 1; done) &\nsleep 60\n`,
      [],
      controller.signal,
    );
    await eventually("it has started", () => linesOf(pids).length === 1);
    controller.abort();
    const { endedBy } = await running;
    assert.equal(endedBy, "KILL");
  }));

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function linesOf(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  } catch {
    return [];
  }
}
