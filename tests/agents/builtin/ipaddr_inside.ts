/** IPaddr on a real kernel; run by ipaddr_test.ts in a namespace where hb0 has 10.77.0.1/24. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import type { AgentContext } from "../../../agents/contract.ts";
import { addressWithoutPlace, primaryAddress } from "../../../agents/builtin/address_check.ts";
import { ipaddrAgent } from "../../../agents/builtin/ipaddr.ts";
import { createRegistry } from "../../../agents/registry.ts";
import { arpFrame } from "../../../core/os/announce.ts";
import { addressTroubles } from "../../../core/runtime/address_troubles.ts";
import { loadConfiguration } from "../../../core/runtime/load_config.ts";
import { pathsUnder } from "../../../core/runtime/paths.ts";
import { Rtnetlink } from "../../../core/os/rtnetlink.ts";
import { eventually } from "../../eventually.ts";
import { ArpListener } from "../../os/arp_listener.ts";
import { ip } from "../../transports/lab.ts";

const ipaddr = ipaddrAgent("IPaddr");
const ipaddr2 = ipaddrAgent("IPaddr2");
const log: string[] = [];

function on(text: string): AgentContext {
  return {
    ...{ args: [text], deadlineMs: 10_000 },
    signal: new AbortController().signal,
    log: (level, line) => void log.push(`${level} ${line}`),
    secret: (value) => value,
    run: () => Promise.reject(new Error("IPaddr starts no program")),
  };
}

/** `10.77.0.1/24 brd 10.77.0.255 scope global hb0` and so on, in the kernel's order. */
function addresses(device = "hb0"): string[] {
  return ip("-4", "-o", "addr", "show", "dev", device).split("\n")
    .flatMap((line) => /inet (.*?)\\/.exec(line)?.[1]?.trim() ?? []);
}

const OWN = "10.77.0.1/24 brd 10.77.0.255 scope global hb0";

/** Background announcements outlive a call by a second on purpose. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

/** Announcements follow one another after 200 ms. */
const QUIET_MS = 1_000;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

test("IPaddr: a bare address takes its place from the route; start and stop twice", async () => {
  const context = on("10.77.0.100");
  assert.equal(await ipaddr.status(context), "stopped");
  await ipaddr.start(context);
  await ipaddr.start(context);
  const added = "10.77.0.100/24 brd 10.77.0.255 scope global secondary hb0:0";
  assert.deepEqual(addresses(), [OWN, added]);
  assert.equal(await ipaddr.status(context), "running");
  await ipaddr.stop(context);
  await ipaddr.stop(context);
  assert.deepEqual(addresses(), [OWN]);
  assert.equal(await ipaddr.status(context), "stopped");
});

test("IPaddr: labels with the first free number, IPaddr2 not; a given label is kept", async () => {
  const table: [typeof ipaddr, string, string][] = [
    [ipaddr, "10.77.0.100", "10.77.0.100/24 brd 10.77.0.255 scope global secondary hb0:0"],
    [ipaddr, "10.77.0.101/24", "10.77.0.101/24 brd 10.77.0.255 scope global secondary hb0:1"],
    [ipaddr2, "10.77.0.102", "10.77.0.102/24 brd 10.77.0.255 scope global secondary hb0"],
    [
      ipaddr2,
      "10.77.0.103/24/hb0:web",
      "10.77.0.103/24 brd 10.77.0.255 scope global secondary hb0:web",
    ],
    [
      ipaddr,
      "10.78.0.1/255.255.0.0/hb0:9/10.78.1.255",
      "10.78.0.1/16 brd 10.78.1.255 scope global hb0:9",
    ],
    [ipaddr, "10.79.0.1/32/hb0", "10.79.0.1/32 scope global hb0:2"],
  ];
  for (const [agent, text] of table) await agent.start(on(text));
  const shown = new Set(addresses());
  for (const [, text, wanted] of table) {
    assert.ok(shown.has(wanted), `${text}: ${wanted} not in ${[...shown].join("; ")}`);
  }
  await ipaddr.stop(on("10.77.0.100"));
  await ipaddr.start(on("10.77.0.104"));
  assert.ok(
    addresses().some((line) => /^10\.77\.0\.104\/24 .* hb0:0$/.test(line)),
    "hb0:0 is free again",
  );
  for (const [agent, text] of table) await agent.stop(on(text));
  await ipaddr.stop(on("10.77.0.104"));
  assert.deepEqual(addresses(), [OWN]);
});

