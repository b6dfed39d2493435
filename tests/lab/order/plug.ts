/** A plugin whose resource is a file; it writes down what is done to it, as `witness.sh` does. */
import { type Agent, type AgentContext, CONTRACT_VERSION, pause, succeed } from "heartbeat";
import { existsSync, rmSync, writeFileSync } from "node:fs";

const RUNNING = "/run/witness.plug";

async function witnessed(context: AgentContext, verb: string, work: () => void): Promise<void> {
  const words = [verb, `plug::${context.args.join("::")}`];
  await succeed(context, "/etc/ha.d/note", "begins", ...words);
  await pause(context, 50);
  work();
  await succeed(context, "/etc/ha.d/note", "ends", ...words);
}

export default {
  name: "plug",
  contract: CONTRACT_VERSION,
  summary: "a witness of the order in its group",
  parameters: [{ name: "name", required: true, doc: "Names the resource in the record." }],
  start: (context) => witnessed(context, "start", () => writeFileSync(RUNNING, "")),
  stop: (context) => witnessed(context, "stop", () => rmSync(RUNNING, { force: true })),
  status: () => Promise.resolve(existsSync(RUNNING) ? "running" : "stopped"),
} satisfies Agent;
