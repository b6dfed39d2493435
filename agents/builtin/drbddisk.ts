/**
 * drbddisk: makes this host the primary side of a DRBD resource, through drbdadm. The peer may hold
 * its side for a moment longer, so becoming primary is tried again for as long as the operation may
 * take; whether data is good is DRBD's to say, and nothing is forced here.
 */
import { messageOf } from "../../core/os/thrown.ts";
import { type Agent, type AgentContext, CONTRACT_VERSION, type Status } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { needProgram, pause, succeed } from "../programs.ts";

const RETRY_MS = 1_000;
const MAX_TRIES = 10;

export function drbddiskAgent(host: AgentHost): Agent {
  const drbdadm = () => needProgram(host, "drbd-utils", "drbdadm");
  const status = (context: AgentContext) => role(context, drbdadm());
  return {
    name: "drbddisk",
    contract: CONTRACT_VERSION,
    summary: "Primary role of a DRBD resource",
    parameters: [{ name: "resource", required: true, doc: "As drbd.conf calls it." }],
    validate: (args) =>
      args.length === 1 && /^[^\s/-][^\s/]*$/.test(args[0] ?? "")
        ? undefined
        : `drbddisk wants the name of one DRBD resource, not "${args.join("::")}"`,
    async start(context) {
      if (await status(context) === "stopped") await become(context, drbdadm(), "primary");
    },
    async stop(context) {
      if (await status(context) === "running") await become(context, drbdadm(), "secondary");
    },
    status,
  };
}

async function become(
  context: AgentContext,
  drbdadm: string,
  role: "primary" | "secondary",
): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      await succeed(context, drbdadm, role, ...context.args);
      return;
    } catch (error) {
      context.signal.throwIfAborted();
      if (tries === MAX_TRIES) throw error;
      context.log("info", `${messageOf(error)}; trying again`);
    }
    await pause(context, RETRY_MS);
  }
}

/** `Primary/Secondary` up to DRBD 8, `Primary` from 9 on: this host's side comes first. */
async function role(context: AgentContext, drbdadm: string): Promise<Status> {
  const { output } = await succeed(context, drbdadm, "role", ...context.args);
  const own = output.trim().split("\n").at(-1)?.split("/")[0]?.trim();
  if (own === "Primary") return "running";
  if (own === "Secondary" || own === "Unconfigured") return "stopped";
  throw new Error(`cannot tell from drbdadm role ${context.args.join(" ")}: "${output.trim()}"`);
}
