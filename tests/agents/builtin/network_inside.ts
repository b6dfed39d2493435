/** Network agents on a real kernel; run by network_test.ts, where hb0 has 10.77.0.1/24. */
import assert from "node:assert/strict";
import { addressWithoutPlace } from "../../../agents/builtin/address_check.ts";
import { Rtnetlink } from "../../../core/os/rtnetlink.ts";
import { eventually } from "../../eventually.ts";
import { ArpListener, ETH_P_IPV6 } from "../../os/arp_listener.ts";
import { ip } from "../../transports/lab.ts";
import { AgentBench } from "../bench.ts";

/** Announcements go on in the background on purpose. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function indexOf(name: string): number {
  using kernel = new Rtnetlink();
  return kernel.link(name).index;
}

/** Whether a program can use the address as its own right now: no error from bind. */
function bindable(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 7777 }).close();
    return true;
  } catch {
    return false;
  }
}

function addresses(): string {
  return ip("-6", "-o", "addr", "show", "dev", "hb0");
}

test("IPv6addr: usable at once, in every spelling; start and stop twice", async () => {
  await using bench = new AgentBench();
  await bench.lives("IPv6addr::2001:db8::5/64/hb0", () => {
    assert.match(addresses(), /inet6 2001:db8::5\/64 scope global/);
    assert.doesNotMatch(addresses(), /2001:db8::5.*tentative/);
    assert.ok(bindable("2001:db8::5"), "a server can bind to it without waiting");
  });
  ip("addr", "add", "2001:db8:1::1/48", "dev", "hb0", "nodad");
  await bench.lives("IPv6addr::2001:db8:1:0:0:0:0:9", () => {
    assert.match(addresses(), /inet6 2001:db8:1::9\/48 /, "the prefix is that of the route");
  });
  ip("addr", "del", "2001:db8:1::1/48", "dev", "hb0");
});

test("IPv6addr: an interface that is down is set up", async () => {
  await using bench = new AgentBench();
  ip("link", "set", "hb0", "down");
  await bench.lives("IPv6addr::2001:db8::5/64/hb0", () => {
    assert.match(ip("link", "show", "hb0"), /<[^>]*\bUP\b/);
    assert.match(addresses(), /inet6 2001:db8::5\/64 scope global/);
  });
});

test("IPv6addr: an interface that is down is set up, also under an address that is there", async () => {
  await using bench = new AgentBench();
  const resource = "IPv6addr::2001:db8::5/64/hb0";
  // Else the address goes with the interface.
  const keep = "/proc/sys/net/ipv6/conf/hb0/keep_addr_on_down";
  Deno.writeTextFileSync(keep, "1");
  await bench.expect(resource, "start ok");
  ip("link", "set", "hb0", "down");
  await bench.expect(resource, "status running", "start ok");
  assert.match(ip("link", "show", "hb0"), /<[^>]*\bUP\b/);
  await bench.expect(resource, "stop ok");
  Deno.writeTextFileSync(keep, "0");
});

test("IPv6addr: what this host opens leaves from its own address, unless told otherwise", async () => {
  await using bench = new AgentBench();
  ip("addr", "add", "2001:db8:5::11/64", "dev", "hb0", "nodad");
  const source = () => /src (\S+)/.exec(ip("-6", "route", "get", "2001:db8:5::51"))?.[1];
  const service = "IPv6addr::2001:db8:5::50/64/hb0";
  await bench.lives(service, () => {
    assert.equal(source(), "2001:db8:5::11");
    assert.match(addresses(), /2001:db8:5::50\/64 .* deprecated/);
    assert.ok(bindable("2001:db8:5::50"), "a server can bind to it all the same");
  });
  await bench.lives(`${service}::preferred_lft=0`, () => {
    assert.equal(source(), "2001:db8:5::11");
  });
  // Of the two, it has more leading bits in common with the target.
  await bench.lives(`${service}::preferred_lft=forever`, () => {
    assert.equal(source(), "2001:db8:5::50");
  });
  ip("addr", "del", "2001:db8:5::11/64", "dev", "hb0");
  await bench.lives("IPv6addr::2001:db8:5::50/64/hb0", () => {
    assert.equal(source(), "2001:db8:5::50", "there is no other");
  });
});

