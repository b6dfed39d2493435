/** Two hosts whose haresources differ: nothing runs twice, and both say what is wrong. */
import assert from "node:assert/strict";
import type { Host } from "../sim/host.ts";
import { configOf, DEADTIME_MS, INITDEAD_MS, KEEPALIVE_MS, Pair } from "./pair.ts";

const HERE = ["ha1 ip httpd"];
const THERE = ["ha2 ip httpd"];

/** Writes another haresources; as with a real one, the daemon does not know of it. */
function write(host: Host, lines: readonly string[]): void {
  const { groups } = configOf(host.name, { groups: lines });
  const ran = (text: string) =>
    host.config.groups.some((group) =>
      group.resources.some((one, at) => one.text === text && host.truth[group.index]?.[at])
    );
  host.truth = groups.map((group) => group.resources.map((one) => ran(one.text)));
  Object.assign(host.config, { groups });
}

function reload(host: Host, lines: readonly string[]): void {
  write(host, lines);
  host.reload();
}

function restart(host: Host): void {
  host.restartAfterMs = 100;
  host.order({ kind: "stop" });
}

/** Lets time pass and looks every 10 ms whether anything runs on both. */
function passOnce(pair: Pair, forMs: number): void {
  const running = (host: Host) =>
    host.config.groups.flatMap((group) =>
      group.resources.filter((_, at) => host.truth[group.index]?.[at]).map((one) => one.text)
    );
  for (let ms = 0; ms < forMs; ms += 10) {
    pair.pass(10);
    const there = running(pair.ha2);
    assert.deepEqual(running(pair.ha1).filter((one) => there.includes(one)), []);
  }
}

function runs(pair: Pair): [string[], string[]] {
  return [pair.runs(pair.ha1), pair.runs(pair.ha2)];
}

function differ(pair: Pair): boolean[] {
  return [pair.ha1, pair.ha2].map((host) => pair.view(host).difference !== null);
}

Deno.test("another home in both files, reload, restart one after the other: it moves, never twice", () => {
  const pair = new Pair({ groups: HERE, autoFailback: "on" }).boot();
  for (const host of [pair.ha1, pair.ha2]) reload(host, THERE);
  passOnce(pair, 3_000);
  assert.deepEqual(differ(pair), [false, false], "the old home is in force on both");

  restart(pair.ha2);
  passOnce(pair, 20_000);
  assert.deepEqual(runs(pair), [["ip"], []]);
  assert.deepEqual(differ(pair), [true, true]);
  for (const name of ["ha1", "ha2"]) {
    const said = pair.log.filter((line) =>
      line.startsWith(`${name} error: haresources differs between`)
    );
    assert.equal(said.length, 1, "not with every beat");
    const peer = name === "ha1" ? "ha2" : "ha1";
    const digests = new RegExp(
      `${name} \\((\\w{8})\\) and ${peer} \\((\\w{8})\\): compare the two`,
    );
    const [, ours, theirs] = digests.exec(said[0] ?? "") ?? [];
    assert.ok(ours !== undefined && ours !== theirs, said[0]);
  }

  restart(pair.ha1);
  passOnce(pair, 20_000);
  assert.deepEqual(runs(pair), [[], ["ip"]]);
  assert.deepEqual(differ(pair), [false, false]);
});

for (const [one, other] of [[HERE, THERE], [THERE, HERE]] as const) {
  Deno.test(`cold start, "${one}" on ha1, "${other}" on ha2: ha1 serves, ha2 at its death`, () => {
    const pair = new Pair({ groups: one });
    write(pair.ha2, other);
    pair.ha1.powerOn();
    pair.ha2.powerOn();
    passOnce(pair, 60_000);
    assert.deepEqual(runs(pair), [["ip"], []]);
    assert.deepEqual(differ(pair), [true, true]);
    pair.ha1.powerOff();
    passOnce(pair, DEADTIME_MS + 1_000);
    assert.deepEqual(runs(pair), [[], ["ip"]]);
    pair.ha1.powerOn();
    passOnce(pair, 60_000);
    assert.deepEqual(runs(pair), [[], ["ip"]], "who serves goes on");
  });
}

