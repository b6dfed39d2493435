/**
 * The conformance kit finds each of the deliberately broken agents in `broken/` out, by name, and
 * has nothing against agents that keep their promises. Plugins run in plugin hosts, as they always
 * do.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { AgentWorkbench } from "../../core/runtime/agent_workbench.ts";
import { type AgentReport, testOnWorkbench } from "../../core/runtime/agent_trial.ts";
import { pathsUnder } from "../../core/runtime/paths.ts";
import { pluginHostCommand } from "../../core/runtime/plugin_command.ts";
import { markedProcesses } from "../../agents/conformance/processes.ts";
import { PROMISES } from "../../agents/conformance/promises.ts";

const HERE = import.meta.dirname ?? ".";
const MAIN = join(HERE, "../../main.ts");
const SELF = [Deno.execPath(), "run", "-A", "--cached-only", MAIN] as const;
const DEADLINE_MS = 10_000;

/** A root of its own, with the agents copied to where nobody else may change them. */
class Bench implements AsyncDisposable {
  readonly root = Deno.makeTempDirSync({ prefix: "hb-kit-" });
  readonly dir = join(this.root, "etc/ha.d/resource.d");
  readonly log: string[] = [];
  readonly #bench: AgentWorkbench;

  constructor() {
    Deno.mkdirSync(this.dir, { recursive: true });
    for (const { name } of Deno.readDirSync(join(HERE, "broken"))) {
      Deno.copyFileSync(join(HERE, "broken", name), join(this.dir, name));
      Deno.chmodSync(join(this.dir, name), name.endsWith(".ts") ? 0o644 : 0o755);
    }
    this.#bench = new AgentWorkbench(
      pathsUnder(this.root),
      (level, text) => void this.log.push(`${level}: ${text}`),
      pluginHostCommand(SELF),
    );
  }

  async test(word: string, ...args: string[]): Promise<AgentReport> {
    const found = this.#bench.find(word);
    assert.equal(found.kind, "found", JSON.stringify(found));
    const text = [word, ...args].join("::");
    const report = await testOnWorkbench(this.#bench, found, { text, args }, DEADLINE_MS);
    assert.equal(report.kind, "tested", JSON.stringify(report));
    return report;
  }

  /** As a word of haresources, with a file that is not there yet. */
  testOnFile(word: string): Promise<AgentReport> {
    return this.test(word, join(this.root, "flag"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of markedProcesses(this.#bench.mark, this.#bench.hostPids())) {
      Deno.kill(pid, "SIGKILL");
    }
    await this.#bench[Symbol.asyncDispose]();
    Deno.removeSync(this.root, { recursive: true });
  }
}

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
    await using bench = new Bench();
    const { broken, verdicts } = await bench.testOnFile(name.replace(/\.ts$/, ""));
    assert.deepEqual(broken, [promise], JSON.stringify(verdicts, null, 2));
  });
}

Deno.test("agent test: has nothing against agents that keep their promises", async () => {
  await using bench = new Bench();
  for (const [word, ...args] of [["file_resource", join(bench.root, "f")], ["Delay", "0.2"]]) {
    const { broken, verdicts } = await bench.test(word ?? "", ...args);
    assert.deepEqual(broken, [], JSON.stringify(verdicts, null, 2));
    const kept = verdicts.filter(({ result }) => result === "kept").length;
    assert.ok(kept >= 6, JSON.stringify(verdicts, null, 2));
  }
});
