/** The spellings of an IPaddr argument, good and bad. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ipaddrAgent } from "../../../agents/builtin/ipaddr.ts";
import {
  broadcastOf,
  parseAddressSpec,
  parseIpv4,
  parseMask,
} from "../../../agents/builtin/ipaddr_syntax.ts";
import { ipv6addr } from "../../../agents/builtin/ipv6addr.ts";
import { sendArpAgent } from "../../../agents/builtin/send_arp.ts";
import type { Agent } from "../../../agents/contract.ts";
import { hostOf } from "../../../agents/host.ts";

const IP = { ip: "192.168.2.3", address: Uint8Array.of(192, 168, 2, 3) };

Deno.test("parseAddressSpec: every spelling of cluster-semantics §11", () => {
  const broadcast = Uint8Array.of(192, 168, 2, 127);
  const eth0 = { prefixLength: 24, interfaceName: "eth0" };
  const table: [string, object][] = [
    ["192.168.2.3", IP],
    ["192.168.2.3/24", { ...IP, prefixLength: 24 }],
    ["192.168.2.3/255.255.255.128", { ...IP, prefixLength: 25 }],
    ["192.168.2.3/24/eth0", { ...IP, ...eth0 }],
    ["192.168.2.3/24/eth0:0", { ...IP, ...eth0, label: "eth0:0" }],
    ["192.168.2.3/24/eth0.5:web", {
      ...IP,
      prefixLength: 24,
      interfaceName: "eth0.5",
      label: "eth0.5:web",
    }],
    ["192.168.2.3/24/192.168.2.127", { ...IP, prefixLength: 24, broadcast }],
    ["192.168.2.3/24/eth0/192.168.2.127", { ...IP, ...eth0, broadcast }],
    ["192.168.2.3/24/eth0:0/192.168.2.127", { ...IP, ...eth0, label: "eth0:0", broadcast }],
  ];
  for (const [text, wanted] of table) assert.deepEqual(parseAddressSpec(text), wanted, text);
  const longest = parseAddressSpec("192.168.2.3/24/fifteen_letters");
  assert.equal(typeof longest === "string" ? longest : longest.interfaceName, "fifteen_letters");
});

Deno.test("parseAddressSpec: a slash too many says nothing, as with the original", () => {
  const table: [string, string][] = [
    ["192.168.2.3/", "192.168.2.3"],
    ["192.168.2.3///", "192.168.2.3"],
    ["192.168.2.3/24/", "192.168.2.3/24"],
    ["192.168.2.3//24", "192.168.2.3/24"],
    ["192.168.2.3//8/eth0:10", "192.168.2.3/8/eth0:10"],
    ["192.168.2.3/24/eth0//", "192.168.2.3/24/eth0"],
    ["192.168.2.3/24//192.168.2.127", "192.168.2.3/24/192.168.2.127"],
  ];
  for (const [text, same] of table) {
    assert.deepEqual(parseAddressSpec(text), parseAddressSpec(same), text);
    assert.equal(typeof parseAddressSpec(text), "object", text);
  }
});

Deno.test("parseAddressSpec: what is wrong is quoted together with what is wanted", () => {
  const table: [string, RegExp][] = [
    ["", /^"" is not an IPv4 address; wanted four numbers, 0 to 255, such as 192/],
    ["192.168.2", /^"192\.168\.2" is not an IPv4 address/],
    ["192.168.2.256/24", /^"192\.168\.2\.256" is not an IPv4 address/],
    ["192.168.02.3", /is not an IPv4 address/],
    ["127.0.0.1/8/lo", /^"127\.0\.0\.1" is a loopback address, .* reach; wanted one such as 192/],
    ["0.0.0.0", /^"0\.0\.0\.0" is no address of a host/],
    ["224.0.0.18/24", /^"224\.0\.0\.18" is a multicast address/],
    ["239.255.255.255", /is a multicast address/],
    ["255.255.255.255/32", /is the broadcast address/],
    ["192.168.2.3/eth0", /length in front of "eth0" is missing; write "192\.168\.2\.3\/24\/eth0"/],
    ["192.168.2.3//eth0", /length in front of "eth0" is missing; write "192\.168\.2\.3\/24\/eth0"/],
    ["192.168.2.3/33/eth0", /"33" is no mask; wanted 1 to 32 or a mask such as 255\.255\.255\.0/],
    ["192.168.2.3/0", /"0" is no mask/],
    ["192.168.2.3/255.0.255.0", /"255\.0\.255\.0" is no mask/],
    ["192.168.2.3/24/:0", /the name of the interface is missing/],
    ["192.168.2.3/24/eth0:", /the label behind "eth0:" is missing/],
    ["192.168.2.3/24/eth0:much-too-long", /label "eth0:much-too-long" has 18 characters; .* 15/],
    ["192.168.2.3/24/averylongdevice0", /interface "averylongdevice0" has 16 characters/],
    ["192.168.2.3/24/eth0/192.168.2.999", /^"192\.168\.2\.999" is not a broadcast address/],
    ["192.168.2.3/24/eth0/192.168.2.255/x", /^"x" is a part too many; wanted ip\[/],
  ];
  for (const [text, wanted] of table) {
    const parsed = parseAddressSpec(text);
    assert.match(typeof parsed === "string" ? parsed : "accepted", wanted, text);
  }
});

Deno.test("ipaddrAgent.validate: counts arguments and speaks under its own name", () => {
  const agent = ipaddrAgent("IPaddr2");
  assert.equal(agent.validate?.(["10.0.0.1/8"]), undefined);
  assert.match(agent.validate?.([]) ?? "", /^IPaddr2 needs an address, such as IPaddr2::/);
  assert.match(agent.validate?.(["10.0.0.1", "eth0"]) ?? "", /one argument.*also "eth0"/);
});

Deno.test("parseMask: dotted quad and prefix length agree; only whole prefixes are masks", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 32 }), (length) => {
    const bits = (0xffffffff << (32 - length)) >>> 0;
    const quad = [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
    assert.equal(parseMask(quad), length);
    assert.equal(parseMask(String(length)), length);
  }));
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (bits) => {
    const quad = [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
    const length = parseMask(quad);
    if (length !== undefined) assert.equal((0xffffffff << (32 - length)) >>> 0, bits);
  }));
});

Deno.test("broadcastOf: all host bits set, and none for /31 and /32", () => {
  const of = (ip: string, length: number) =>
    broadcastOf(parseIpv4(ip) ?? new Uint8Array(4), length)?.join(".");
  assert.equal(of("192.168.2.3", 24), "192.168.2.255");
  assert.equal(of("10.1.2.3", 8), "10.255.255.255");
  assert.equal(of("10.1.2.3", 30), "10.1.2.3");
  assert.equal(of("10.1.2.5", 29), "10.1.2.7");
  assert.equal(of("10.1.130.5", 17), "10.1.255.255");
  assert.equal(of("10.1.2.3", 31), undefined);
});

Deno.test("a slash too many says nothing to the other agents with an address either", () => {
  const refusal = (agent: Agent, ...args: string[]) => agent.validate?.(args);
  for (
    const text of ["2001:db8:5::50/64/", "2001:db8:5::50//64/eth0", "2001:db8:5::50/64/eth0//"]
  ) {
    assert.equal(refusal(ipv6addr, ...text.split("::")), undefined, text);
  }
  assert.match(refusal(ipv6addr, "2001:db8", "5/64/eth0/x/") ?? "", /a part too many, "x"/);
  const sendArp = sendArpAgent(hostOf("/etc/ha.d", undefined));
  for (const args of [["10.0.0.1//eth0"], ["10.0.0.1/eth0/"], ["10.0.0.1/", "eth0"]]) {
    assert.equal(refusal(sendArp, ...args), undefined, args.join("::"));
  }
});
