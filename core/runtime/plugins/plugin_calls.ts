/** A plugin as an agent like any other, whose functions are calls of a plugin host. */
import {
  type Agent,
  type AgentContext,
  CONTRACT_VERSION,
  type Status,
} from "../../../agents/contract.ts";
import type { PluginAnswer } from "./plugin_process.ts";
import type { PluginVerb } from "./plugin_protocol.ts";

export function pluginAgent(
  name: string,
  path: string,
  call: (verb: PluginVerb, context: AgentContext) => Promise<PluginAnswer>,
): Agent {
  const done = (verb: PluginVerb) => async (context: AgentContext) => {
    await call(verb, context);
  };
  const asked = (verb: PluginVerb) => async (context: AgentContext): Promise<Status> => {
    const { status } = await call(verb, context);
    if (status !== undefined) return status;
    throw new Error(`plugin ${path} did not answer ${verb}`);
  };
  return {
    name,
    contract: CONTRACT_VERSION,
    summary: "TypeScript plugin of this site",
    parameters: [],
    start: done("start"),
    stop: done("stop"),
    status: asked("status"),
    monitor: asked("monitor"),
    announce: done("announce"),
  };
}
