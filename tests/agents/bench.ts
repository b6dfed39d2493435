/**
 * Agents as the daemon calls them: through the registry and the executor, by the words of
 * haresources, with all that agents write kept in a directory that goes away.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type AgentHost, THIS_HOST } from "../../agents/host.ts";
import { createRegistry } from "../../agents/registry.ts";
import { Reactor } from "../../core/os/reactor.ts";
import { createExecutor, type Executor } from "../../core/runtime/executor.ts";
import type { Verb } from "../../core/types.ts";
import { MAIN_COMMAND } from "../program.ts";

/** Of each call, unless it names its own. */
export const DEADLINE_MS = 60_000;

export class AgentBench implements AsyncDisposable {
  readonly root = Deno.makeTempDirSync({ prefix: "hb-agents-" });
  readonly log: string[] = [];
  readonly host: AgentHost;
  readonly #reactor = new Reactor((error) => this.log.push(`reactor: ${error}`));
  readonly #executor: Executor;
  #id = 0;

  /** @param host what is to be other than on this host; `ROOT` stands for `root` */
  constructor(host: Partial<AgentHost> = {}) {
    this.host = {
      ...THIS_HOST,
      configDir: join(this.root, "ha.d"),
      markerDir: join(this.root, "markers"),
      ocfTmpDir: join(this.root, "ocf-tmp"),
      fstab: join(this.root, "fstab"),
      thisProgram: MAIN_COMMAND,
      ...host,
    };
    this.#executor = createExecutor({
      registry: createRegistry({ resourceDir: join(this.root, "ha.d/resource.d"), initDirs: [] }, {
        ...this.host,
        programDirs: this.host.programDirs.map((dir) => dir.replace(/^ROOT/, this.root)),
        unitDirs: this.host.unitDirs.map((dir) => dir.replace(/^ROOT/, this.root)),
        ocfRoot: this.host.ocfRoot.replace(/^ROOT/, this.root),
        systemdRunDir: this.host.systemdRunDir.replace(/^ROOT/, this.root),
      }),
      reactor: this.#reactor,
      log: (level, text) => void this.log.push(`${level}: ${text}`),
      output: (agent, _pid, line) => void this.log.push(`${agent}: ${line}`),
    });
  }

  /** Writes a shell script below the root. */
  script(path: string, text: string): void {
    const full = join(this.root, path);
    Deno.mkdirSync(join(full, ".."), { recursive: true });
    Deno.writeTextFileSync(full, `#!/bin/sh\n${text}\n`);
    Deno.chmodSync(full, 0o755);
  }

  read(path: string): string {
    try {
      return Deno.readTextFileSync(join(this.root, path));
    } catch {
      return "";
    }
  }

  /** `ok`, `running`, `stopped`, or `failed: reason` and the like. */
  async call(text: string, verb: Verb, deadlineMs = DEADLINE_MS): Promise<string> {
    const [agent = "", ...args] = text.split("::");
    const resource = { text, agent, args };
    const outcome = await this.#executor.perform(
      { id: ++this.#id, resource, verb, deadlineMs },
    );
    return "reason" in outcome ? `${outcome.kind}: ${outcome.reason}` : outcome.kind;
  }

  /** Calls verbs one after another and compares the outcomes: `start ok`, `status running`. */
  async expect(resource: string, ...wanted: readonly string[]): Promise<void> {
    for (const step of wanted) {
      const [verb, outcome] = step.split(" ") as [Verb, string];
      assert.equal(await this.call(resource, verb), outcome, `${resource} ${verb}: ${this.tail()}`);
    }
  }

  /** What every agent has to keep: start and stop twice, and status tells the truth in between. */
  async lives(
    resource: string,
    whileRunning: () => void | Promise<void> = () => {},
  ): Promise<void> {
    await this.expect(resource, "status stopped", "stop ok", "start ok", "status running");
    await whileRunning();
    await this.expect(resource, "start ok", "status running");
    await whileRunning();
    await this.expect(resource, "stop ok", "status stopped", "stop ok", "status stopped");
  }

  tail(): string {
    return this.log.slice(-12).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#executor.close();
    await this.#reactor.stop();
    Deno.removeSync(this.root, { recursive: true });
  }
}
