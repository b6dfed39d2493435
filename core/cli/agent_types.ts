/** `heartbeat agent types`: the contract as one file for the editor of who writes a plugin. */
import { pluginTypes } from "../runtime/plugins/plugin_types.ts";
import { type Command, defineCommand } from "./command.ts";

export const agentTypesCommand: Command = defineCommand({
  name: "agent types",
  summary: "Print heartbeat.d.ts, against which editors check a plugin",
  operands: "",
  maxOperands: 0,
  readsNoFiles: true,
  options: [],
  exits: [[0, "printed"], [2, "the command line cannot be understood"]],
  usageExit: 2,
}, (host) => {
  host.out(pluginTypes());
  return 0;
});
