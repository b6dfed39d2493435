/** Boot, death, return, leave and heal of a pair, each told as one story. */
import assert from "node:assert/strict";
import { DEADTIME_MS, INITDEAD_MS, Pair } from "./pair.ts";

const starts = (story: readonly string[]) => story.filter((line) => / (start|stop) /.test(line));

Deno.test("cold start of both: each takes its own groups, left to right, within a second", () => {
  const pair = new Pair();
  pair.ha1.powerOn();
  pair.ha2.powerOn();
  const story = pair.pass(1_500);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip2"]);
  assert.deepEqual(starts(story).filter((line) => line.startsWith("ha1")), [
    "ha1 start ip1",
    "ha1 start httpd1",
  ]);
});

Deno.test("first node alone: takes everything once initdead is over, and not before", () => {
  const pair = new Pair();
  pair.ha1.powerOn();
  assert.deepEqual(starts(pair.pass(INITDEAD_MS - 1)), []);
  pair.pass(200);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});

Deno.test("death of the peer: the survivor starts at deadtime after the last beat, in order", () => {
  const pair = new Pair().boot();
  pair.pass(10);
  const beat = pair.view(pair.ha2).nodes.find((node) => node.name === "ha1")?.heardMs ?? NaN;
  pair.ha1.powerOff();
  assert.deepEqual(starts(pair.pass(DEADTIME_MS - beat - 1)), []);
  assert.deepEqual(starts(pair.pass(100)), ["ha2 start ip1", "ha2 start httpd1"]);
  assert.ok(pair.log.includes("ha2 warn: node ha1: is dead"));
  assert.ok(pair.log.includes("ha2 info: Resources being acquired from ha1."));
  assert.equal(pair.view(pair.ha2).holds, "all");
});

for (const autoFailback of ["on", "legacy", "off"] as const) {
  Deno.test(`return of the preferred node with auto_failback ${autoFailback}`, () => {
    const pair = new Pair({ autoFailback }).boot();
    pair.ha1.powerOff();
    pair.pass(10_000);
    pair.ha1.powerOn();
    const story = starts(pair.pass(10_000));
    if (autoFailback === "off") {
      assert.deepEqual(story, []);
      assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
    } else {
      assert.deepEqual(story, [
        "ha2 stop httpd1",
        "ha2 stop ip1",
        "ha1 start ip1",
        "ha1 start httpd1",
      ]);
    }
  });
}

Deno.test("graceful leave: released in reverse, then taken over without waiting for deadtime", () => {
  const pair = new Pair().boot();
  pair.ha1.restartAfterMs = 1e9;
  pair.ha1.order({ kind: "stop" });
  assert.deepEqual(pair.pass(300), [
    "ha1 sends resource none 0 shutdown",
    "ha1 stop httpd1",
    "ha1 stop ip1",
    "ha1 sends shutdone",
    "ha2 sends resource all 1",
    "ha2 start ip1",
    "ha2 start httpd1",
  ]);
  pair.pass(1_000);
  assert.equal(pair.ha1.engine, null);
  assert.ok(pair.log.includes("ha1 reply: true ha1 Heartbeat shutdown complete."));
});

Deno.test("leave while the peer is away: ends at once, nobody waits for an answer", () => {
  const pair = new Pair();
  pair.ha1.powerOn();
  pair.pass(INITDEAD_MS + 1_000);
  pair.ha1.restartAfterMs = 1e9;
  pair.ha1.order({ kind: "stop" });
  pair.pass(100);
  assert.equal(pair.ha1.engine, null);
});

Deno.test("heal of a partition: the preferred node keeps its groups, the other gives them up", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.wires(false);
  pair.pass(10_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
  pair.wires(true);
  pair.announced.length = 0;
  pair.pass(3_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip2"]);
  assert.ok(pair.log.includes("ha1 crit: Cluster node ha2 returning after partition."));
  assert.ok(pair.announced.includes("ha1 ip1"), "the winner says again where its address is");
});

Deno.test("one medium cut: nothing happens but a line about the link", () => {
  const pair = new Pair().boot();
  pair.network.cut("ha1", "ha2", "eth1");
  pair.network.cut("ha2", "ha1", "eth1");
  assert.deepEqual(starts(pair.pass(20_000)), []);
  assert.ok(pair.log.includes("ha1 info: Link ha2:eth1 dead."));
  pair.network.mend("ha2", "ha1", "eth1");
  pair.pass(1_500);
  assert.ok(pair.log.includes("ha1 info: Link ha2:eth1 up."));
});

Deno.test("restart of a killed daemon within deadtime: keeps what runs, the peer takes nothing", () => {
  const pair = new Pair().boot();
  pair.ha1.killDaemon();
  pair.pass(2_000);
  pair.ha1.startDaemon();
  assert.deepEqual(starts(pair.pass(10_000)), []);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.ok(pair.log.includes("ha1 info: ip1 still runs here: keeping it"));
});

Deno.test("restart beside a half-running group: nothing is started before the peer was heard", () => {
  const pair = new Pair().boot();
  pair.ha1.killDaemon();
  const members = pair.ha1.truth[0];
  assert.ok(members !== undefined);
  members[1] = false;
  pair.wires(false);
  // What is on its way still arrives.
  pair.pass(10);
  pair.ha1.startDaemon();
  assert.deepEqual(starts(pair.pass(INITDEAD_MS - 1_000)), [
    "ha2 start ip1",
    "ha2 start httpd1",
  ]);
});

Deno.test("restart of a killed daemon after the peer took over: gives up what it still runs", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.ha1.killDaemon();
  pair.pass(10_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
  pair.ha1.startDaemon();
  assert.deepEqual(starts(pair.pass(10_000)), ["ha1 stop httpd1", "ha1 stop ip1"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
});

Deno.test("restart of a killed daemon after the peer took over: the group goes home at once", () => {
  const pair = new Pair({ autoFailback: "on" }).boot();
  pair.ha1.killDaemon();
  pair.pass(10_000);
  pair.ha1.startDaemon();
  pair.pass(2_500);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip2"]);
  assert.ok(!pair.log.some((line) => line.includes("ignored")), "nobody spoke too early");
});

Deno.test("a frozen host that was taken over gives up first and joins with a new generation", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  const before = pair.view(pair.ha1).generation;
  pair.ha1.freeze(DEADTIME_MS * 2);
  pair.pass(DEADTIME_MS * 2 - 1);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
  assert.deepEqual(pair.pass(10)[0], "ha1 stop httpd1");
  pair.pass(10_000);
  assert.equal(pair.view(pair.ha1).generation, before + 1);
  assert.deepEqual(pair.runs(pair.ha1), []);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
});

Deno.test("a short freeze makes nobody accuse the other", () => {
  const pair = new Pair().boot();
  pair.ha1.freeze(DEADTIME_MS - 1_200);
  assert.deepEqual(starts(pair.pass(20_000)), []);
});

Deno.test("a share that nobody holds is taken by its preferred node after a moment", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.order(pair.ha1, "standby", "local");
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
  // The holder loses power for less than deadtime: nobody declares it dead.
  pair.ha2.powerOff();
  pair.pass(500);
  pair.ha2.powerOn();
  pair.pass(10_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip2"]);
  assert.ok(pair.log.includes("ha1 warn: No one owns local resources: acquiring them"));
});
