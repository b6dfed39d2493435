/**
 * The memory of agents whose deed leaves no trace in the system, or none with their name on it: a
 * mail that was sent, a time that was waited, what a mount made. One file for each resource, in a
 * directory that a boot empties, so that it means: done here since the boot, and not undone. It is no
 * lock and proves nothing about the world.
 */
import type { AgentHost } from "./host.ts";
import { instanceName } from "./instance_name.ts";
import type { Status } from "./contract.ts";

export class Marker {
  readonly #dir: string;
  readonly #path: string;
  readonly #text: string;

  constructor(host: AgentHost, agent: string, args: readonly string[]) {
    this.#dir = host.markerDir;
    this.#path = `${host.markerDir}/${instanceName(agent, args)}`;
    this.#text = [agent, ...args].join("::");
  }

  get status(): Status {
    return this.text === undefined ? "stopped" : "running";
  }

  /** What was set; undefined when nothing is. @throws Deno.errors when it cannot be read */
  get text(): string | undefined {
    try {
      return Deno.readTextFileSync(this.#path).trimEnd();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** @throws Deno.errors when the directory cannot be written */
  set(text = this.#text): void {
    Deno.mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(this.#path, `${text}\n`, { mode: 0o600 });
  }

  clear(): void {
    try {
      Deno.removeSync(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
