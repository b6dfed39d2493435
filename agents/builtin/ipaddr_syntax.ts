/**
 * The argument of IPaddr and IPaddr2: `ip[/mask[/interface[:label]][/broadcast]]`
 * (cluster-semantics §11). Pure text work; nothing here looks at the host.
 */

/** What the argument says; what it leaves out is found on the host when the address is started. */
export interface AddressSpec {
  readonly ip: string;
  /** 4 bytes. */
  readonly address: Uint8Array;
  /** 1 … 32; absent: that of the route which covers the address. */
  readonly prefixLength?: number;
  /** Absent: the interface of that route. */
  readonly interfaceName?: string;
  /** Whole label, `eth0:web`. */
  readonly label?: string;
  /** 4 bytes; absent: the highest address of the subnet. */
  readonly broadcast?: Uint8Array;
  /** Where no interface has the subnet: that of the default route. */
  readonly takesDefaultRoute?: boolean;
}

/** The two names of the agent. */
export type AgentName = "IPaddr" | "IPaddr2";

/** The kernel's limit for the name of an interface and for a label. */
export const MAX_LABEL_CHARACTERS = 15;

const INTERFACE_NAME = /^[^\s/:]+$/;
const SYNTAX = "ip[/prefix[/interface[:label]][/broadcast]]";
const EXAMPLE = "192.168.2.3 or 192.168.2.3/24/eth0";

/** As with the original, a doubled slash is one slash, and one at the end says nothing. */
export function addressParts(text: string): string[] {
  return text.split("/").filter((part, at) => at === 0 || part !== "");
}

/** Four decimal numbers, 0 … 255, without leading zeros; undefined for anything else. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  const numbers = parts.map((part) => /^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256);
  if (numbers.length !== 4 || numbers.some((number) => number > 255)) return undefined;
  return Uint8Array.from(numbers);
}

/** `24` or `255.255.255.0`; undefined unless it is 1 … 32 leading one bits. */
export function parseMask(text: string): number | undefined {
  if (/^\d{1,2}$/.test(text)) {
    const length = Number(text);
    return length >= 1 && length <= 32 ? length : undefined;
  }
  const bytes = parseIpv4(text);
  if (bytes === undefined) return undefined;
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1+0*$/.test(bits) ? bits.lastIndexOf("1") + 1 : undefined;
}

/** Highest address of the subnet; undefined for /31 and /32, which have no broadcast. */
export function broadcastOf(address: Uint8Array, prefixLength: number): Uint8Array | undefined {
  if (prefixLength > 30) return undefined;
  return address.map((byte, i) => {
    const hostBits = Math.min(Math.max((i + 1) * 8 - prefixLength, 0), 8);
    return byte | (0xff >> (8 - hostBits));
  });
}

/**
 * Reads the arguments of the agent under one of its names. Of the original's two, IPaddr puts an
 * address with a mask on the interface of the default route when no interface has its subnet.
 * @returns the parts, or a sentence that says what is wrong and how to write it right
 */
export function specOf(name: AgentName, args: readonly string[]): AddressSpec | string {
  const [text, ...more] = args;
  if (text === undefined) return `${name} needs an address, such as ${name}::192.168.2.3/24/eth0`;
  if (more.length > 0) {
    return `${name} takes one argument, but there is also "${more.join("::")}"`;
  }
  const spec = parseAddressSpec(text);
  return typeof spec === "string" || name === "IPaddr2"
    ? spec
    : { ...spec, takesDefaultRoute: true };
}

/**
 * Reads one argument.
 * @returns the parts, or a sentence that says what is wrong and how to write it right
 */
export function parseAddressSpec(text: string): AddressSpec | string {
  const [ip = "", mask, ...rest] = addressParts(text);
  const address = parseIpv4(ip);
  if (address === undefined) {
    return `"${ip}" is not an IPv4 address; wanted four numbers, 0 to 255, such as ${EXAMPLE}`;
  }
  const misuse = misuseOf(address);
  if (misuse !== undefined) return `"${ip}" is ${misuse}; wanted one such as ${EXAMPLE}`;
  if (mask === undefined) return { ip, address };
  const prefixLength = parseMask(mask);
  if (prefixLength === undefined) return badMask(ip, mask);
  // The third part is a broadcast address if it starts with a digit, else an interface.
  const named = rest[0] === undefined || /^\d/.test(rest[0]) ? undefined : rest.shift();
  const [broadcastText, ...tooMuch] = rest;
  if (tooMuch.length > 0) {
    return `"${tooMuch.join("/")}" is a part too many; wanted ${SYNTAX}`;
  }
  const broadcast = broadcastText === undefined ? undefined : parseIpv4(broadcastText);
  if (broadcastText !== undefined && broadcast === undefined) {
    return `"${broadcastText}" is not a broadcast address; wanted ${SYNTAX}`;
  }
  const place = parsePlace(named);
  if (typeof place === "string") return place;
  return { ip, address, prefixLength, ...place, ...(broadcast === undefined ? {} : { broadcast }) };
}

/** What a host's address cannot be; other hosts cannot reach it, or the kernel takes it for many. */
function misuseOf([first = 0, ...rest]: Uint8Array): string | undefined {
  if (first === 0) return "no address of a host";
  if (first === 127) return "a loopback address, which no other host can reach";
  if (first >= 224 && first <= 239) return "a multicast address";
  if (first === 255 && rest.every((byte) => byte === 255)) return "the broadcast address";
  return undefined;
}

function badMask(ip: string, mask: string): string {
  if (/^[a-z]/i.test(mask)) {
    return `the prefix length in front of "${mask}" is missing; write "${ip}/24/${mask}"`;
  }
  return `"${mask}" is no mask; wanted 1 to 32 or a mask such as 255.255.255.0: "${ip}/24"`;
}

function parsePlace(
  named: string | undefined,
): Pick<AddressSpec, "interfaceName" | "label"> | string {
  if (named === undefined) return {};
  const colon = named.indexOf(":");
  const interfaceName = colon === -1 ? named : named.slice(0, colon);
  if (!INTERFACE_NAME.test(interfaceName)) {
    return `the name of the interface is missing; wanted ${SYNTAX}`;
  }
  if (named.length > MAX_LABEL_CHARACTERS) {
    const what = colon === -1 ? "interface" : "label";
    return `the ${what} "${named}" has ${named.length} characters; ` +
      `the kernel takes ${MAX_LABEL_CHARACTERS}`;
  }
  if (colon === -1) return { interfaceName };
  if (colon === named.length - 1 || /\s/.test(named)) {
    return `the label behind "${interfaceName}:" is missing; wanted ${SYNTAX}`;
  }
  return { interfaceName, label: named };
}
