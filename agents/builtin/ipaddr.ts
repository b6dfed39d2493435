/**
 * IPaddr and IPaddr2: an IPv4 address on an interface of this host (cluster-semantics §11). It
 * speaks to the kernel itself and starts no program, so that a takeover costs well under a
 * millisecond. The kernel is the only memory: whether the address is here, and whether it is still
 * worth announcing, is asked each time.
 */
import {
  addressText,
  type InterfaceAddress,
  type ListedAddress,
} from "../../core/os/address_message.ts";
import type { NetworkLink } from "../../core/os/link_message.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import { messageOf } from "../../core/os/thrown.ts";
import { type Agent, type AgentContext, CONTRACT_VERSION, type Status } from "../contract.ts";
import { explained, isErrno, linkNamed, placeFor, setUp } from "./address_place.ts";
import { announceRepeatedly, hasAddress } from "./announcing.ts";
import {
  type AddressSpec,
  type AgentName,
  broadcastOf,
  MAX_LABEL_CHARACTERS,
  specOf,
} from "./ipaddr_syntax.ts";

/**
 * The agent under one of its two names. They differ in one thing: without a label of its own,
 * IPaddr labels the address `eth0:0` (first free number), IPaddr2 leaves it unlabelled.
 */
export function ipaddrAgent(name: AgentName): Agent {
  return {
    name,
    contract: CONTRACT_VERSION,
    summary: "IPv4 address on an interface, announced to the neighbours by gratuitous ARP",
    parameters: [{
      name: "address",
      required: true,
      doc: "ip[/prefix[/interface[:label]][/broadcast]]; what is left out comes from the route " +
        "that covers the address.",
    }],
    validate: (args) => {
      const spec = specOf(name, args);
      return typeof spec === "string" ? spec : undefined;
    },
    start: (context) => withHost(name, context, start),
    stop: (context) => withHost(name, context, stop),
    status: (context) => withHost(name, context, status),
    announce: (context) => withHost(name, context, announce),
  };
}

/** One call of the agent: what it is about, and the kernel to ask. */
interface Call {
  readonly agent: AgentName;
  readonly spec: AddressSpec;
  readonly kernel: Rtnetlink;
  readonly context: AgentContext;
}

/** Everything is done before this returns, yet a thrown error must reject like any agent's. */
function withHost<T>(name: AgentName, context: AgentContext, work: (call: Call) => T): Promise<T> {
  return new Promise((resolve) => {
    const spec = specOf(name, context.args);
    if (typeof spec === "string") throw new Error(spec);
    using kernel = new Rtnetlink();
    resolve(work({ agent: name, spec, kernel, context }));
  });
}

function start(call: Call): void {
  const { spec, kernel, context } = call;
  const present = listed(call)[0];
  if (present !== undefined) {
    setUp(kernel, kernel.link(present.interfaceIndex), spec, context.log);
  }
  const link = kernel.link(present?.interfaceIndex ?? add(call));
  if (present !== undefined) context.log("info", `${spec.ip} is already on ${link.name}`);
  announceHere(call, link);
}

/** @returns the number of the interface that now has the address */
function add(call: Call): number {
  const { spec, kernel, context } = call;
  const { link, prefixLength } = placeFor(kernel, spec);
  setUp(kernel, link, spec, context.log);
  const broadcast = spec.broadcast ?? broadcastOf(spec.address, prefixLength);
  const label = spec.label ?? (call.agent === "IPaddr" ? freeLabel(kernel, link) : undefined);
  try {
    kernel.addAddress({
      interfaceIndex: link.index,
      address: spec.address,
      prefixLength,
      ...(broadcast === undefined ? {} : { broadcast }),
      ...(label === undefined ? {} : { label }),
    });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw explained(error, `add ${spec.ip} to ${link.name}`);
  }
  return link.index;
}

function stop(call: Call): void {
  for (const found of listed(call)) remove(call, found);
}

function status(call: Call): Status {
  return listed(call).length > 0 ? "running" : "stopped";
}

function announce(call: Call): void {
  const found = listed(call)[0];
  if (found === undefined) {
    throw new Error(`cannot announce ${call.spec.ip}: this host does not have it`);
  }
  announceHere(call, call.kernel.link(found.interfaceIndex));
}

/** The address as the kernel has it now: on the named interface, or on any when none is named. */
function listed({ spec, kernel }: Call): ListedAddress[] {
  const found = kernel.addresses(4).filter(({ address }) => addressText(address) === spec.ip);
  if (spec.interfaceName === undefined || found.length === 0) return found;
  const index = linkNamed(kernel, spec.interfaceName)?.index;
  return found.filter(({ interfaceIndex }) => interfaceIndex === index);
}

/** `eth0:0` or the next number that no address of the interface uses; none if it is too long. */
function freeLabel(kernel: Rtnetlink, link: NetworkLink): string | undefined {
  const used = new Set(kernel.addresses(4).map(({ label }) => label));
  let number = 0;
  while (used.has(`${link.name}:${number}`)) number++;
  const label = `${link.name}:${number}`;
  return label.length <= MAX_LABEL_CHARACTERS ? label : undefined;
}

/**
 * Removes one address and nothing else: with a primary address the kernel would also drop the other
 * addresses of its subnet and every route that leads through them. Where it cannot be told not to,
 * at least the addresses are put back at once.
 */
function remove({ kernel, context, spec }: Call, unwanted: ListedAddress): void {
  const siblings = unwanted.secondary
    ? []
    : kernel.addresses(4).filter((other) =>
      other.secondary && other.interfaceIndex === unwanted.interfaceIndex
    );
  const removal = () => {
    try {
      kernel.deleteAddress(unwanted);
    } catch (error) {
      if (!isErrno(error, "EADDRNOTAVAIL")) throw explained(error, `remove ${spec.ip}`);
    }
  };
  if (siblings.length === 0) return removal();
  promoting(context, kernel.link(unwanted.interfaceIndex), removal);
  for (const sibling of siblings) restore(kernel, context, sibling);
}

/** Does it while the next address of a subnet takes the place of a primary one that is removed. */
function promoting(context: AgentContext, { name }: NetworkLink, removal: () => void): void {
  const setting = `/proc/sys/net/ipv4/conf/${name}/promote_secondaries`;
  let before: string;
  try {
    before = Deno.readTextFileSync(setting);
    Deno.writeTextFileSync(setting, "1");
  } catch (error) {
    context.log("warn", `routes through ${name} may be lost: ${messageOf(error)}`);
    return removal();
  }
  try {
    removal();
  } finally {
    Deno.writeTextFileSync(setting, before);
  }
}

function restore(kernel: Rtnetlink, context: AgentContext, sibling: InterfaceAddress): void {
  try {
    kernel.addAddress(sibling);
    context.log("info", `put ${addressText(sibling.address)} back, which the kernel had dropped`);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) {
      throw explained(error, `put ${addressText(sibling.address)} back`);
    }
  }
}

/** Not where nobody listens: on loopback, or where ARP is switched off. */
function announceHere({ spec, context }: Call, link: NetworkLink): void {
  if (!link.speaksArp) return;
  announceRepeatedly(context, spec.address, link, () => hasAddress(spec.address, link.index));
}
