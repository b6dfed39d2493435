/** Calls that nobody waits for: they run one after the other and take no place from others. */
import assert from "node:assert/strict";
import { createRegistry } from "../../agents/registry.ts";
import { Reactor } from "../../core/os/reactor.ts";
import { createExecutor } from "../../core/runtime/executor.ts";
import { MAX_PROGRAMS_AT_ONCE } from "../../core/runtime/program_slots.ts";
import type { Operation } from "../../core/types.ts";
import { eventually } from "../eventually.ts";

/** Its status ends when somebody lets it. */
const SCRIPT = (root: string) =>
  `#!/bin/sh
[ $1 = start ] && exit 0
echo x >>${root}/asked
until [ -e ${root}/go ]; do sleep 0.02; done
echo running
`;

Deno.test("perform: looks that hang keep no start waiting, and run one at a time", async () => {
  const root = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${root}/svc`, SCRIPT(root), { mode: 0o755 });
  const reactor = new Reactor((error) => {
    throw error;
  });
  const registry = createRegistry({ resourceDir: root, initDirs: [] });
  const executor = createExecutor({ registry, reactor, log: () => {}, output: () => {} });
  const resource = { text: "svc", agent: "svc", args: [] };
  const order = (id: number, more: Pick<Operation, "verb" | "aside">) =>
    executor.perform({ id, resource, deadlineMs: 60_000, ...more });
  try {
    const looks = Array.from(
      { length: MAX_PROGRAMS_AT_ONCE + 1 },
      (_, id) => order(id, { verb: "status", aside: true }),
    );
    const asked = () => {
      try {
        return Deno.statSync(`${root}/asked`).size / "x\n".length;
      } catch {
        return 0;
      }
    };
    await eventually("the first look runs", () => asked() > 0);
    assert.deepEqual(await order(100, { verb: "start" }), { kind: "ok" });
    assert.equal(asked(), 1);
    Deno.writeTextFileSync(`${root}/go`, "");
    for (const look of looks) assert.deepEqual(await look, { kind: "running" });
    assert.equal(asked(), looks.length);
  } finally {
    await executor.close();
    await reactor.stop();
    Deno.removeSync(root, { recursive: true });
  }
});
