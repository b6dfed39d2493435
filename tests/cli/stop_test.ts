/** `heartbeat stop`: what it waits for, says and ends with. */
import assert from "node:assert/strict";
import { pathsUnder } from "../../core/runtime/paths.ts";
import { answerFrom, clusterView, withLab } from "./fake_daemon.ts";

Deno.test("heartbeat -k: a quick stop is silent and waits for the process", async () => {
  await withLab(async (lab) => {
    const child = await lab.beDaemon(0.2);
    assert.deepEqual(await lab.run("heartbeat", "-k"), { rc: 0, stdout: "", stderr: "" });
    assert.equal((await child.status).code, 0);
    assert.match(
      (await lab.run("heartbeat", "stop")).stderr,
      /^INFO: Heartbeat already stopped\.\n$/,
    );
  });
});

Deno.test("heartbeat -k: after a second it says what is still being released", async () => {
  await withLab(async (lab) => {
    await lab.beDaemon(2.8);
    lab.serve(answerFrom(clusterView()));
    const { rc, stderr } = await lab.run("heartbeat", "-k");
    assert.deepEqual([rc, stderr], [0, "releasing refsvc::a, refsvc::a2\n"]);
  });
});

Deno.test("heartbeat -k: a stop that fails is told with its reason, once", async () => {
  await withLab(async (lab) => {
    await lab.beDaemon(4.5);
    const problem = "stop of refsvc::a2: Return code 1 from refsvc: busy";
    const resources = [{ text: "refsvc::a", running: true }, { text: "refsvc::a2", running: null }];
    const groups = clusterView().engine.groups.slice(0, 1)
      .map((group) => ({ ...group, failedStops: 2, problem, resources }));
    // At first it only takes long.
    const states = [groups.map((group) => ({ ...group, failedStops: 0, problem: null }))];
    lab.serve((request) => answerFrom(clusterView({ groups: states.shift() ?? groups }))(request));
    assert.equal(
      (await lab.run("heartbeat", "-k")).stderr,
      `releasing refsvc::a, refsvc::a2\ncannot release: ${problem} (tried again; or stop it by hand)\n`,
    );
  });
});

Deno.test("heartbeat stop: exit 1 with what a daemon left that had to end", async () => {
  await withLab(async (lab) => {
    const { heldGroupsFile } = pathsUnder(lab.root);
    const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
    const note = { boot, held: ["192.0.2.3 disk"], homes: ["ha1"], removed: ["ha2 mail"] };
    await Deno.writeTextFile(heldGroupsFile, JSON.stringify(note));
    await lab.beDaemon(0, false);
    const { rc, stderr } = await lab.run("heartbeat", "stop");
    assert.equal(rc, 1);
    assert.match(
      stderr,
      /may be:\n {2}ha1 192\.0\.2\.3 disk\n {2}ha2 mail\nStop it by hand, or start/,
    );
  });
});
