/** The orders with which an administrator repairs, and the question what a reload would do. */
import assert from "node:assert/strict";
import { withLab } from "./fake_daemon.ts";

Deno.test("heartbeat retry, confirm: the order, the daemon's words, its refusal", async () => {
  await withLab(async (lab) => {
    lab.serve((request) =>
      "order" in request && request.order === "confirm"
        ? { ok: false, text: "ha1 is not silent long enough" }
        : { ok: true, text: "trying the stop of ip again" }
    );
    const retried = await lab.run("heartbeat", "retry", "ip", "--is-stopped");
    assert.deepEqual([retried.rc, retried.stdout], [0, "trying the stop of ip again\n"]);
    const confirmed = await lab.run("heartbeat", "confirm", "ha1", "--is-off");
    assert.equal(confirmed.rc, 1);
    assert.match(confirmed.stderr, /cannot confirm that ha1 is off: ha1 is not silent long/);
    assert.deepEqual(lab.requests, [
      { order: "retry", group: "ip", isStopped: true },
      { order: "confirm", node: "ha1" },
    ]);
    assert.equal((await lab.run("heartbeat", "confirm", "ha1")).rc, 2);
    assert.equal((await lab.run("heartbeat", "retry")).rc, 2);
  });
});

Deno.test("heartbeat reload --dry-run: asks what a reload would do, and starts nothing", async () => {
  await withLab(async (lab) => {
    assert.equal((await lab.run("heartbeat", "reload", "--dry-run")).rc, 3);
    lab.serve(() => ({ ok: true, text: "Would start here: ip4; stop: nothing; keep: ip." }));
    const told = await lab.run("heartbeat", "reload", "--dry-run");
    assert.deepEqual([told.rc, told.stdout], [
      0,
      "Would start here: ip4; stop: nothing; keep: ip.\n",
    ]);
    assert.deepEqual(lab.requests, [{ order: "reload", dryRun: true }]);
  });
});