test("IPaddr: stopping a primary address leaves the others of its subnet, and all routes", async () => {
  const setting = (name: string) => `/proc/sys/net/ipv4/conf/${name}/promote_secondaries`;
  for (const name of ["all", "hb1"]) Deno.writeTextFileSync(setting(name), "0");
  await ipaddr.start(on("10.80.0.100/24/hb1"));
  ip("addr", "add", "10.80.0.1/24", "brd", "10.80.0.255", "dev", "hb1");
  ip("addr", "add", "10.80.0.2/24", "dev", "hb1");
  ip("route", "add", "default", "via", "10.80.0.254");
  ip("route", "add", "172.20.0.0/16", "via", "10.80.0.254", "metric", "50");
  ip("route", "add", "172.21.0.0/16", "via", "10.80.0.254", "table", "77");
  const routes = () =>
    ip("route", "show", "table", "all").split("\n").filter((line) => line.includes(" via "));
  const before = routes();
  assert.equal(before.length, 3);
  await ipaddr.stop(on("10.80.0.100/24/hb1"));
  assert.deepEqual(addresses("hb1"), [
    "10.80.0.1/24 brd 10.80.0.255 scope global hb1",
    "10.80.0.2/24 scope global secondary hb1",
  ]);
  assert.deepEqual(routes(), before);
  assert.equal(Deno.readTextFileSync(setting("hb1")), "0\n");
  ip("addr", "flush", "dev", "hb1");
});

test("IPaddr: where /proc/sys is read-only, the other addresses of a subnet are put back", async () => {
  ip("addr", "add", "10.80.0.100/24", "brd", "10.80.0.255", "dev", "hb1");
  ip("addr", "add", "10.80.0.1/24", "brd", "10.80.0.255", "dev", "hb1");
  const mount = (...args: string[]) => new Deno.Command("mount", { args }).outputSync();
  assert.ok(mount("--bind", "/proc/sys/net", "/proc/sys/net").success);
  assert.ok(mount("-o", "remount,bind,ro", "/proc/sys/net").success);
  try {
    await ipaddr.stop(on("10.80.0.100/24/hb1"));
  } finally {
    new Deno.Command("umount", { args: ["/proc/sys/net"] }).outputSync();
  }
  assert.deepEqual(addresses("hb1"), ["10.80.0.1/24 brd 10.80.0.255 scope global hb1"]);
  assert.ok(log.includes("info put 10.80.0.1 back, which the kernel had dropped"));
  assert.match(log.join("\n"), /warn routes through hb1 may be lost: /);
  ip("addr", "flush", "dev", "hb1");
});

test("IPaddr: status and stop look at the named interface, or at all", async () => {
  ip("addr", "add", "10.77.0.100/24", "dev", "hb1");
  assert.equal(await ipaddr.status(on("10.77.0.100/24/hb0")), "stopped");
  await ipaddr.stop(on("10.77.0.100/24/hb0"));
  assert.equal(await ipaddr.status(on("10.77.0.100")), "running");
  await ipaddr.stop(on("10.77.0.100"));
  assert.deepEqual(addresses("hb1"), []);
});

test("IPaddr: stop ignores the prefix, and succeeds without the interface", async () => {
  ip("addr", "add", "10.77.0.100/32", "dev", "hb0");
  await ipaddr.stop(on("10.77.0.100/24/hb0"));
  assert.deepEqual(addresses(), [OWN]);
  await ipaddr.stop(on("10.77.0.100/24/nosuch0"));
  assert.equal(await ipaddr.status(on("10.77.0.100/24/nosuch0")), "stopped");
});

