/**
 * IPv6addr: an IPv6 address on an interface of this host. Like IPaddr it speaks to the kernel
 * itself and remembers nothing. The address is usable at once: duplicate address detection would
 * cost a takeover 1 to 2 s, and heartbeat has already decided whose the address is. Neighbours are
 * told by unsolicited advertisements. What this host itself opens leaves from its own address, since
 * it would break with each move of this one: its preferred lifetime is 0 unless told otherwise.
 */
import { isIPv6 } from "node:net";
import { addressText, type ListedAddress } from "../../core/os/address_message.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import { sockaddrIn6 } from "../../core/os/socket.ts";
import { type Agent, type AgentContext, CONTRACT_VERSION } from "../contract.ts";
import {
  explained,
  isErrno,
  linkNamed,
  placeFor,
  setUp,
  type WantedPlace,
} from "./address_place.ts";
import { announceRepeatedly, hasAddress } from "./announcing.ts";
import { addressParts } from "./ipaddr_syntax.ts";

const SYNTAX = "address[/prefix[/interface]]";
/** A last argument, as the OCF agent IPaddr2 spells it. */
const LIFETIME = "preferred_lft=";
const INTERFACE_NAME = /^[^\s/:]{1,15}$/;

export const ipv6addr: Agent = {
  name: "IPv6addr",
  contract: CONTRACT_VERSION,
  summary: "IPv6 address on an interface, usable at once, announced to the neighbours",
  parameters: [{
    name: "address",
    required: true,
    doc: `${SYNTAX}; what is left out comes from the route that covers the address.`,
  }, {
    name: "preferred_lft",
    required: false,
    doc: `${LIFETIME}forever: connections that this host opens may leave from the address. ` +
      `Default: ${LIFETIME}0, they leave from another one.`,
  }],
  validate: (args) => {
    const wanted = parseIpv6Spec(args);
    return typeof wanted === "string" ? wanted : undefined;
  },
  start: (context) =>
    withKernel(context, (wanted, kernel) => {
      const present = listed(wanted, kernel)[0];
      if (present !== undefined) {
        setUp(kernel, kernel.link(present.interfaceIndex), wanted, context.log);
      }
      const index = present?.interfaceIndex ?? add(context, wanted, kernel);
      announce(context, wanted, kernel, index);
    }),
  stop: (context) =>
    withKernel(context, (wanted, kernel) => {
      for (const found of listed(wanted, kernel)) remove(wanted, kernel, found);
    }),
  status: (context) =>
    withKernel(
      context,
      (wanted, kernel) => listed(wanted, kernel).length > 0 ? "running" : "stopped",
    ),
  announce: (context) =>
    withKernel(context, (wanted, kernel) => {
      const present = listed(wanted, kernel)[0];
      if (present !== undefined) return announce(context, wanted, kernel, present.interfaceIndex);
      throw new Error(`cannot announce ${wanted.ip}: this host does not have it`);
    }),
};

/** What the arguments say. */
interface Ipv6Spec extends WantedPlace {
  /** Not the source of what this host opens. */
  readonly deprecated: boolean;
}

/**
 * Reads the arguments.
 * @returns a sentence that says what is wrong, for a bad one
 */
export function parseIpv6Spec(args: readonly string[]): Ipv6Spec | string {
  const last = args.at(-1) ?? "";
  if (!last.startsWith(LIFETIME)) return parsePlace(args, true);
  const lifetime = last.slice(LIFETIME.length);
  if (lifetime === "0" || lifetime === "forever") {
    return parsePlace(args.slice(0, -1), lifetime === "0");
  }
  return `"${last}" is no preferred lifetime; wanted ${LIFETIME}0 or ${LIFETIME}forever`;
}

function parsePlace(args: readonly string[], deprecated: boolean): Ipv6Spec | string {
  const [text, ...more] = args;
  if (text === undefined) return `IPv6addr needs an address, such as IPv6addr::2001:db8::5/64/eth0`;
  // An address with two colons in it was cut there, as every `::` of haresources is.
  const whole = [text, ...more].join("::");
  const [ip = "", prefix, interfaceName, ...tooMuch] = addressParts(whole);
  if (!isIPv6(ip) || ip.includes("%")) return `"${ip}" is not an IPv6 address; wanted ${SYNTAX}`;
  if (tooMuch.length > 0) {
    return `"${whole}" has a part too many, "${tooMuch.join("/")}"; wanted ${SYNTAX}`;
  }
  const address = sockaddrIn6(ip, 0).slice(8, 24);
  if (prefix === undefined) return { ip, address, deprecated };
  const prefixLength = /^\d{1,3}$/.test(prefix) ? Number(prefix) : 0;
  if (prefixLength < 1 || prefixLength > 128) {
    return `"${prefix}" in "${whole}" is not a prefix length; wanted 1 to 128: "${ip}/64"`;
  }
  if (interfaceName === undefined) return { ip, address, prefixLength, deprecated };
  if (!INTERFACE_NAME.test(interfaceName)) {
    return `"${interfaceName}" in "${whole}" is not the name of an interface; wanted ${SYNTAX}`;
  }
  return { ip, address, prefixLength, interfaceName, deprecated };
}

/** Everything is done before this returns, yet a thrown error must reject like any agent's. */
function withKernel<T>(
  { args }: AgentContext,
  work: (wanted: Ipv6Spec, kernel: Rtnetlink) => T,
): Promise<T> {
  return new Promise((resolve) => {
    const wanted = parseIpv6Spec(args);
    if (typeof wanted === "string") throw new Error(wanted);
    using kernel = new Rtnetlink();
    resolve(work(wanted, kernel));
  });
}

/** The address as the kernel has it now: on the named interface, or on any when none is named. */
function listed({ address, interfaceName }: WantedPlace, kernel: Rtnetlink): ListedAddress[] {
  const text = addressText(address);
  const found = kernel.addresses(6).filter((other) => addressText(other.address) === text);
  if (interfaceName === undefined || found.length === 0) return found;
  const index = linkNamed(kernel, interfaceName)?.index;
  return found.filter(({ interfaceIndex }) => interfaceIndex === index);
}

/** @returns the number of the interface that now has the address */
function add({ log }: AgentContext, wanted: Ipv6Spec, kernel: Rtnetlink): number {
  const { link, prefixLength } = placeFor(kernel, wanted);
  setUp(kernel, link, wanted, log);
  const { ip, address, deprecated } = wanted;
  try {
    kernel.addAddress({ interfaceIndex: link.index, address, prefixLength, deprecated });
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw explained(error, `add ${ip} to ${link.name}`);
  }
  return link.index;
}

function remove({ ip }: WantedPlace, kernel: Rtnetlink, unwanted: ListedAddress): void {
  try {
    kernel.deleteAddress(unwanted);
  } catch (error) {
    if (!isErrno(error, "EADDRNOTAVAIL")) throw explained(error, `remove ${ip}`);
  }
}

function announce(
  context: AgentContext,
  { address }: WantedPlace,
  kernel: Rtnetlink,
  interfaceIndex: number,
): void {
  const link = kernel.link(interfaceIndex);
  if (!link.speaksArp) return;
  announceRepeatedly(context, address, link, () => hasAddress(address, interfaceIndex));
}
