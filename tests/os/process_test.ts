/** Leaving the standard streams. */
import assert from "node:assert/strict";

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
