/** UDP media between real network namespaces, one process a host. */
import assert from "node:assert/strict";
import { Reactor } from "../../core/os/reactor.ts";
import type { MediumConfig } from "../../core/types.ts";
import { MAX_FRAME_BYTES } from "../../transports/contract.ts";
import { createMedium } from "../../transports/create_medium.ts";
import { ip, Lab, labReason, MediumChild } from "./lab.ts";
import { UdpPair } from "./udp_pair.ts";

const PORT = 694;
const reason = labReason();
if (reason !== undefined) console.log(`udp_test: media are not tested: ${reason}`);
const ignore = reason !== undefined;

const bcast = (nic: string): MediumConfig => ({ kind: "bcast", interface: nic, port: PORT });
const ucast = (nic: string, host: string): MediumConfig => ({
  kind: "ucast",
  interface: nic,
  host,
  port: PORT,
});

Deno.test({
  name: "UdpMedium: two interfaces on one port, each broadcast is heard on its own wire only",
  ignore,
  async fn() {
    using lab = new Lab([1, 2]);
    await using a = new MediumChild(lab.a, [bcast("eth1"), bcast("eth2")]);
    await using b = new MediumChild(lab.b, [bcast("eth1"), bcast("eth2")]);
    for (const child of [a, b]) for (const medium of [0, 1]) await child.openUsable(medium);
    await a.tell({ do: "send", medium: 0, text: "on one" });
    await a.tell({ do: "send", medium: 1, text: "on two" });
    for (const child of [a, b]) {
      for (const [medium, text] of ["on one", "on two"].entries()) {
        assert.equal((await child.next("received", (e) => e.text === text)).medium, medium);
      }
    }
    for (const child of [a, b]) {
      for (const medium of [0, 1]) assert.equal((await child.stats(medium)).receivedFrames, 1);
      assert.deepEqual(child.events, []);
    }
    assert.deepEqual((await a.stats(0)).sentFrames, 1);
  },
});

Deno.test({
  name: "UdpMedium: an interface that goes down and up is told once each, and works again",
  ignore,
  async fn() {
    await using pair = await UdpPair.open(bcast("eth1"), bcast("eth1"));
    const { lab, a, b } = pair;
    ip("-n", lab.a, "link", "set", "eth1", "down");
    const down = await a.next("usable");
    assert.deepEqual([down.usable, down.reason], [false, 'interface "eth1" is down (ENETDOWN)']);
    assert.equal((await b.next("usable")).reason, 'interface "eth1" has no carrier');
    for (let i = 0; i < 5; i++) await a.tell({ do: "send", medium: 0, text: "lost" });
    const { sentFrames, sendErrors } = await a.stats();
    assert.deepEqual([sentFrames, sendErrors], [0, { ENETUNREACH: 5 }]);
    assert.deepEqual(a.events, []);
    ip("-n", lab.a, "link", "set", "eth1", "up");
    assert.equal((await a.next("usable")).usable, true);
    assert.equal((await b.next("usable")).usable, true);
    await a.tell({ do: "send", medium: 0, text: "again" });
    assert.equal((await b.next("received")).text, "again");
  },
});

Deno.test({
  name: "UdpMedium: an interface by another of its names is used and watched like any",
  ignore,
  async fn() {
    using lab = new Lab();
    ip("-n", lab.a, "link", "property", "add", "dev", "eth1", "altname", "wire1");
    await using a = new MediumChild(lab.a, [bcast("wire1")]);
    await using b = new MediumChild(lab.b, [bcast("eth1")]);
    for (const child of [a, b]) await child.openUsable();
    await a.tell({ do: "send", medium: 0, text: "by its other name" });
    assert.equal((await b.next("received")).text, "by its other name");
    // No address changes with the carrier, so only the notice of the link tells.
    ip("-n", lab.b, "link", "set", "eth1", "down");
    assert.equal((await a.next("usable")).reason, 'interface "wire1" has no carrier');
    ip("-n", lab.b, "link", "set", "eth1", "up");
    assert.equal((await a.next("usable")).usable, true);
  },
});

