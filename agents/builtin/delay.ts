/**
 * Delay: waits, between its neighbours in the group, n seconds at a start and n at a stop. The time
 * counts against the deadline of the operation. What is already done is not waited for again.
 */
import { type Agent, type AgentContext, CONTRACT_VERSION } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { Marker } from "../marker.ts";
import { pause } from "../programs.ts";

const NAME = "Delay";
const MAX_SECONDS = 86_400;

export function delayAgent(host: AgentHost): Agent {
  const marker = ({ args }: AgentContext) => new Marker(host, NAME, args);
  return {
    name: NAME,
    contract: CONTRACT_VERSION,
    summary: "A pause between two resources",
    parameters: [{ name: "seconds", required: true, doc: "At a start, and again at a stop." }],
    validate: (args) => {
      const seconds = parse(args);
      return typeof seconds === "string" ? seconds : undefined;
    },
    async start(context) {
      if (marker(context).status === "running") return;
      await wait(context);
      marker(context).set();
    },
    async stop(context) {
      if (marker(context).status === "stopped") return;
      await wait(context);
      marker(context).clear();
    },
    status: (context) => new Promise((resolve) => resolve(marker(context).status)),
  };
}

async function wait(context: AgentContext): Promise<void> {
  const seconds = parse(context.args);
  if (typeof seconds === "string") throw new Error(seconds);
  await pause(context, seconds * 1000);
}

function parse(args: readonly string[]): number | string {
  const [text = "", ...more] = args;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (more.length === 0 && seconds <= MAX_SECONDS) return seconds;
  return `"${args.join("::")}" is not a number of seconds, 0 to ${MAX_SECONDS}; wanted Delay::5`;
}
