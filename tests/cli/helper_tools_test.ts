/** cl_respawn and ha_propagate: restarting, the code that means enough, copying what is good. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { MAIN_COMMAND } from "../program.ts";
import { withLab } from "./fake_daemon.ts";

Deno.test("cl_respawn: starts the program again until it says that it is enough", async () => {
  await withLab(async (lab) => {
    const count = join(lab.root, "count");
    // Words with a dash behind the program are the program's own.
    const script = 'echo "$1" >>"$0"; [ "$(wc -l <"$0")" -lt 2 ] && exit 3; exit 7';
    const args = ["-m", "7", "sh", "-c", script, count, "-m"];
    const { rc, stderr } = await lab.run("cl_respawn", ...args);
    assert.deepEqual([rc, stderr], [0, "cl_respawn: sh ended with 3; starting it again\n"]);
    assert.equal(Deno.readTextFileSync(count), "-m\n-m\n");
  });
});

Deno.test("cl_respawn: wrong usage is 2, and so is a program that is not there", async () => {
  await withLab(async (lab) => {
    assert.match((await lab.run("cl_respawn")).stderr, /a program to run is missing/);
    assert.equal((await lab.run("cl_respawn", "-m", "256", "true")).rc, 2);
    const missing = await lab.run("cl_respawn", "/does/not/exist");
    assert.equal(missing.rc, 2);
    assert.match(missing.stderr, /cannot start "\/does\/not\/exist"/);
  });
});

Deno.test("cl_respawn: told to stop, it tells the program and ends with 0", async () => {
  const [program, ...args] = MAIN_COMMAND;
  const script = 'trap "echo told; exit 1" TERM; echo up; while :; do sleep 0.05; done';
  const child = new Deno.Command(program, {
    args: [...args, "cl_respawn", "sh", "-c", script],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let said = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (said === "") child.kill("SIGTERM");
    said += text;
  }
  assert.deepEqual([said, (await child.status).code], ["up\ntold\n", 0]);
});

Deno.test("ha_propagate: the three files to the other node only, with their modes", async () => {
  await withLab(async (lab) => {
    const directory = join(lab.root, "etc/ha.d");
    Deno.mkdirSync(directory, { recursive: true });
    const self = Deno.hostname();
    const write = (name: string, text: string) =>
      Deno.writeTextFileSync(join(directory, name), text);
    write("haresources", `${self} 192.168.2.3/24/lo\n`);
    write("authkeys", "auth 1\n1 sha1 secret\n");
    Deno.chmodSync(join(directory, "authkeys"), 0o600);
    write("ha.cf", `bcast lo\nnode ${self} the-other\n`);
    const { rc, stdout, stderr } = await lab.run("ha_propagate", "--dry-run");
    const files = ["ha.cf", "haresources", "authkeys"].map((name) => join(directory, name));
    const command = `scp -p ${files.join(" ")} root@the-other:${directory}/\n`;
    assert.deepEqual([rc, stdout], [0, command], stderr);
    write("ha.cf", `bcast lo\nnode ${self} the-other\ndeadtime soon\n`);
    const broken = await lab.run("ha_propagate", "--dry-run");
    assert.deepEqual([broken.rc, broken.stdout], [1, ""]);
    assert.match(broken.stderr, /deadtime[\s\S]*nothing was copied/);
  });
});
