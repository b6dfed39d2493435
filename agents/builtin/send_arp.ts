/**
 * SendArp: tells the neighbours that an IPv4 address is at this host's interface, without putting
 * it there (for addresses that something else configures). Announcing cannot be undone, so a stop
 * only forgets that it was done.
 */
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import { type Agent, type AgentContext, CONTRACT_VERSION } from "../contract.ts";
import type { AgentHost } from "../host.ts";
import { Marker } from "../marker.ts";
import { linkNamed } from "./address_place.ts";
import { announceRepeatedly } from "./announcing.ts";
import { addressParts, parseIpv4 } from "./ipaddr_syntax.ts";

const NAME = "SendArp";
const SYNTAX = "SendArp::192.168.2.3/eth0";

interface Announcement {
  readonly ip: string;
  readonly address: Uint8Array;
  readonly interfaceName: string;
}

export function sendArpAgent(host: AgentHost): Agent {
  const marker = ({ args }: AgentContext) => new Marker(host, NAME, args);
  return {
    name: NAME,
    contract: CONTRACT_VERSION,
    summary: "Gratuitous ARP for an address that something else configures",
    parameters: [
      { name: "address", required: true, doc: "ip/interface, or the ip alone." },
      { name: "interface", required: false, doc: "When the first argument does not name it." },
    ],
    validate: (args) => {
      const wanted = parse(args);
      return typeof wanted === "string" ? wanted : undefined;
    },
    start: (context) =>
      new Promise((resolve) => {
        if (marker(context).status === "stopped") {
          announce(context, () => marker(context).status === "running");
        }
        resolve(marker(context).set());
      }),
    stop: (context) => new Promise((resolve) => resolve(marker(context).clear())),
    status: (context) => new Promise((resolve) => resolve(marker(context).status)),
    announce: (context) =>
      new Promise((resolve) =>
        resolve(announce(context, () => marker(context).status === "running"))
      ),
  };
}

function parse(args: readonly string[]): Announcement | string {
  const [ip = "", interfaceName = "", ...more] = args.flatMap(addressParts);
  const address = parseIpv4(ip);
  if (address === undefined) return `"${ip}" is not an IPv4 address; wanted ${SYNTAX}`;
  if (interfaceName === "") return `SendArp::${ip} does not name an interface; wanted ${SYNTAX}`;
  if (more.length > 0) return `"${more.join("/")}" is a part too many; wanted ${SYNTAX}`;
  return { ip, address, interfaceName };
}

function announce(context: AgentContext, stillTrue: () => boolean): void {
  const wanted = parse(context.args);
  if (typeof wanted === "string") throw new Error(wanted);
  const { ip, address, interfaceName } = wanted;
  using kernel = new Rtnetlink();
  const link = linkNamed(kernel, interfaceName);
  if (link === undefined) {
    throw new Error(`cannot announce ${ip}: interface "${interfaceName}" does not exist`);
  }
  if (!link.speaksArp) throw new Error(`cannot announce ${ip}: ${interfaceName} speaks no ARP`);
  announceRepeatedly(context, address, link, stillTrue);
}
