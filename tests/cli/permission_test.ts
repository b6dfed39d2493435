/** What an ordinary user is told; needs root, to become one. */
import assert from "node:assert/strict";
import { MAIN_COMMAND } from "../program.ts";
import { answerFrom, clusterView, type Lab, type Result, withLab } from "./fake_daemon.ts";

const NOBODY = 65534;
const DAEMON_GROUP = 1;
const isRoot = Deno.uid() === 0;
if (!isRoot) console.log("permission tests skipped: only root can become another user");

/** Runs the real program as nobody. */
async function runAsNobody(lab: Lab, ...args: string[]): Promise<Result> {
  const [program, ...words] = MAIN_COMMAND;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...words, "--root", lab.root, ...args],
    uid: NOBODY,
    gid: NOBODY,
    clearEnv: true,
    env: { DENO_DIR: `${lab.root}/cache`, DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { rc: code, stdout: text(stdout), stderr: text(stderr) };
}

async function openRoot(lab: Lab): Promise<void> {
  await Deno.chmod(lab.root, 0o755);
  await Deno.mkdir(`${lab.root}/cache`);
  await Deno.chown(`${lab.root}/cache`, NOBODY, NOBODY);
}

Deno.test({
  name: "an ordinary user: told who may ask (exit 4) and that only root may stop (exit 4)",
  ignore: !isRoot,
  fn: async () => {
    await withLab(async (lab) => {
      await openRoot(lab);
      const socket = `${lab.root}/run/heartbeat/control.sock`;
      lab.serve(answerFrom(clusterView()));
      await Deno.chown(socket, 0, DAEMON_GROUP);
      await Deno.chmod(socket, 0o660);
      const asked = await runAsNobody(lab, "status");
      assert.equal(asked.rc, 4, asked.stderr);
      assert.match(asked.stderr, /EACCES\): root and members of group daemon may\n$/);
      const ordered = await runAsNobody(lab, "standby");
      assert.equal(ordered.rc, 4);
      assert.match(ordered.stderr, /cannot order standby all: Not permitted/);

      const child = await lab.beDaemon();
      const stopped = await runAsNobody(lab, "-k");
      assert.deepEqual([stopped.rc, stopped.stderr], [
        4,
        `heartbeat: cannot stop pid ${child.pid} (EPERM): only root may stop Heartbeat\n`,
      ]);
      assert.equal((await runAsNobody(lab, "-s")).rc, 0);
    });
  },
});

Deno.test({
  name: "an ordinary user: the unreadable key is a finding among others; restart is exit 4",
  ignore: !isRoot,
  fn: async () => {
    await withLab(async (lab) => {
      await openRoot(lab);
      const dir = `${lab.root}/etc/ha.d`;
      await Deno.writeTextFile(`${dir}/ha.cf`, "keepalvie 1\nbcast lo\nnode alpha beta\n");
      await Deno.writeTextFile(`${dir}/haresources`, "alpha 192.168.2.3 no-such-service\n");
      await Deno.writeTextFile(`${dir}/authkeys`, "auth 1\n1 sha1 x\n", { mode: 0o600 });
      const checked = await runAsNobody(lab, "check", "--node", "alpha");
      assert.equal(checked.rc, 1);
      const denial = `Cannot read ${dir}/authkeys (EACCES): only root may\n`;
      assert.ok(checked.stderr.includes(denial), checked.stderr);
      assert.match(checked.stderr, /help: run this as root/);
      assert.match(checked.stderr, /did you mean "keepalive"/);
      const restarted = await runAsNobody(lab, "restart");
      assert.equal(restarted.rc, 4, restarted.stderr);
      assert.equal((await runAsNobody(lab, "start")).rc, 4);
      const listed = await runAsNobody(lab, "agent", "list");
      assert.deepEqual([listed.rc, listed.stderr], [0, ""]);
      assert.match((await runAsNobody(lab, "agent", "info", "IPadr")).stderr, /mean "IPaddr"\?\n$/);
      await Deno.mkdir(`${dir}/resource.d`, { mode: 0o700 });
      const refused = await runAsNobody(lab, "agent", "list");
      assert.equal(refused.rc, 1);
      assert.equal(
        refused.stderr,
        `heartbeat agent list: Cannot read ${dir}/resource.d (EACCES): ` +
          "only root may; run this as root\n",
      );
    });
  },
});
