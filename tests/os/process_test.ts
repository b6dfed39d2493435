/** Liveness of processes, and leaving the standard streams. */
import assert from "node:assert/strict";
import { isAlive } from "../../core/os/process.ts";

Deno.test("isAlive: own process, another user's, one that ended, and numbers that mean groups", async () => {
  assert.equal(isAlive(Deno.pid), true);
  assert.equal(isAlive(1), true);
  const child = new Deno.Command("true").spawn();
  await child.status;
  assert.equal(isAlive(child.pid), false);
  for (const pid of [0, -1, 1.5, NaN]) {
    assert.throws(() => isAlive(pid), /is not a process number/);
  }
});

Deno.test("detachStdio: whoever reads the output sees its end while the process runs on", async () => {
  const module = new URL("../../core/os/process.ts", import.meta.url).href;
  const program = `
    const { detachStdio } = await import(${JSON.stringify(module)});
    console.log("before");
    detachStdio();
    console.log("after");
    console.log = undefined;
    Deno.writeTextFileSync(Deno.args[0], Deno.readLinkSync("/proc/self/fd/1"));
  `;
  const file = Deno.makeTempFileSync();
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", program, file],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const { stdout, code } = await child.output();
    assert.equal(code, 0);
    assert.equal(new TextDecoder().decode(stdout), "before\n");
    assert.equal(Deno.readTextFileSync(file), "/dev/null");
  } finally {
    Deno.removeSync(file);
  }
});
