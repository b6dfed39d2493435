/** Plugins in a directory of their own, and an executor that performs them in real hosts. */
import { fileURLToPath } from "node:url";
import { Reactor } from "../../core/os/reactor.ts";
import { createRegistry } from "../../agents/registry.ts";
import { createExecutor } from "../../core/runtime/executor.ts";
import { PluginClient } from "../../core/runtime/plugins/plugin_client.ts";
import { pluginHostCommand } from "../../core/runtime/plugins/plugin_command.ts";
import type { Outcome, Verb } from "../../core/types.ts";
import { MAIN_COMMAND } from "../program.ts";

const PLUGINS = fileURLToPath(new URL("plugins", import.meta.url));

export interface PluginBench extends AsyncDisposable {
  /** Holds copies of tests/runtime/plugins. */
  readonly dir: string;
  readonly log: string[];
  readonly client: PluginClient;
  write(name: string, text: string): string;
  perform(resource: string, verb: Verb, deadlineMs?: number): Promise<Outcome>;
}

export function openPluginBench(): PluginBench {
  const dir = Deno.realPathSync(Deno.makeTempDirSync());
  copyPrivately(PLUGINS, dir);
  const lines: string[] = [];
  const log = (level: string, text: string) => void lines.push(`${level}: ${text}`);
  const reactor = new Reactor((error) => log("reactor", String(error)));
  const client = new PluginClient({ reactor, command: pluginHostCommand(MAIN_COMMAND), log });
  const registry = createRegistry(
    { resourceDir: dir, initDirs: [] },
    undefined,
    (name, path) => client.agentAt(name, path),
  );
  const output = (agent: string, _pid: number, line: string) => log(agent, line);
  const executor = createExecutor({ registry, reactor, log, output });
  let id = 0;
  return {
    ...{ dir, log: lines, client },
    write(name, text) {
      Deno.writeTextFileSync(`${dir}/${name}`, text);
      Deno.chmodSync(`${dir}/${name}`, 0o644);
      return `${dir}/${name}`;
    },
    perform(text, verb, deadlineMs = 60_000) {
      const [agent = "", ...args] = text.split("::");
      const resource = { text, agent, args };
      return executor.perform({ id: ++id, resource, verb, deadlineMs });
    },
    async [Symbol.asyncDispose]() {
      await executor.close();
      await client.close();
      await reactor.stop();
      Deno.removeSync(dir, { recursive: true });
    },
  };
}

/** As an installer does it: nobody else may write. */
function copyPrivately(from: string, to: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) {
      Deno.mkdirSync(`${to}/${name}`, { mode: 0o755 });
      copyPrivately(`${from}/${name}`, `${to}/${name}`);
    } else {
      Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
      Deno.chmodSync(`${to}/${name}`, 0o644);
    }
  }
}

export function said(outcome: Outcome): string {
  return "reason" in outcome ? `${outcome.kind}: ${outcome.reason}` : outcome.kind;
}