Deno.test("cold start beside a host whose haresources is empty: the other serves", () => {
  const pair = new Pair({ groups: HERE });
  write(pair.ha1, []);
  pair.boot();
  passOnce(pair, 30_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip"]);
  assert.deepEqual(differ(pair), [true, true]);
});

Deno.test("the files agree again: each group goes home", () => {
  const pair = new Pair({ groups: ["ha1 ip1 a", "ha2 ip2 b"] });
  write(pair.ha2, ["ha2 ip1 a", "ha2 ip2 b"]);
  pair.boot();
  passOnce(pair, 10_000);
  assert.deepEqual(runs(pair), [["ip1", "ip2"], []]);
  write(pair.ha2, ["ha1 ip1 a", "ha2 ip2 b"]);
  restart(pair.ha2);
  passOnce(pair, 10_000);
  assert.deepEqual(runs(pair), [["ip1"], ["ip2"]]);
});

for (const name of ["ha1", "ha2"] as const) {
  Deno.test(`${name}'s daemon is killed while it serves and finds another file: nothing runs twice`, () => {
    const pair = new Pair({ groups: ["ha1 ip1 a", "ha2 ip2 b"] }).boot();
    pair[name].killDaemon();
    write(pair[name], ["ha2 ip1 a", "ha1 ip2 b"]);
    pair.pass(KEEPALIVE_MS);
    pair[name].startDaemon();
    passOnce(pair, 60_000);
    assert.deepEqual(runs(pair).flat().sort(), ["ip1", "ip2"]);
  });
}

Deno.test("another file was read while the hosts could not see each other: the first name keeps all", () => {
  const pair = new Pair({ groups: ["ha1 ip1 a", "ha2 ip2 b"] }).boot();
  pair.wires(false);
  write(pair.ha2, ["ha2 ip1 a", "ha1 ip2 b"]);
  restart(pair.ha2);
  pair.pass(INITDEAD_MS + 2 * DEADTIME_MS);
  assert.deepEqual(runs(pair), [["ip1", "ip2"], ["ip1", "ip2"]]);
  pair.wires(true);
  pair.pass(10_000);
  assert.deepEqual(runs(pair), [["ip1", "ip2"], []]);
});

Deno.test("each took what the other runs while the cable was out: the first name keeps it", () => {
  const pair = new Pair({ groups: HERE });
  write(pair.ha2, THERE);
  pair.boot();
  pair.wires(false);
  pair.pass(2 * DEADTIME_MS);
  assert.deepEqual(runs(pair), [["ip"], ["ip"]]);
  pair.wires(true);
  pair.pass(10_000);
  assert.deepEqual(runs(pair), [["ip"], []]);
});

Deno.test("new resources start at once on the host that has read them first", () => {
  const pair = new Pair({ groups: HERE }).boot();
  reload(pair.ha1, [...HERE, "ha1 ip9 ftp"]);
  passOnce(pair, 3_000);
  assert.deepEqual(runs(pair), [["ip", "ip9"], []]);
  reload(pair.ha2, [...HERE, "ha1 ip9 ftp"]);
  passOnce(pair, 5_000);
  assert.deepEqual(runs(pair), [["ip", "ip9"], []]);
});

Deno.test("a line gets a new resource, one host reads it: it is not stopped until the other does", () => {
  const pair = new Pair({ groups: HERE }).boot();
  reload(pair.ha1, ["ha1 ip httpd ftp"]);
  passOnce(pair, 3_000);
  assert.deepEqual(runs(pair), [["ip"], []]);
  assert.deepEqual(pair.ha1.truth[0]?.slice(0, 3), [true, true, true]);
});

Deno.test("new resources, but of another home in the file that the second host reads: never twice", () => {
  const pair = new Pair({ groups: HERE }).boot();
  reload(pair.ha1, [...HERE, "ha1 ip9 ftp"]);
  passOnce(pair, 3_000);
  reload(pair.ha2, [...HERE, "ha2 ip9 ftp"]);
  passOnce(pair, 30_000);
  assert.deepEqual(runs(pair), [["ip", "ip9"], []]);
});

for (const names of [["ha1", "ha2"], ["ha2", "ha1"]] as const) {
  Deno.test(`a resource moves to a group of the other node, ${names[0]} reads it first: never twice`, () => {
    const pair = new Pair({ groups: ["ha1 ip1 a c", "ha2 ip2 b"] }).boot();
    pair.ha1.mood = { ...pair.ha1.mood, minMs: 700, maxMs: 700 };
    const after = ["ha1 ip1 a", "ha2 ip2 b c"];
    reload(pair[names[0]], after);
    passOnce(pair, 10_000);
    assert.equal(pair.runs(pair.ha1)[0], "ip1", "who only lost something goes on");
    assert.deepEqual(differ(pair), [true, true]);
    reload(pair[names[1]], after);
    passOnce(pair, 10_000);
    assert.deepEqual(runs(pair), [["ip1"], ["ip2"]]);
    assert.deepEqual(differ(pair), [false, false]);
  });
}

Deno.test("a changed line on both, slow to stop: nobody says that the files differ", () => {
  const pair = new Pair({ groups: ["ha1 ip1 a", "ha2 ip2 b"] }).boot();
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 5_000, maxMs: 5_000 };
  pair.log.length = 0;
  for (const host of [pair.ha1, pair.ha2]) {
    reload(host, ["ha1 ip1 nginx", "ha2 ip2 b"]);
    passOnce(pair, KEEPALIVE_MS);
  }
  pair.pass(2_000);
  pair.order(pair.ha1, "standby", "all");
  const refusal = "ha1 reply: false groups of removed lines are still being stopped";
  assert.ok(pair.log.includes(refusal));
  passOnce(pair, 40_000);
  assert.deepEqual(runs(pair), [["ip1"], ["ip2"]]);
  assert.deepEqual(pair.log.filter((line) => line.includes("haresources")), []);
});