test("IPv6addr: where IPv6 is switched off, start and check say so, with the cure", async () => {
  await using bench = new AgentBench();
  const setting = "/proc/sys/net/ipv6/conf/hb0/disable_ipv6";
  Deno.writeTextFileSync(setting, "1");
  const said = await bench.call("IPv6addr::2001:db8::5/64/hb0", "start");
  const { problem, help } = addressWithoutPlace("IPv6addr", ["2001:db8", "5/64/hb0"]) ?? {};
  Deno.writeTextFileSync(setting, "0");
  assert.equal(problem, "IPv6 is switched off on hb0 (net/ipv6/conf/hb0/disable_ipv6=1)");
  assert.match(help ?? "", /^switch it on: sysctl -w net\/ipv6\/conf\/hb0\/disable_ipv6=0/);
  assert.equal(said, `failed: cannot add 2001:db8::5: ${problem}; ${help}`);
});

test("IPv6addr: the neighbours hear an advertisement with Override, again and again", async () => {
  await using bench = new AgentBench();
  using listener = new ArpListener(indexOf("hb1"), ETH_P_IPV6);
  const resource = "IPv6addr::2001:db8::5/64/hb0";
  const startedAt = performance.now();
  await bench.expect(resource, "start ok");
  const tookMs = performance.now() - startedAt;
  const address = "20010db8000000000000000000000005";
  const heard: string[] = [];
  const heardAgain = () => {
    heard.push(...listener.heard().filter((frame) => frame.slice(108, 110) === "88"));
    return heard.length >= 3;
  };
  await eventually("three advertisements", heardAgain);
  const [frame = ""] = heard;
  assert.equal(frame.slice(0, 12), "333300000001", "to all nodes");
  assert.equal(frame.slice(36, 44), "00203aff", "32 bytes of ICMPv6, hop limit 255");
  assert.equal(frame.slice(44, 76), address, "from the address itself");
  assert.equal(frame.slice(116, 124), "20000000", "Override, neither router nor solicited");
  assert.equal(frame.slice(124, 156), address, "about the address");
  assert.equal(frame.slice(160, 172), frame.slice(12, 24), "and its hardware address");
  await bench.expect(resource, "stop ok");
  listener.heard();
  // Several times as long as it is from one to the next.
  await pause(1_000);
  const later = listener.heard().filter((frame) => frame.slice(108, 110) === "88");
  assert.deepEqual(later, [], "a stopped address is not announced");
  console.log(`IPv6addr start incl. first advertisement: ${Math.round(tookMs * 1000)} µs`);
});

test("IPv6addr: the kernel of a neighbour takes the advertisement", async () => {
  await using bench = new AgentBench();
  ip("addr", "add", "2001:db8::99/64", "dev", "hb1", "nodad");
  const old = ["to", "2001:db8::5", "lladdr", "02:00:00:00:00:01"];
  ip("neigh", "replace", ...old.slice(1), "dev", "hb1", "nud", "stale");
  await bench.expect("IPv6addr::2001:db8::5/64/hb0", "start ok");
  const own = /link\/ether (\S+)/.exec(ip("link", "show", "hb0"))?.[1] ?? "?";
  const learnt = () => ip("neigh", "show", "2001:db8::5", "dev", "hb1");
  await eventually(`it learns ${own}`, () => learnt().includes(own));
  await bench.expect("IPv6addr::2001:db8::5/64/hb0", "stop ok");
});

test("IPv6addr: a wrong argument and a missing interface say so", async () => {
  await using bench = new AgentBench();
  const table: [string, RegExp][] = [
    ["IPv6addr", /the argument "address" is missing/],
    ["IPv6addr::10.0.0.1/8", /"10\.0\.0\.1" is not an IPv6 address/],
    ["IPv6addr::2001:db8::5/129", /"129".*wanted 1 to 128/],
    ["IPv6addr::2001:db8::5::preferred_lft=9", /"preferred_lft=9".*wanted preferred_lft=0 or/],
    ["IPv6addr::2001:db8::5/64/hb0/x", /a part too many, "x"/],
    ["IPv6addr::2001:db8::5/64/nosuch0", /interface "nosuch0" does not exist; this host has lo/],
    [
      "IPv6addr::2001:dbf::5",
      /cannot add 2001:dbf::5: no interface covers it.*2001:dbf::5\/64\/eth0/,
    ],
  ];
  for (const [resource, wanted] of table) assert.match(await bench.call(resource, "start"), wanted);
});

