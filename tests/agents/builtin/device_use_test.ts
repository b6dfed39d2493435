/** Who uses a block device, where the device itself says nothing. */
import assert from "node:assert/strict";
import { deviceUse } from "../../../agents/builtin/device_use.ts";
import type { AgentContext } from "../../../agents/contract.ts";
import { THIS_HOST } from "../../../agents/host.ts";

const DISK = { path: "/dev/hb-none", number: "0:0" };

function context(run: AgentContext["run"], said: string[], signal: AbortSignal): AgentContext {
  return {
    ...{ args: [], deadlineMs: 60_000, run, signal },
    log: (level, line) => void said.push(`${level} ${line}`),
    secret: (value) => value,
  };
}

Deno.test("deviceUse: a device that does not answer is in use", async () => {
  const said: string[] = [];
  const hanging = context(() => new Promise(() => {}), said, new AbortController().signal);
  assert.equal(
    await deviceUse(THIS_HOST, hanging, DISK, "/srv"),
    "it did not answer for 10 s",
  );
  assert.deepEqual(said, []);
});

Deno.test("deviceUse: a trial that fails for another cause is told, and keeps nothing", async () => {
  const said: string[] = [];
  const { signal } = new AbortController();
  const odd = context(() => Promise.resolve({ code: 1, output: "no memory\n" }), said, signal);
  assert.equal(await deviceUse(THIS_HOST, odd, DISK, "/srv"), undefined);
  assert.deepEqual(said, ["warn whether /dev/hb-none is still in use is not known: no memory"]);
});

Deno.test("deviceUse: a trial that ends with its call has found nothing out", async () => {
  const ending = new AbortController();
  const cut = context(
    () => {
      ending.abort(new Error("the deadline"));
      return Promise.resolve({ code: 0, output: "" });
    },
    [],
    ending.signal,
  );
  await assert.rejects(deviceUse(THIS_HOST, cut, DISK, "/srv"), /the deadline/);
});
