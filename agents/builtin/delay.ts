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
/** Seconds without an argument, as the original's. */
const UNTOLD = { start: 20, stop: 30 } as const;

export function delayAgent(host: AgentHost): Agent {
  const marker = ({ args }: AgentContext) => new Marker(host, NAME, args);
  return {
    name: NAME,
    contract: CONTRACT_VERSION,
    summary: "A pause between two resources",
    parameters: [{
      name: "seconds",
      required: false,
      doc: `At a start, and again at a stop. Default: ${UNTOLD.start} and ${UNTOLD.stop}.`,
    }],
    validate: (args) => {
      const seconds = parse(args, "start");
      return typeof seconds === "string" ? seconds : undefined;
    },
    async start(context) {
      if (marker(context).status === "running") return;
      await wait(context, "start");
      marker(context).set();
    },
    async stop(context) {
      if (marker(context).status === "stopped") return;
      await wait(context, "stop");
      marker(context).clear();
    },
    status: (context) => new Promise((resolve) => resolve(marker(context).status)),
  };
}

async function wait(context: AgentContext, verb: keyof typeof UNTOLD): Promise<void> {
  const seconds = parse(context.args, verb);
  if (typeof seconds === "string") throw new Error(seconds);
  await pause(context, seconds * 1000);
}

function parse(args: readonly string[], verb: keyof typeof UNTOLD): number | string {
  const [text, ...more] = args;
  if (text === undefined) return UNTOLD[verb];
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (more.length === 0 && seconds <= MAX_SECONDS) return seconds;
  return `"${args.join("::")}" is not a number of seconds, 0 to ${MAX_SECONDS}; wanted Delay::5`;
}
