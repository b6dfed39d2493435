/** One daemon a host: living, stale, foreign and contested pid files. */
import assert from "node:assert/strict";
import { claimPidFile, daemonState } from "../../core/runtime/pid_file.ts";
import { withDirectory } from "../with_directory.ts";

const filesOf = (path: string) => ({ pidFile: path, lockFile: `${path}.lock` });

function claim(path: string, pid: number) {
  return claimPidFile(filesOf(path), pid);
}

function stateOf(path: string) {
  return daemonState(filesOf(path));
}

function withPath(test: (path: string) => void | Promise<void>): Promise<void> {
  return withDirectory((directory) => test(`${directory}/heartbeat.pid`));
}

/** A living process whose name is `name`; the caller's test ends it. */
async function sleeper(name: string): Promise<{ pid: number; end: () => Promise<void> }> {
  const child = new Deno.Command("sh", {
    args: ["-c", `printf %s ${name} > /proc/self/comm; echo; read _`],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  // One byte out says that it has its name.
  const reader = child.stdout.getReader();
  await reader.read();
  return {
    pid: child.pid,
    end: async () => {
      child.kill("SIGKILL");
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    },
  };
}

Deno.test("claimPidFile: writes the pid in 10 columns and LF, and removes the file at the end", () =>
  withPath((path) => {
    const claimed = claim(path, 1234);
    assert.ok("release" in claimed);
    assert.equal(Deno.readTextFileSync(path), "      1234\n");
    claimed.release();
    assert.equal(stateOf(path).kind, "absent");
  }));

Deno.test("claimPidFile: a dead, garbled or foreign pid is stale and taken over", async () => {
  const other = await sleeper("postgres");
  try {
    for (const text of ["   4194999\n", "garbage\n", "", `${other.pid}\n`, "x".repeat(50)]) {
      await withPath((path) => {
        Deno.writeTextFileSync(path, text);
        assert.equal(stateOf(path).kind, "stale");
        const claimed = claim(path, 77);
        assert.ok("release" in claimed, `${JSON.stringify(text)} was not taken over`);
        assert.equal(Deno.readTextFileSync(path), "        77\n");
        claimed.release();
      });
    }
  } finally {
    await other.end();
  }
});

Deno.test("claimPidFile: a living heartbeat that takes no lock (the original) is respected", async () => {
  const original = await sleeper("heartbeat");
  try {
    await withPath((path) => {
      Deno.writeTextFileSync(path, `${String(original.pid).padStart(10)}\n`);
      assert.deepEqual(stateOf(path), { kind: "running", pid: original.pid });
      assert.deepEqual(claim(path, 77), { runningPid: original.pid });
    });
  } finally {
    await original.end();
  }
});

Deno.test("claimPidFile: a file that somebody removed or replaced does not spoil the release", () =>
  withPath((path) => {
    for (const instead of [undefined, "        78\n"]) {
      const claimed = claim(path, 77);
      assert.ok("release" in claimed);
      Deno.removeSync(path);
      if (instead !== undefined) Deno.writeTextFileSync(path, instead);
      claimed.release();
      assert.equal(stateOf(path).kind, instead === undefined ? "absent" : "stale");
    }
  }));

Deno.test("claimPidFile: a second claim is refused while the first holds its lock", () =>
  withPath((path) => {
    const first = claim(path, 77);
    assert.ok("release" in first);
    assert.deepEqual(claim(path, 78), { runningPid: 77 });
    first.release();
    const second = claim(path, 78);
    assert.ok("release" in second);
    second.release();
  }));

Deno.test("claimPidFile: a second claim is refused also when the pid file was removed", () =>
  withPath((path) => {
    const first = claim(path, 77);
    assert.ok("release" in first);
    Deno.removeSync(path);
    assert.deepEqual(claim(path, 78), { runningPid: null });
    assert.equal(stateOf(path).kind, "absent", "the refused one wrote a pid file");
    first.release();
  }));

Deno.test("claimPidFile: nobody but the owner can lock the lock file", () =>
  withPath((path) => {
    const claimed = claim(path, 77);
    assert.ok("release" in claimed);
    assert.equal((Deno.statSync(`${path}.lock`).mode ?? 0) & 0o777, 0o600);
    claimed.release();
  }));

Deno.test("claimPidFile: a pid file that is left behind tells of a crash, a missing one does not", () =>
  withPath((path) => {
    const first = claim(path, 4194999);
    assert.ok("release" in first);
    assert.equal(first.crashedBefore, false);
    first.release();
    Deno.writeTextFileSync(path, "   4194999\n");
    const second = claim(path, 77);
    assert.ok("release" in second);
    assert.equal(second.crashedBefore, true);
    second.release();
  }));

Deno.test("daemonState: who holds the lock is found when the pid file is gone or wrong", async () => {
  // A process that looks like the daemon and holds the lock that flock(2) gives.
  await withPath(async (path) => {
    Deno.writeTextFileSync(`${path}.lock`, "");
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        `const lock = Deno.openSync(Deno.args[0]); lock.lockSync(true);
         (await import("node:process")).default.title = "heartbeat";
         console.log("locked"); await Deno.stdin.read(new Uint8Array(1));`,
        `${path}.lock`,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    try {
      await reader.read();
      const running = { kind: "running", pid: child.pid } as const;
      assert.deepEqual(stateOf(path), running);
      Deno.writeTextFileSync(path, "   4194999\n");
      assert.deepEqual(stateOf(path), running);
    } finally {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    }
    assert.equal(stateOf(path).kind, "stale");
  });
});

Deno.test("claimPidFile: renew writes a pid file that is gone, and leaves one that is there", () =>
  withPath((path) => {
    const claimed = claim(path, 77);
    assert.ok("release" in claimed);
    assert.equal(claimed.renew(), false);
    Deno.removeSync(path);
    assert.equal(claimed.renew(), true);
    assert.equal(Deno.readTextFileSync(path), "        77\n");
    claimed.release();
  }));
