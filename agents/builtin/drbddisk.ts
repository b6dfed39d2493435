/**
 * drbddisk: makes this host the primary side of a DRBD resource, or of all, through drbdadm. The peer may hold
 * its side for a moment longer, so becoming primary is tried again for as long as the operation may
 * take; whether data is good is DRBD's to say, and nothing is forced here.
 */
import { messageOf } from "../../core/os/thrown.ts";
import { type Agent, type AgentContext, CONTRACT_VERSION, type Status } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { needProgram, pause, succeed } from "../programs.ts";

const RETRY_MS = 1_000;
const MAX_TRIES = 10;

/** What drbdadm calls all resources of drbd.conf, and what the classic script takes unless told. */
const ALL = "all";

/** This host's side of the resources: all are primary, none is, or some are. */
type Side = "primary" | "secondary" | "mixed";

export function drbddiskAgent(host: AgentHost): Agent {
  const drbdadm = () => needProgram(host, "drbd-utils", "drbdadm");
  return {
    name: "drbddisk",
    contract: CONTRACT_VERSION,
    summary: "Primary role of a DRBD resource",
    parameters: [{
      name: "resource",
      required: false,
      doc: `As drbd.conf calls it. Default: ${ALL}, which are all of drbd.conf.`,
    }],
    validate: (args) =>
      args.length <= 1 && /^[^\s/-][^\s/]*$/.test(resourceOf(args))
        ? undefined
        : `drbddisk wants the name of one DRBD resource, not "${args.join("::")}"`,
    async start(context) {
      if (await side(context, drbdadm()) !== "primary") await become(context, drbdadm(), "primary");
    },
    async stop(context) {
      if (await side(context, drbdadm()) !== "secondary") {
        await become(context, drbdadm(), "secondary");
      }
    },
    status: async (context) => statusOf(await side(context, drbdadm())),
  };
}

function resourceOf([resource = ALL]: readonly string[]): string {
  return resource;
}

/** Some of all: to start it is not enough, to give it away too much. */
function statusOf(side: Side): Status {
  if (side === "mixed") throw new Error("some DRBD resources are Primary and some Secondary");
  return side === "primary" ? "running" : "stopped";
}

async function become(
  context: AgentContext,
  drbdadm: string,
  role: "primary" | "secondary",
): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      await succeed(context, drbdadm, role, resourceOf(context.args));
      return;
    } catch (error) {
      context.signal.throwIfAborted();
      if (tries === MAX_TRIES) throw error;
      context.log("info", `${messageOf(error)}; trying again`);
    }
    await pause(context, RETRY_MS);
  }
}

/**
 * `Primary/Secondary` up to DRBD 8, `Primary` from 9 on: this host's side comes first. A line for
 * each resource, behind what drbdadm may have to say of drbd.conf.
 */
async function side(context: AgentContext, drbdadm: string): Promise<Side> {
  const resource = resourceOf(context.args);
  const { output } = await succeed(context, drbdadm, "role", resource);
  const roles = output.split("\n").flatMap((line) =>
    /^(Primary|Secondary|Unconfigured|Unknown)(\/|$)/.exec(line.trim())?.[1] ?? []
  );
  if (roles.length === 0 || roles.includes("Unknown")) {
    throw new Error(`cannot tell from drbdadm role ${resource}: "${output.trim()}"`);
  }
  const primaries = roles.filter((role) => role === "Primary").length;
  if (primaries === 0) return "secondary";
  return primaries === roles.length ? "primary" : "mixed";
}
