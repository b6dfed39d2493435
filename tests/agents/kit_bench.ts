/**
 * The conformance kit under a root of its own: agents are copied there, to where nobody else may
 * change them, and tested in plugin hosts by the daemon's own parts. What is left over is killed.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { markedProcesses } from "../../agents/conformance/processes.ts";
import { type AgentReport, testOnWorkbench } from "../../core/runtime/agent_trial.ts";
import { AgentWorkbench, type WorkbenchCall } from "../../core/runtime/agent_workbench.ts";
import { pathsUnder } from "../../core/runtime/paths.ts";
import { pluginHostCommand } from "../../core/runtime/plugins/plugin_command.ts";

const MAIN = join(import.meta.dirname ?? ".", "../../main.ts");
const SELF = [Deno.execPath(), "run", "-A", "--cached-only", MAIN] as const;
const DEADLINE_MS = 60_000;

export class KitBench implements AsyncDisposable {
  readonly root = Deno.makeTempDirSync({ prefix: "hb-kit-" });
  readonly dir = join(this.root, "etc/ha.d/resource.d");
  readonly log: string[] = [];
  readonly #bench: AgentWorkbench;

  /** @param agents directory of the agents */
  constructor(agents: string) {
    Deno.mkdirSync(this.dir, { recursive: true });
    for (const { name } of Deno.readDirSync(agents)) {
      Deno.copyFileSync(join(agents, name), join(this.dir, name));
      Deno.chmodSync(join(this.dir, name), name.includes(".ts") ? 0o644 : 0o755);
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

  /** One call: `ok`, `running`, `stopped`, or `failed: reason` and the like. */
  async call(word: string, verb: WorkbenchCall["verb"], ...args: string[]): Promise<string> {
    const found = this.#bench.find(word);
    assert.equal(found.kind, "found", JSON.stringify(found));
    const call = { agent: found.agent, args, verb, deadlineMs: DEADLINE_MS };
    const { outcome } = await this.#bench.perform(call);
    return "reason" in outcome ? `${outcome.kind}: ${outcome.reason}` : outcome.kind;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of markedProcesses(this.#bench.mark, this.#bench.hostPids())) {
      Deno.kill(pid, "SIGKILL");
    }
    await this.#bench[Symbol.asyncDispose]();
    Deno.removeSync(this.root, { recursive: true });
  }
}
