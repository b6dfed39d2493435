/** What /proc tells of this process, of one that ended, and of who holds a lock. */
import assert from "node:assert/strict";
import { flockHolders, processName, processStat } from "../../core/os/proc.ts";

Deno.test("processStat, processName: a child while it lives, and a number that nobody has", async () => {
  const sleeping = new Deno.Command("sleep", { args: ["60"] }).spawn();
  const stat = processStat(sleeping.pid);
  assert.match(stat?.startTime ?? "", /^\d+$/);
  assert.equal(processName(sleeping.pid), "sleep");
  assert.equal(stat?.group, processStat(Deno.pid)?.group);
  sleeping.kill("SIGKILL");
  await sleeping.status;
  assert.equal(processStat(sleeping.pid), undefined);
  assert.equal(processName(sleeping.pid), "");
});

Deno.test("flockHolders: who holds the lock, and nobody once it is free", async () => {
  const path = await Deno.makeTempFile();
  try {
    const file = await Deno.open(path);
    assert.deepEqual(flockHolders(path), []);
    await file.lock(true);
    assert.deepEqual(flockHolders(path), [Deno.pid]);
    file.close();
    assert.deepEqual(flockHolders(path), []);
    assert.deepEqual(flockHolders(`${path}.not`), []);
  } finally {
    await Deno.remove(path);
  }
});
