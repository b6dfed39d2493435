/**
 * IPsrcaddr: connections that this host opens come from a given address of its own, usually the one
 * that IPaddr put up before it. It is the preferred source of routes: the default route and the
 * subnet's own route on the interface that has the address. Nothing is remembered: a stop gives the
 * subnet's route back the primary address of its subnet, as the kernel made it, and leaves the
 * source of a default route to the kernel, which chooses the same one. Another source that somebody
 * had set by hand is therefore not brought back.
 */
import { addressText, type ListedAddress } from "../../core/os/address_message.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import type { ListedRoute } from "../../core/os/route_message.ts";
import { type Agent, type AgentContext, CONTRACT_VERSION, type Status } from "../contract.ts";
import { explained } from "./address_place.ts";
import { parseIpv4 } from "./ipaddr_syntax.ts";

const EXAMPLE = "IPsrcaddr::192.168.2.3";

export const ipsrcaddr: Agent = {
  name: "IPsrcaddr",
  contract: CONTRACT_VERSION,
  summary: "Source address of the connections that this host opens",
  parameters: [{
    name: "address",
    required: true,
    doc: "IPv4 address that this host has when the resource starts: put IPaddr before it.",
  }],
  validate: (args) => {
    const address = parse(args);
    return typeof address === "string" ? address : undefined;
  },
  start: (context) => withKernel(context, start),
  stop: (context) => withKernel(context, stop),
  status: (context) => withKernel(context, status),
};

function parse(args: readonly string[]): Uint8Array | string {
  const [text = "", ...more] = args;
  // A prefix is allowed as in IPaddr, and says nothing here.
  const address = parseIpv4(text.split("/")[0] ?? "");
  if (address === undefined) return `"${text}" is not an IPv4 address; wanted ${EXAMPLE}`;
  return more.length === 0 ? address : `"${more.join("::")}" is too much; wanted ${EXAMPLE}`;
}

function withKernel<T>(
  { args }: AgentContext,
  work: (address: Uint8Array, kernel: Rtnetlink) => T,
): Promise<T> {
  return new Promise((resolve) => {
    const address = parse(args);
    if (typeof address === "string") throw new Error(address);
    using kernel = new Rtnetlink();
    resolve(work(address, kernel));
  });
}

function start(address: Uint8Array, kernel: Rtnetlink): void {
  const ip = addressText(address);
  const owner = kernel.addresses(4).find((listed) => addressText(listed.address) === ip);
  if (owner === undefined) {
    throw new Error(
      `cannot make ${ip} the source address: this host does not have it ` +
        `(fix: put IPaddr::${ip} before IPsrcaddr::${ip})`,
    );
  }
  const routes = kernel.routes().filter((route) =>
    route.interfaceIndex === owner.interfaceIndex && (isDefault(route) || covers(route, address))
  );
  if (routes.length === 0) {
    const { name } = kernel.link(owner.interfaceIndex);
    throw new Error(
      `cannot make ${ip} the source address: neither a default route nor one to its subnet ` +
        `leaves through ${name}`,
    );
  }
  for (const route of routes) if (!prefers(route, ip)) change(kernel, route, address);
}

function stop(address: Uint8Array, kernel: Rtnetlink): void {
  const ip = addressText(address);
  const addresses = kernel.addresses(4);
  for (const route of kernel.routes()) {
    if (prefers(route, ip)) change(kernel, route, formerSource(route, addresses));
  }
}

/** The address is the source where it matters: on the default route, or on its subnet's. */
function status(address: Uint8Array, kernel: Rtnetlink): Status {
  const ip = addressText(address);
  const preferring = kernel.routes().filter((route) => prefers(route, ip));
  if (preferring.some(isDefault)) return "running";
  const primary = kernel.addresses(4).some((listed) =>
    !listed.secondary && addressText(listed.address) === ip
  );
  // The kernel itself prefers a primary address on its subnet; that is nobody's doing.
  return preferring.length > 0 && !primary ? "running" : "stopped";
}

function change(kernel: Rtnetlink, route: ListedRoute, source: Uint8Array | undefined): void {
  try {
    kernel.setPreferredSource(route, source);
  } catch (error) {
    const what = isDefault(route)
      ? "the default route"
      : `the route to ${addressText(route.destination)}/${route.prefixLength}`;
    throw explained(error, `set the source address of ${what}`);
  }
}

/** What the kernel preferred when it made the route. */
function formerSource(
  route: ListedRoute,
  addresses: readonly ListedAddress[],
): Uint8Array | undefined {
  if (isDefault(route)) return undefined;
  return addresses.find((listed) =>
    !listed.secondary && listed.interfaceIndex === route.interfaceIndex &&
    listed.prefixLength === route.prefixLength && covers(route, listed.address)
  )?.address;
}

function isDefault({ prefixLength }: ListedRoute): boolean {
  return prefixLength === 0;
}

function prefers({ preferredSource }: ListedRoute, ip: string): boolean {
  return preferredSource !== undefined && addressText(preferredSource) === ip;
}

function covers({ destination, prefixLength }: ListedRoute, address: Uint8Array): boolean {
  const bits = (bytes: Uint8Array) =>
    Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("").slice(0, prefixLength);
  return bits(destination) === bits(address);
}
