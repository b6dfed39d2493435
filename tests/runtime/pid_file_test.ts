/** One daemon a host: living, stale, foreign and contested pid files. */
import assert from "node:assert/strict";
import { claimPidFile, pidState } from "../../core/runtime/pid_file.ts";

function claim(path: string, pid: number) {
  return claimPidFile(path, `${path}.lock`, pid);
}

async function withPath(test: (path: string) => void | Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "hb-pid-" });
  try {
    await test(`${dir}/heartbeat.pid`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
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
    assert.equal(pidState(path).kind, "absent");
  }));

Deno.test("claimPidFile: a dead, garbled or foreign pid is stale and taken over", async () => {
  const other = await sleeper("postgres");
  try {
    for (const text of ["   4194999\n", "garbage\n", "", `${other.pid}\n`, "x".repeat(50)]) {
      await withPath((path) => {
        Deno.writeTextFileSync(path, text);
        assert.equal(pidState(path).kind, "stale");
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
      assert.deepEqual(pidState(path), { kind: "running", pid: original.pid });
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
      assert.equal(pidState(path).kind, instead === undefined ? "absent" : "stale");
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
    assert.equal(pidState(path).kind, "absent", "the refused one wrote a pid file");
    first.release();
  }));

Deno.test("claimPidFile: nobody but the owner can lock the lock file", () =>
  withPath((path) => {
    const claimed = claim(path, 77);
    assert.ok("release" in claimed);
    assert.equal((Deno.statSync(`${path}.lock`).mode ?? 0) & 0o777, 0o600);
    claimed.release();
  }));
