/**
 * The conformance kit finds each of the deliberately broken agents in `broken/` out, by name, and
 * has nothing against agents that keep their promises. Plugins run in plugin hosts, as they always
 * do.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { PROMISES } from "../../agents/conformance/promises.ts";
import { KitBench } from "./kit_bench.ts";

const BROKEN_DIR = join(import.meta.dirname ?? ".", "broken");

/** One agent for each promise; the file says what it does. */
const BROKEN: Readonly<Record<keyof typeof PROMISES, string>> = {
  start: "refuses_start.ts",
  "start-again": "starts_once.ts",
  stop: "never_stops",
  "stop-again": "stops_once.ts",
  status: "always_stopped",
  "stop-after-failure": "half_started.ts",
  deadline: "deaf.ts",
  cancellation: "leaves_helpers",
  arguments: "splits_words",
  order: "early.ts",
  output: "floods",
  verbs: "accepts_any_word",
};

for (const [promise, name] of Object.entries(BROKEN)) {
  Deno.test(`agent test: ${name} breaks "${promise}" and nothing else`, async () => {
    await using bench = new KitBench(BROKEN_DIR);
    const { broken, verdicts } = await bench.testOnFile(name.replace(/\.ts$/, ""));
    assert.deepEqual(broken, [promise], JSON.stringify(verdicts, null, 2));
  });
}

Deno.test("agent test: has nothing against agents that keep their promises", async () => {
  await using bench = new KitBench(BROKEN_DIR);
  for (const [word, ...args] of [["file_resource", join(bench.root, "f")], ["Delay", "0.2"]]) {
    const { broken, verdicts } = await bench.test(word ?? "", ...args);
    assert.deepEqual(broken, [], JSON.stringify(verdicts, null, 2));
    const kept = verdicts.filter(({ result }) => result === "kept").length;
    assert.ok(kept >= 6, JSON.stringify(verdicts, null, 2));
  }
});

Deno.test("agent test: names a script without a status, and leaves alone what may run", async () => {
  await using bench = new KitBench(BROKEN_DIR);
  const file = join(bench.dir, "own");
  const calls = join(bench.root, "calls");
  Deno.writeTextFileSync(file, `#!/bin/sh\necho "$1" >>${calls}\n`, { mode: 0o755 });
  const { broken, verdicts } = await bench.test("own");
  assert.deepEqual(broken, ["status"]);
  const evidence = verdicts.find(({ name }) => name === "status")?.evidence ?? "";
  assert.match(evidence, /cannot tell from .*own status: exit code 0 .*without a status/);
  assert.equal(Deno.readTextFileSync(calls), "status\n");
});

Deno.test("agent test: nothing is said to be kept on the word of a status that lies", async () => {
  await using bench = new KitBench(BROKEN_DIR);
  const { broken, verdicts } = await bench.testOnFile("always_stopped");
  assert.deepEqual(broken, ["status"]);
  const again = verdicts.find(({ name }) => name === "start-again");
  assert.equal(again?.result, "not applicable");
  assert.match(again?.evidence ?? "", /after the second start status says stopped, and status is/);
  for (const name of ["stop-after-failure", "verbs"]) {
    assert.notEqual(verdicts.find((one) => one.name === name)?.result, "kept", name);
  }
});