test("IPsrcaddr: moves the source of what this host opens, and gives it back", async () => {
  await using bench = new AgentBench();
  ip("route", "add", "default", "via", "10.77.0.254", "dev", "hb0", "metric", "50", "mtu", "1400");
  ip("addr", "add", "10.77.0.2/24", "dev", "hb0");
  const before = ip("-d", "route", "show");
  const sourceTo = (target: string) => /src (\S+)/.exec(ip("route", "get", target))?.[1];
  assert.equal(sourceTo("198.51.100.1"), "10.77.0.1");
  await bench.lives("IPsrcaddr::10.77.0.2", () => {
    assert.equal(sourceTo("198.51.100.1"), "10.77.0.2", "through the router");
    assert.equal(sourceTo("10.77.0.50"), "10.77.0.2", "on the subnet");
    assert.match(ip("route", "show", "default"), /metric 50 mtu 1400/, "nothing else has changed");
  });
  assert.equal(ip("-d", "route", "show"), before, "the routes are what they were");
  const foreign = await bench.call("IPsrcaddr::10.77.0.3", "start");
  assert.match(foreign, /does not have it \(fix: put IPaddr::10\.77\.0\.3 before/);
  ip("route", "del", "default");
  ip("addr", "del", "10.77.0.2/24", "dev", "hb0");
});

test("SendArp: announces an address that is not here, and remembers that it did", async () => {
  await using bench = new AgentBench();
  using listener = new ArpListener(indexOf("hb1"));
  await bench.lives("SendArp::10.77.0.200/hb0");
  const [frame = ""] = listener.heard();
  assert.equal(frame.slice(56, 64), "0a4d00c8", "sender address 10.77.0.200");
  assert.match(await bench.call("SendArp::10.77.0.200", "start"), /does not name an interface/);
  assert.match(await bench.call("SendArp::10.77.0.200/lo", "start"), /lo speaks no ARP/);
});

/** What is blocked is never reached; what is not may take its time on a busy machine. */
const REACHED_WITHIN_MS = { open: 30_000, blocked: 300 };

/** A server on 127.0.0.1 and a client that gives up, the sooner if that is what is expected. */
async function reachable(port: number, expected: keyof typeof REACHED_WITHIN_MS): Promise<boolean> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port });
  const accepted = listener.accept().then((peer) => peer.close()).catch(() => {});
  const connecting = Deno.connect({ hostname: "127.0.0.1", port })
    .then((peer) => (peer.close(), true));
  const giveUp = Promise.withResolvers<false>();
  const timer = setTimeout(() => giveUp.resolve(false), REACHED_WITHIN_MS[expected]);
  const reached = await Promise.race([connecting, giveUp.promise]);
  clearTimeout(timer);
  if (!reached) connecting.catch(() => {});
  listener.close();
  await accepted;
  return reached;
}

for (const tool of ["nft", "iptables"]) {
  const missing = ["/usr/sbin", "/sbin"].every((dir) => {
    try {
      return !Deno.statSync(`${dir}/${tool}`).isFile;
    } catch {
      return true;
    }
  });
  if (missing) {
    console.log(`skipped portblock through ${tool}: it is not installed`);
    continue;
  }
  test(`portblock: frames a service, through ${tool}`, async () => {
    await using bench = new AgentBench({ programDirs: ["ROOT/bin"] });
    const list = tool === "nft" ? ["nft"] : ["iptables", "ip6tables"];
    for (const name of list) bench.script(`bin/${name}`, `exec /usr/sbin/${name} "$@"`);
    const block = "portblock::tcp::8080,9000:9010::block";
    const unblock = "portblock::tcp::8080,9000:9010::unblock";
    assert.equal(await reachable(8080, "open"), true, "at the beginning");
    await bench.expect(block, "status stopped", "start ok", "status running", "start ok");
    assert.equal(await reachable(8080, "blocked"), false, "between block and unblock");
    assert.equal(await reachable(9005, "blocked"), false, "a range");
    assert.equal(await reachable(8081, "open"), true, "another port");
    await bench.expect(unblock, "status stopped", "start ok", "start ok", "status running");
    assert.equal(await reachable(8080, "open"), true, "while the group runs");
    await bench.expect(unblock, "stop ok", "stop ok", "status stopped");
    assert.equal(await reachable(8080, "blocked"), false, "while the group stops");
    await bench.expect(block, "status running", "stop ok", "stop ok", "status stopped");
    assert.equal(await reachable(8080, "open"), true, "at the end");
  });
}