Deno.test({
  name: "UdpMedium: an interface removed and made again is told once each, and works again",
  ignore,
  async fn() {
    using lab = new Lab();
    await using a = new MediumChild(lab.a, [bcast("eth1"), ucast("eth1", "10.0.1.2")]);
    await using b = new MediumChild(lab.b, [bcast("eth1"), ucast("eth1", "10.0.1.1")]);
    for (const child of [a, b]) for (const medium of [0, 1]) await child.openUsable(medium);
    const { fds } = await a.count();
    for (let round = 0; round < 3; round++) {
      lab.unplug(1);
      for (const medium of [0, 1]) {
        const gone = await a.next("usable", (event) => event.medium === medium);
        assert.equal(gone.usable, false);
        // One cause, several notices: the first may still find the interface, but without carrier.
        assert.match(gone.reason, /^interface "eth1"(: ENODEV| has no carrier| is down)/);
        await a.tell({ do: "send", medium, text: "lost" });
      }
      lab.plug(1);
      for (const child of [a, b]) {
        for (const medium of [0, 1]) {
          await child.next("usable", (event) => event.medium === medium && event.usable);
        }
      }
      await a.tell({ do: "send", medium: 1, text: `round ${round}` });
      await b.next("received", (event) => event.text === `round ${round}`);
    }
    const { sentFrames, sendErrors } = await a.stats(1);
    const dropped = Object.values(sendErrors).reduce((sum, count) => sum + count, 0);
    assert.equal(sentFrames + dropped, 6, "every frame was sent or counted");
    assert(sentFrames >= 3);
    assert.equal((await a.count()).fds, fds);
  },
});

Deno.test({
  name: "UdpMedium: a missing interface is told by name, and used at once when it appears",
  ignore,
  async fn() {
    using lab = new Lab([]);
    await using a = new MediumChild(lab.a, [bcast("eth1")]);
    await a.tell({ do: "open", medium: 0 });
    const missing = await a.next("usable");
    assert.equal(missing.usable, false);
    assert.equal(missing.reason, 'interface "eth1": ENODEV (No such device)');
    // Tries follow after 0.25 s, 0.5 s and so on: after 8 s the next one is 7 s away, and news of
    // the kernel must not wait for it.
    await new Promise((done) => setTimeout(done, 8_000));
    await a.tell({ do: "send", medium: 0, text: "lost" });
    assert.deepEqual((await a.stats()).sendErrors, { ENODEV: 1 });
    assert.deepEqual(a.events, [], "retries are silent");
    const from = performance.now();
    lab.plug(1);
    await a.next("usable", (event) => event.usable);
    const pluggedMs = performance.now() - from;
    assert(pluggedMs < 5_000, `usable after ${pluggedMs} ms`);
  },
});

Deno.test({
  name: "UdpMedium: a broadcast address that changes is followed",
  ignore,
  async fn() {
    await using pair = await UdpPair.open(bcast("eth1"), bcast("eth1"));
    const { lab, a, b } = pair;
    for (const [namespace, host] of [[lab.a, 1], [lab.b, 2]] as const) {
      ip("-n", namespace, "addr", "flush", "dev", "eth1");
      await a.tell({ do: "send", medium: 0, text: `without address on ${host}` });
      await b.next("received", (event) => event.text === `without address on ${host}`);
    }
    ip("-n", lab.a, "addr", "add", "10.9.0.1/16", "brd", "10.9.255.255", "dev", "eth1");
    ip("-n", lab.b, "addr", "add", "10.9.0.2/16", "dev", "eth1");
    await a.tell({ do: "send", medium: 0, text: "new net" });
    await b.next("received", (event) => event.text === "new net");
  },
});

Deno.test({
  name: "UdpMedium: a notice that comes while no descriptor is free closes nothing and is made up",
  ignore,
  async fn() {
    await using pair = await UdpPair.open(bcast("eth1"), bcast("eth1"));
    const { lab, a, b } = pair;
    const limitDescriptors = (limits: string) => {
      const args = ["--pid", `${a.pid}`, `--nofile=${limits}`];
      assert.ok(new Deno.Command("prlimit", { args }).outputSync().success);
    };
    const limits = Deno.readTextFileSync(`/proc/${a.pid}/limits`);
    const [, soft, hard] = /Max open files +(\d+) +(\d+)/.exec(limits) ?? [];
    limitDescriptors(`3:${hard}`);
    const newsHasArrived = () => new Promise((done) => setTimeout(done, 100));
    ip("-n", lab.a, "addr", "add", "10.9.9.9/32", "dev", "eth1");
    await newsHasArrived();
    await a.tell({ do: "send", medium: 0, text: "still there" });
    await b.next("received", (event) => event.text === "still there");
    ip("-n", lab.a, "link", "set", "eth1", "down");
    await newsHasArrived();
    assert.deepEqual(a.events.filter(({ event }) => event === "usable"), []);
    limitDescriptors(`${soft}:${hard}`);
    assert.equal((await a.next("usable")).reason, 'interface "eth1" is down (ENETDOWN)');
  },
});

Deno.test({
  name: "UdpMedium: a flood while the receiver is busy does not push out the frame behind it",
  ignore,
  async fn() {
    await using pair = await UdpPair.open(ucast("eth1", "10.0.1.2"), ucast("eth1", "10.0.1.1"));
    const { a, b } = pair;
    const flood = 2000;
    Deno.kill(b.pid, "SIGSTOP");
    for (let i = 0; i < flood; i++) await a.tell({ do: "send", medium: 0, text: "flood" });
    await a.tell({ do: "send", medium: 0, text: "beat" });
    assert.equal((await a.stats()).sentFrames, flood + 1);
    Deno.kill(b.pid, "SIGCONT");
    await b.next("received", ({ text }) => text === "beat");
    assert.equal((await b.stats()).receivedFrames, flood + 1);
  },
});

