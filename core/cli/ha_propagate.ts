/**
 * `ha_propagate`: copies the configuration of this node to the other nodes with scp. It copies
 * only what this node's own daemon would accept, and starts nothing over there.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Call, type Command, defineCommand } from "./command.ts";
import { readConfiguration, showDiagnostics } from "./configuration.ts";
import type { Host } from "./host.ts";

/** Files that must be the same on all nodes; the last is optional. */
const FILES = ["ha.cf", "haresources", "authkeys", "heartbeat.toml"];

export const haPropagateCommand: Command = defineCommand({
  name: "ha_propagate",
  summary: "Copy ha.cf, haresources, authkeys and heartbeat.toml to the other nodes with scp",
  operands: "",
  maxOperands: 0,
  options: [{ name: "dry-run", short: "n", doc: "Print the commands, run none." }],
  exits: [
    [0, "copied to every other node"],
    [1, "not copied to at least one; the reason is on stderr"],
    [2, "the command line cannot be understood"],
  ],
  usageExit: 2,
}, propagate);

async function propagate(host: Host, call: Call): Promise<number> {
  const checked = await readConfiguration(host.paths);
  if (checked.config === null) {
    await showDiagnostics(host, checked);
    host.err("ha_propagate: nothing was copied, since this configuration has errors\n");
    return 1;
  }
  const { self, nodes } = checked.config.cluster;
  const { configDir } = host.paths;
  const files = FILES.map((name) => join(configDir, name)).filter((path) => existsSync(path));
  let worst = 0;
  for (const node of nodes.filter((name) => name !== self)) {
    // -p keeps the modes: authkeys must not become readable on its way.
    const args = ["-p", ...files, `root@${node}:${configDir}/`];
    if (call.count("dry-run") > 0) {
      host.out(`scp ${args.join(" ")}\n`);
      continue;
    }
    host.out(`Propagating HA configuration files to node ${node}.\n`);
    if (!await succeeds(host, "scp", args)) worst = 1;
  }
  return worst;
}

async function succeeds(host: Host, program: string, args: string[]): Promise<boolean> {
  try {
    const { success, code } = await new Deno.Command(program, { args }).spawn().status;
    if (!success) host.err(`ha_propagate: ${program} ended with ${code}\n`);
    return success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    host.err(`ha_propagate: there is no program ${program} on this host\n`);
    return false;
  }
}