for (const first of ["ha1", "ha2"] as const) {
  Deno.test(`a line changes home and resources, ${first} reads it first: stopped there, then started`, () => {
    const pair = new Pair({ groups: HERE }).boot();
    pair.ha1.mood = { ...pair.ha1.mood, minMs: 700, maxMs: 700 };
    const second = first === "ha1" ? "ha2" : "ha1";
    for (const name of [first, second] as const) {
      reload(pair[name], ["ha2 ip nginx"]);
      // The simulated host forgets what is in no line any more.
      passOnce(pair, 100);
    }
    passOnce(pair, 10_000);
    const steps = pair.story.filter((line) => / (stop|start) /.test(line)).slice(2);
    assert.deepEqual(steps.slice(0, 2), ["ha1 stop httpd", "ha1 stop ip"]);
    assert.deepEqual(steps.slice(2), ["ha2 start ip", "ha2 start nginx"]);
  });
}

Deno.test("while files differ nothing is handed over, and the refusal says why", () => {
  const pair = new Pair({ groups: HERE }).boot();
  reload(pair.ha2, [...HERE, "ha2 ip9 ftp"]);
  pair.pass(2_000);
  assert.deepEqual(pair.order(pair.ha1, "standby", "all"), []);
  assert.deepEqual(pair.order(pair.ha2, "takeover", "all"), []);
  const refusals = pair.log.filter((line) => /reply: false haresources differs/.test(line));
  assert.equal(refusals.length, 2);
  assert.deepEqual(runs(pair), [["ip"], ["ip9"]]);
});

Deno.test("mask and interface of an address may differ, and lines may stand in another order", () => {
  const pair = new Pair();
  const group = (index: number, node: string, address: string) => {
    const resource = { text: address, agent: "IPaddr", args: [address] };
    return { index, key: address, node, resources: [resource] };
  };
  Object.assign(pair.ha1.config, {
    groups: [group(0, "ha1", "192.168.2.3/24/eth0"), group(1, "ha2", "192.168.2.4")],
  });
  Object.assign(pair.ha2.config, {
    groups: [group(0, "ha2", "192.168.2.4/24/ens3"), group(1, "ha1", "192.168.2.3/24/ens3")],
  });
  pair.boot();
  assert.deepEqual(differ(pair), [false, false]);
});

Deno.test("two IPv6 addresses of one network are two resources", () => {
  const pair = new Pair();
  const write = (host: typeof pair.ha1, end: string) => {
    const args = ["2001:db8:5", `${end}/64/eth0`];
    const resource = { text: `IPv6addr::${args.join("::")}`, agent: "IPv6addr", args };
    const groups = [{ index: 0, key: resource.text, node: "ha1", resources: [resource] }];
    Object.assign(host.config, { groups });
  };
  write(pair.ha1, "50");
  write(pair.ha2, "51");
  pair.boot();
  assert.deepEqual(differ(pair), [true, true]);
});

Deno.test("a node that manages nothing has no file that could differ", () => {
  const pair = new Pair({ groups: HERE });
  pair.ha2.manages = false;
  write(pair.ha2, []);
  pair.boot();
  passOnce(pair, 10_000);
  assert.deepEqual(differ(pair), [false, false]);
  assert.deepEqual(runs(pair), [["ip"], []]);
});