Deno.test({
  name:
    "UdpMedium: a host that no route reaches is told once, each frame is counted, then it heals",
  ignore,
  async fn() {
    using lab = new Lab();
    const ucast6 = (host: string): MediumConfig => ({
      kind: "ucast6",
      interface: "eth1",
      host,
      port: PORT,
    });
    // Without link-local addresses, whose late arrival would heal the medium for a moment.
    for (const namespace of [lab.a, lab.b]) {
      ip("-n", namespace, "link", "set", "eth1", "addrgenmode", "none");
      ip("-n", namespace, "-6", "addr", "flush", "dev", "eth1");
    }
    ip("-n", lab.a, "addr", "add", "fd00::1/64", "dev", "eth1", "nodad");
    await using a = new MediumChild(lab.a, [ucast6("fd00:7::2")]);
    await using b = new MediumChild(lab.b, [ucast6("fd00:7::1")]);
    await a.openUsable();
    await b.openUsable();
    for (let i = 0; i < 4; i++) await a.tell({ do: "send", medium: 0, text: "nowhere" });
    assert.deepEqual((await a.stats()).sendErrors, { ENETUNREACH: 4 });
    const { usable, reason } = await a.next("usable");
    assert.equal(usable, false);
    assert.equal(
      reason,
      "send on ucast6 eth1 [fd00:7::2]:694: ENETUNREACH (Network is unreachable)",
    );
    assert.deepEqual(a.events, []);
    ip("-n", lab.b, "addr", "add", "fd00:7::2/64", "dev", "eth1", "nodad");
    ip("-n", lab.a, "addr", "add", "fd00:7::1/64", "dev", "eth1", "nodad");
    assert.equal((await a.next("usable")).usable, true);
    await a.tell({ do: "send", medium: 0, text: "found" });
    assert.equal((await b.next("received")).text, "found");
  },
});

Deno.test({
  name: "UdpMedium: a host that is away costs nothing but its frames",
  ignore,
  async fn() {
    await using pair = await UdpPair.open(ucast("eth1", "10.0.1.77"), ucast("eth1", "10.0.1.1"));
    const { lab, a, b } = pair;
    for (let i = 0; i < 4; i++) await a.tell({ do: "send", medium: 0, text: "nowhere" });
    const { sentFrames, sendErrors } = await a.stats();
    assert.deepEqual([sentFrames, sendErrors], [4, {}]);
    ip("-n", lab.b, "addr", "add", "10.0.1.77/24", "dev", "eth1");
    await a.tell({ do: "send", medium: 0, text: "found" });
    await b.next("received", (event) => event.text === "found");
    assert.deepEqual(a.events, []);
  },
});

Deno.test({
  name: "UdpMedium: the largest frame arrives whole, of a stranger's larger one the beginning",
  ignore,
  async fn() {
    await using pair = await UdpPair.open(ucast("eth1", "10.0.1.2"), ucast("eth1", "10.0.1.1"));
    const { lab, a, b } = pair;
    await a.tell({ do: "send", medium: 0, text: "x", times: MAX_FRAME_BYTES });
    assert.equal((await b.next("received")).text.length, MAX_FRAME_BYTES);
    await a.tell({ do: "send", medium: 0, text: "x", times: MAX_FRAME_BYTES + 1 });
    const { sentFrames, sentBytes, sendErrors } = await a.stats();
    assert.deepEqual([sentFrames, sentBytes, sendErrors], [1, MAX_FRAME_BYTES, { EMSGSIZE: 1 }]);
    const program = `import { createSocket } from "node:dgram";
      const socket = createSocket("udp4");
      socket.send(new Uint8Array(60_000).fill(120), ${PORT}, "10.0.1.2", () => socket.close());`;
    ip("netns", "exec", lab.a, Deno.execPath(), "eval", program);
    assert.equal((await b.next("received")).text.length, MAX_FRAME_BYTES + 1);
    assert.deepEqual(a.events, []);
  },
});

