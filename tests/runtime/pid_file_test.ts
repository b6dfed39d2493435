/** One daemon a host: living, stale, foreign and contested pid files. */
import assert from "node:assert/strict";
import { claimPidFile, pidState } from "../../core/runtime/pid_file.ts";

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
    const claim = claimPidFile(path, 1234);
    assert.ok("release" in claim);
    assert.equal(Deno.readTextFileSync(path), "      1234\n");
    claim.release();
    assert.equal(pidState(path).kind, "absent");
  }));

Deno.test("claimPidFile: a dead, garbled or foreign pid is stale and taken over", async () => {
  const other = await sleeper("postgres");
  try {
    for (const text of ["   4194999\n", "garbage\n", "", `${other.pid}\n`, "x".repeat(50)]) {
      await withPath((path) => {
        Deno.writeTextFileSync(path, text);
        assert.equal(pidState(path).kind, "stale");
        const claim = claimPidFile(path, 77);
        assert.ok("release" in claim, `${JSON.stringify(text)} was not taken over`);
        assert.equal(Deno.readTextFileSync(path), "        77\n");
        claim.release();
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
      assert.deepEqual(claimPidFile(path, 77), { runningPid: original.pid });
    });
  } finally {
    await original.end();
  }
});

Deno.test("claimPidFile: a second claim is refused while the first holds its lock", () =>
  withPath((path) => {
    const first = claimPidFile(path, 77);
    assert.ok("release" in first);
    assert.deepEqual(claimPidFile(path, 78), { runningPid: 77 });
    first.release();
    const second = claimPidFile(path, 78);
    assert.ok("release" in second);
    second.release();
  }));