test("IPaddr: no interface, a wrong one, only a router: each says so, with the fix", async () => {
  const uncovered =
    /cannot add 192\.168\.2\.3: no interface covers it.*3\/24\/eth0 \(this host has lo, .*hb0/;
  await assert.rejects(ipaddr.start(on("192.168.2.3")), uncovered);
  ip("route", "add", "default", "via", "10.77.0.254");
  await assert.rejects(ipaddr.start(on("192.168.2.3")), uncovered);
  ip("route", "del", "default");
  await assert.rejects(
    ipaddr.start(on("192.168.2.3/24/eth9")),
    /cannot add 192\.168\.2\.3: interface "eth9" does not exist; this host has lo, .*hb0/,
  );
  await assert.rejects(ipaddr.start(on("192.168.2")), /"192\.168\.2" is not an IPv4 address/);
  await assert.rejects(async () => await ipaddr.announce?.(on("10.77.0.100")), /does not have it/);
});

test("IPaddr: announces at once, five times more, and not after stop", async () => {
  using kernel = new Rtnetlink();
  const { hardwareAddress } = kernel.link("hb0");
  const address = Uint8Array.of(10, 77, 0, 100);
  const pair = ([1, 2] as const).map((form) => arpFrame(form, hardwareAddress, address).toHex());
  using listener = new ArpListener(kernel.link("hb1").index);
  // What earlier tests announced is over when nothing comes for several times as long as it should.
  do await pause(QUIET_MS); while (listener.heard().length > 0);
  const context = on("10.77.0.100/24/hb0");
  await ipaddr.start(context);
  assert.deepEqual(listener.heard(), pair);
  const heard: string[] = [];
  const heardAll = (frames: number) => () => heard.push(...listener.heard()) >= frames;
  await eventually("five repetitions", heardAll(5 * pair.length));
  await pause(QUIET_MS);
  assert.deepEqual([...heard, ...listener.heard()], [...pair, ...pair, ...pair, ...pair, ...pair]);
  heard.length = 0;
  await ipaddr.announce?.(context);
  assert.deepEqual(listener.heard(), pair);
  await eventually("a repetition", heardAll(pair.length));
  await ipaddr.stop(context);
  heard.push(...listener.heard());
  assert.ok(heard.length < 5 * pair.length, "all repetitions came before the stop");
  await pause(QUIET_MS);
  assert.deepEqual(listener.heard(), []);
});

test("IPaddr: each announcement has the hardware address of its moment", async () => {
  using kernel = new Rtnetlink();
  using listener = new ArpListener(kernel.link("hb1").index);
  const before = kernel.link("hb0").hardwareAddress;
  const after = Uint8Array.of(2, 0, 0, 0, 0, 9);
  const address = Uint8Array.of(10, 77, 0, 100);
  const heard: string[] = [];
  const hears = (mac: Uint8Array) => () =>
    heard.push(...listener.heard()) > 0 && heard.includes(arpFrame(1, mac, address).toHex());
  const context = on("10.77.0.100/24/hb0");
  await ipaddr.start(context);
  await eventually("the first one", hears(before));
  ip("link", "set", "hb0", "address", "02:00:00:00:00:09");
  await eventually("one with the new address", hears(after));
  await ipaddr.stop(context);
});

test("IPaddr: an interface that is down is set up, also under an address that is there", async () => {
  for (const agent of [ipaddr, ipaddr2]) {
    ip("link", "set", "hb1", "down");
    log.length = 0;
    await agent.start(on("10.80.0.100/24/hb1"));
    assert.match(ip("link", "show", "hb1"), /<[^>]*\bUP\b/, agent.name);
    assert.deepEqual(log, ["info setting interface hb1 up, which was down"]);
    ip("link", "set", "hb1", "down");
    await agent.start(on("10.80.0.100"));
    assert.match(ip("link", "show", "hb1"), /<[^>]*\bUP\b/, agent.name);
    await agent.stop(on("10.80.0.100/24/hb1"));
  }
});

test("IPaddr: with a mask, but in no network of this host: where the default route leads", async () => {
  const add = (agent: typeof ipaddr, text: string) => agent.start(on(text));
  const uncovered = /no interface covers it/;
  await assert.rejects(add(ipaddr, "192.168.2.3/24"), uncovered, "no default route");
  ip("route", "add", "default", "via", "10.77.0.254");
  try {
    assert.equal(addressWithoutPlace("IPaddr", ["192.168.2.3/24"]), null);
    await add(ipaddr, "192.168.2.3/24");
    const added = "192.168.2.3/24 brd 192.168.2.255 scope global hb0:0";
    assert.deepEqual(addresses(), [OWN, added]);
    await ipaddr.stop(on("192.168.2.3/24"));
    assert.deepEqual(addresses(), [OWN]);
    await assert.rejects(add(ipaddr, "192.168.2.3"), uncovered, "as the original: no mask");
    await assert.rejects(add(ipaddr2, "192.168.2.3/24"), uncovered, "as the original: IPaddr2");
    assert.notEqual(addressWithoutPlace("IPaddr2", ["192.168.2.3/24"]), null);
    ip("route", "add", "192.168.0.0/16", "via", "10.77.0.253");
    await assert.rejects(add(ipaddr, "192.168.2.3/24"), uncovered, "as the original: a router");
    ip("route", "del", "192.168.0.0/16");
  } finally {
    ip("route", "del", "default");
  }
});

test("IPaddr: start waits for none of the repeated announcements", async () => {
  const context = on("10.77.0.100/24/hb0");
  let shortestMs = Infinity;
  for (let i = 0; i < 20; i++) {
    const began = performance.now();
    await ipaddr.start(context);
    shortestMs = Math.min(shortestMs, performance.now() - began);
    await ipaddr.stop(context);
  }
  // The second one follows after 200 ms.
  assert.ok(shortestMs < 150, `${shortestMs} ms`);
});

test("IPaddr: an address on the loopback interface works, and is not announced", async () => {
  await ipaddr2.start(on("10.81.0.1/32/lo"));
  assert.ok(addresses("lo").includes("10.81.0.1/32 scope global lo"));
  await ipaddr2.stop(on("10.81.0.1/32/lo"));
  assert.deepEqual(addresses("lo"), ["127.0.0.1/8 scope host lo"]);
});

test("addressTroubles: an address that is gone, a cable that is pulled, an interface down", async () => {
  const resource = (agent: string, ...args: string[]) => ({ text: args.join("::"), agent, args });
  const here = resource("IPaddr", "10.77.0.100/24/hb0");
  const started = [here, resource("IPv6addr", "2001:db8", "5/64/hb0"), resource("Delay", "1")];
  const registry = createRegistry({ resourceDir: "/nonexistent", initDirs: [] });
  const troubles = () => addressTroubles(started, registry).map(({ gone, text }) => [gone, text]);
  const gone = (ip: string, word: string) => {
    const cure = `heartbeat agent run ${word} start`;
    return [true, `${ip} was started here and is gone from this host (put it back: ${cure})`];
  };
  const ofV4 = gone("10.77.0.100", "IPaddr::10.77.0.100/24/hb0");
  const ofV6 = gone("2001:db8::5", "IPv6addr::2001:db8::5/64/hb0");
  assert.deepEqual(troubles(), [ofV4, ofV6]);
  await ipaddr.start(on("10.77.0.100/24/hb0"));
  assert.deepEqual(troubles(), [ofV6]);
  started.splice(1, 1);
  assert.deepEqual(troubles(), []);
  ip("link", "set", "hb1", "down");
  const unreachable = "so that 10.77.0.100 cannot be reached through it";
  assert.deepEqual(troubles(), [[false, `hb0 has no carrier, ${unreachable}`]]);
  ip("link", "set", "hb0", "down");
  assert.deepEqual(troubles(), [[false, `hb0 is down, ${unreachable}`]]);
  for (const name of ["hb0", "hb1"]) ip("link", "set", name, "up");
  ip("addr", "del", "10.77.0.100/24", "dev", "hb0");
  assert.deepEqual(troubles(), [ofV4]);
  ip("addr", "add", "10.77.0.100/24", "dev", "hb1");
  assert.deepEqual(troubles(), [ofV4], "it is on another interface than the one that is named");
  ip("addr", "del", "10.77.0.100/24", "dev", "hb1");
});

test("primaryAddress: what a stop would take, and no address beside it", () => {
  ip("addr", "add", "10.77.0.9/24", "dev", "hb0");
  const ofHb0 = { ip: "10.77.0.1", interfaceName: "hb0" };
  assert.deepEqual(primaryAddress("IPaddr", ["10.77.0.1"]), ofHb0);
  assert.deepEqual(primaryAddress("IPaddr2", ["10.77.0.1/32/hb0"]), ofHb0);
  for (const text of ["10.77.0.1/24/hb1", "10.77.0.9", "10.77.0.2", "10.77.0"]) {
    assert.equal(primaryAddress("IPaddr", [text]), null, text);
  }
  assert.equal(primaryAddress("Delay", ["10.77.0.1"]), null);
  ip("addr", "del", "10.77.0.9/24", "dev", "hb0");
  ip("addr", "add", "10.81.0.9/32", "dev", "lo");
  assert.equal(addressWithoutPlace("IPaddr", ["10.81.0.9"]), null, "it is on lo already");
  ip("addr", "del", "10.81.0.9/32", "dev", "lo");
  return Promise.resolve();
});

test("check: warns of this host's own address, unless the note says that it is held", async () => {
  const root = Deno.makeTempDirSync({ prefix: "hb-own-" });
  const paths = pathsUnder(root);
  Deno.mkdirSync(paths.configDir, { recursive: true });
  Deno.writeTextFileSync(`${paths.configDir}/haresources`, "ha1 10.77.0.1\nha2 10.77.0.11\n");
  const warnings = () =>
    loadConfiguration(paths).diagnostics.filter(({ code }) => code === "HB195")
      .map(({ title }) => title);
  const wanted = ['The address of "10.77.0.1" is on hb0 already, not by heartbeat'];
  assert.deepEqual(warnings(), wanted);
  Deno.mkdirSync(dirname(paths.heldGroupsFile), { recursive: true });
  Deno.writeTextFileSync(paths.heldGroupsFile, '{"held":["10.77.0.11 svc"],"removed":[]}');
  assert.deepEqual(warnings(), wanted);
  Deno.writeTextFileSync(
    paths.heldGroupsFile,
    '{"held":["IPaddr::10.77.0.1/24/hb0 svc"],"removed":[]}',
  );
  assert.deepEqual(warnings(), []);
  await Deno.remove(root, { recursive: true });
});

/** What the agent says in a process of fewer rights. */
function saidBy(program: string, deno: (command: string[]) => Deno.Command): string {
  const agent = JSON.stringify(import.meta.resolve("../../../agents/builtin/ipaddr.ts"));
  const whole = `
    import { ipaddrAgent } from ${agent};
    const ipaddr = ipaddrAgent("IPaddr");
    const on = (text) => ({ args: [text], log: (_level, line) => console.log(line) });
    ${program}`;
  const { stdout, stderr } = deno(["eval", "--no-check", whole]).outputSync();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

test("check: warns of an address on an interface that is down or without carrier", async () => {
  const paths = pathsUnder("/nonexistent");
  const texts = { haresources: "ha1 10.77.0.11/24/hb0 10.80.0.100/24/hb1 Delay::1\n" };
  const warnings = () =>
    loadConfiguration(paths, { texts }).diagnostics.filter(({ code }) => code === "HB197")
      .map(({ title }) => title);
  assert.deepEqual(warnings(), []);
  ip("link", "set", "hb1", "down");
  assert.deepEqual(warnings(), [
    'The interface hb0 of "10.77.0.11/24/hb0" has no carrier',
    'The interface hb1 of "10.80.0.100/24/hb1" is down',
  ]);
  ip("link", "set", "hb1", "up");
  await Promise.resolve();
});

test("IPaddr: without the right to change addresses it says what is needed", async () => {
  const cache = Deno.makeTempDirSync();
  ip("link", "set", "hb1", "down");
  const said = saidBy(
    `for (const text of ["10.81.0.7/32/lo", "10.81.0.7/24/hb1"]) {
      await ipaddr.start(on(text)).catch((error) => console.log(error.message));
    }`,
    (args) =>
      new Deno.Command(Deno.execPath(), {
        args,
        uid: 65534,
        gid: 65534,
        env: { DENO_DIR: cache, NO_COLOR: "1" },
      }),
  );
  ip("link", "set", "hb1", "up");
  await Deno.remove(cache, { recursive: true });
  const why = "EPERM .*must run as root, with CAP_NET_ADMIN";
  for (const what of ["add 10.81.0.7 to lo:", "add 10.81.0.7: cannot set hb1 up:"]) {
    assert.match(said, new RegExp(`cannot ${what} .*${why}`));
  }
});

test("IPaddr: without the right to announce, it names that right and no other", async () => {
  const said = saidBy(
    `await ipaddr.start(on("10.77.0.100/24/hb0"));`,
    (args) => {
      const without = ["--bounding-set=-net_raw", "--inh-caps=-net_raw", Deno.execPath()];
      return new Deno.Command("setpriv", { args: [...without, ...args], env: { NO_COLOR: "1" } });
    },
  );
  assert.equal(await ipaddr.status(on("10.77.0.100")), "running", said);
  assert.match(said, /cannot announce 10\.77\.0\.100 on hb0: .*EPERM .*as root, with CAP_NET_RAW/);
  await ipaddr.stop(on("10.77.0.100"));
});