Deno.test({
  name: "UdpMedium: multicast and IPv6 media reach the peer, with loop off not the sender",
  ignore,
  async fn() {
    using lab = new Lab([1, 2]);
    const mcast = (kind: "mcast" | "mcast6", nic: string, group: string): MediumConfig => ({
      kind,
      interface: nic,
      group,
      port: PORT,
      ttl: 1,
      loop: false,
    });
    const media = (peer: string): MediumConfig[] => [
      mcast("mcast", "eth1", "225.0.0.7"),
      mcast("mcast", "eth2", "225.0.0.7"),
      mcast("mcast6", "eth1", "ff02::7"),
      { kind: "ucast6", interface: "eth1", host: peer, port: PORT },
    ];
    ip("-n", lab.a, "addr", "add", "fd00::1/64", "dev", "eth1", "nodad");
    ip("-n", lab.b, "addr", "add", "fd00::2/64", "dev", "eth1", "nodad");
    await using a = new MediumChild(lab.a, media("fd00::2"));
    await using b = new MediumChild(lab.b, media("fd00::1"));
    for (const child of [a, b]) {
      for (let medium = 0; medium < 4; medium++) await child.openUsable(medium);
    }
    for (let medium = 0; medium < 4; medium++) {
      const text = `by medium ${medium}`;
      await a.tell({ do: "send", medium, text });
      assert.equal((await b.next("received", (event) => event.text === text)).medium, medium);
    }
    for (let medium = 0; medium < 4; medium++) {
      assert.equal((await b.stats(medium)).receivedFrames, 1);
      assert.equal((await a.stats(medium)).receivedFrames, 0);
    }
  },
});

Deno.test({
  name: "UdpMedium: a host name is looked up; one without an answer is told and retried silently",
  ignore,
  async fn() {
    using lab = new Lab();
    await using a = new MediumChild(lab.a, [
      ucast("eth1", "localhost"),
      ucast("eth1", "no-such-host.invalid"),
    ]);
    await a.openUsable(0);
    await a.tell({ do: "open", medium: 1 });
    const unknown = await a.next("usable");
    assert.equal(unknown.usable, false);
    assert.match(unknown.reason, /no-such-host\.invalid/);
    await a.tell({ do: "send", medium: 1, text: "lost" });
    assert.equal((await a.stats(1)).sendErrors["ENOTCONN"], 1);
    await new Promise((done) => setTimeout(done, 600));
    assert.deepEqual(a.events, []);
  },
});

Deno.test({
  name:
    "UdpMedium: 200 times open and close leave no descriptor and no thread; nothing comes after",
  ignore,
  async fn() {
    using lab = new Lab();
    await using a = new MediumChild(lab.a, [bcast("eth1"), bcast("eth1")]);
    await using b = new MediumChild(lab.b, [bcast("eth1")]);
    // The second medium keeps the reactor running.
    await a.openUsable(1);
    await b.openUsable();
    const before = await a.count();
    await a.tell({ do: "cycle", medium: 0, times: 200 });
    const after = await a.count();
    assert.equal(after.fds, before.fds);
    // Pool threads of Deno come and go; a leak would be one of 200.
    const poolThreads = 50;
    assert(
      after.tasks <= before.tasks + poolThreads,
      `${before.tasks} threads, ${after.tasks} now`,
    );
    await a.openUsable(0);
    await a.tell({ do: "close", medium: 0 });
    // Its answer shows that the command before it is obeyed.
    await a.count();
    await b.tell({ do: "send", medium: 0, text: "who hears?" });
    assert.equal((await a.next("received")).medium, 1);
    assert.deepEqual(a.events, []);
    await a.tell({ do: "close", medium: 1 });
    await a.tell({ do: "stop-reactor" });
    const reactorFds = 2;
    const mediumFds = 3;
    assert.equal((await a.next("counted")).fds, before.fds - reactorFds - mediumFds);
  },
});

Deno.test("createMedium: titles and names are those that status shows", async () => {
  const reactor = new Reactor(() => {});
  try {
    const shown = ([
      { kind: "bcast", interface: "eth1", port: 694 },
      { kind: "ucast", interface: "eth1", host: "ha2", port: 695 },
      { kind: "ucast6", interface: "eth1", host: "fe80::2", port: 694 },
      { kind: "mcast", interface: "eth2", group: "225.0.0.1", port: 694, ttl: 1, loop: false },
      { kind: "mcast6", interface: "eth2", group: "ff02::1", port: 694, ttl: 1, loop: false },
      { kind: "serial", device: "/dev/ttyS0", baud: 19200 },
    ] as const).map((config) => createMedium(config, reactor))
      .map(({ kind, name, title }) => `${kind} | ${name} | ${title}`);
    assert.deepEqual(shown, [
      "bcast | eth1 | bcast eth1:694",
      "ucast | eth1 | ucast eth1 ha2:695",
      "ucast6 | eth1 | ucast6 eth1 [fe80::2]:694",
      "mcast | eth2 | mcast eth2 225.0.0.1:694",
      "mcast6 | eth2 | mcast6 eth2 [ff02::1]:694",
      "serial | /dev/ttyS0 | serial /dev/ttyS0 19200",
    ]);
  } finally {
    await reactor.stop();
  }
});
