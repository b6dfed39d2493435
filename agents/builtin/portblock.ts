/**
 * portblock: drops what comes in for some ports, so that clients wait and try again instead of being
 * refused while a service moves. Two resources frame the service: `block` in front of it closes the
 * ports when it starts, `unblock` behind it opens them; at a stop, in reverse order, the ports are
 * closed, and opened again once the service and its address are gone. What is already done is known
 * from a marker, because by then the rule itself is gone again, as it should be.
 */
import { type Agent, type AgentContext, CONTRACT_VERSION, ProgramMissing } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { Marker } from "../marker.ts";
import { findProgram, succeed } from "../programs.ts";

const NAME = "portblock";
const SYNTAX = "portblock::tcp::80,443::block (or ::unblock)";
/** A table of our own, so that a firewall's reload does not touch it, nor we the firewall. */
const TABLE = "heartbeat_portblock";
/** iptables takes no more in one rule. */
const MAX_PORTS = 15;

interface Block {
  readonly protocol: "tcp" | "udp";
  readonly ports: readonly string[];
  readonly action: "block" | "unblock";
}

export function portblockAgent(host: AgentHost): Agent {
  const marker = ({ args }: AgentContext) => new Marker(host, NAME, args);
  const apply = async (context: AgentContext, starting: boolean): Promise<void> => {
    const block = specOf(context);
    const close = (block.action === "block") === starting;
    await setBlocked(host, context, block, close);
  };
  return {
    name: NAME,
    contract: CONTRACT_VERSION,
    summary: "Closes ports while a service moves",
    parameters: [
      { name: "protocol", required: true, doc: "tcp or udp." },
      { name: "ports", required: true, doc: "Ports with commas, ranges as 8000:8010." },
      { name: "action", required: true, doc: "block in front of the service, unblock behind it." },
    ],
    validate: (args) => {
      const block = parse(args);
      return typeof block === "string" ? block : undefined;
    },
    async start(context) {
      if (marker(context).status === "running") return;
      await apply(context, true);
      marker(context).set();
    },
    async stop(context) {
      // Without a marker nothing is known to be closed, yet an open port is what a stop promises.
      const { action } = specOf(context);
      if (marker(context).status === "stopped" && action === "unblock") return;
      await apply(context, false);
      marker(context).clear();
    },
    status: (context) => new Promise((resolve) => resolve(marker(context).status)),
  };
}

function parse(args: readonly string[]): Block | string {
  const [protocol = "", list = "", action = "", ...more] = args;
  if (protocol !== "tcp" && protocol !== "udp") {
    return `"${protocol}" is not a protocol, tcp or udp; wanted ${SYNTAX}`;
  }
  const ports = list.split(",");
  const wrong = ports.find((port) => !/^\d{1,5}(:\d{1,5})?$/.test(port) || !inRange(port));
  if (wrong !== undefined) return `"${wrong}" is not a port; wanted ${SYNTAX}`;
  if (ports.length > MAX_PORTS) return `${ports.length} ports are too many, at most ${MAX_PORTS}`;
  if (action !== "block" && action !== "unblock") {
    return `"${action}" is neither block nor unblock; wanted ${SYNTAX}`;
  }
  if (more.length > 0) return `"${more.join("::")}" is too much; wanted ${SYNTAX}`;
  return { protocol, ports, action };
}

function inRange(port: string): boolean {
  const [first = 0, last = first] = port.split(":").map(Number);
  return first >= 1 && last <= 65_535 && first <= last;
}

function specOf({ args }: AgentContext): Block {
  const block = parse(args);
  if (typeof block === "string") throw new Error(block);
  return block;
}

async function setBlocked(
  host: AgentHost,
  context: AgentContext,
  block: Block,
  close: boolean,
): Promise<void> {
  const nft = findProgram(host, "nft");
  if (nft !== undefined) return await setByNft(nft, context, block, close);
  const programs = ["iptables", "ip6tables"].flatMap((name) => findProgram(host, name) ?? []);
  if (programs.length === 0) {
    throw new ProgramMissing(
      `neither nft nor iptables is installed (package nftables); looked in ` +
        host.programDirs.join(", "),
    );
  }
  for (const program of programs) await setByIptables(program, context, block, close);
}

/** One chain for each list of ports: adding it twice and flushing it are both harmless. */
async function setByNft(
  nft: string,
  context: AgentContext,
  { protocol, ports }: Block,
  close: boolean,
): Promise<void> {
  const chain = `${protocol}_${ports.join("_").replaceAll(":", "to")}`;
  const where = `inet ${TABLE} ${chain}`;
  const set = ports.map((port) => port.replace(":", "-")).join(", ");
  const commands = [
    `add table inet ${TABLE}`,
    `add chain ${where} { type filter hook input priority -10; }`,
    `flush chain ${where}`,
    close ? `add rule ${where} ${protocol} dport { ${set} } drop` : `delete chain ${where}`,
  ];
  await succeed(context, nft, commands.join("\n"));
}

async function setByIptables(
  iptables: string,
  context: AgentContext,
  { protocol, ports }: Block,
  close: boolean,
): Promise<void> {
  const rule = ["INPUT", "-p", protocol, "-m", "multiport", "--dports", ports.join(",")]
    .concat("-j", "DROP");
  const { code } = await context.run(iptables, ["-w", "-C", ...rule]);
  if ((code === 0) !== close) await succeed(context, iptables, "-w", close ? "-I" : "-D", ...rule);
}
