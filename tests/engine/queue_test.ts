/** Order across lines: those of one home start in file order and stop in reverse. */
import assert from "node:assert/strict";
import { Pair } from "./pair.ts";

/** A line that carries the disk of the next, which would fail without it. */
const STORE = ["ha1 lun config", "ha1 ip target", "ha2 ip2 mail"];

/** What one host did, without the other's part and the talk between them. */
function deeds(story: readonly string[], host: string): string[] {
  return story.filter((line) => new RegExp(`^${host} (start|stop) `).test(line))
    .map((line) => line.slice(host.length + 1));
}

Deno.test("lines of one home start one after another, in file order", () => {
  const pair = new Pair({ groups: STORE }).boot();
  assert.deepEqual(deeds(pair.story, "ha1"), [
    "start lun",
    "start config",
    "start ip",
    "start target",
  ]);
});

Deno.test("a line behind one that is starting is not even asked how it is", () => {
  const pair = new Pair({ groups: STORE });
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 1_000, maxMs: 1_000 };
  pair.boot();
  // Two calls, status and start, for each of two resources.
  assert.deepEqual(deeds(pair.story, "ha1"), ["start lun", "start config"]);
  assert.deepEqual(pair.view(pair.ha1).groups.map(({ status }) => status), [
    "started",
    "starting",
    "stopped",
  ]);
});

Deno.test("own and foreign lines are two queues side by side", () => {
  const pair = new Pair({ groups: STORE }).boot();
  pair.ha2.powerOff();
  pair.pass(10_000);
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 1_000, maxMs: 1_000 };
  pair.ha1.powerOff();
  pair.ha1.powerOn();
  const story = deeds(pair.pass(36_000), "ha1");
  assert.deepEqual(story.slice(0, 2).sort(), ["start ip2", "start lun"]);
});

Deno.test("stop goes in reverse: across the lines of one home, and inside each", () => {
  const pair = new Pair({ groups: STORE }).boot();
  assert.deepEqual(deeds(pair.order(pair.ha1, "standby", "local"), "ha1"), [
    "stop target",
    "stop ip",
    "stop config",
    "stop lun",
  ]);
  pair.ha2.order({ kind: "stop" });
  const story = deeds(pair.pass(5_000), "ha2");
  assert.deepEqual(story.filter((line) => !/ip2|mail/.test(line)), [
    "stop target",
    "stop ip",
    "stop config",
    "stop lun",
  ]);
});

Deno.test("a line that fails to start lets the next one begin at once, also in its later tries", () => {
  const pair = new Pair({ groups: STORE });
  for (const host of [pair.ha1, pair.ha2]) host.broken.add("lun");
  pair.boot();
  pair.pass(120_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip"]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip2"]);
});

/** ha1 is alone and can start neither of its lines; then the second could, and it is told. */
function startsSecond(pair: Pair, broken: string, retried: readonly string[]): void {
  const { ha1 } = pair;
  ha1.broken.add(broken).add("target");
  ha1.powerOn();
  pair.pass(600_000);
  ha1.broken.delete("target");
  for (const group of retried) ha1.order({ kind: "retry", group, isStopped: false });
  pair.pass(2_000);
}

Deno.test("a line that waits for its next try holds up no other", () => {
  const pair = new Pair({ groups: STORE });
  startsSecond(pair, "lun", ["ip"]);
  assert.deepEqual(pair.runs(pair.ha1), ["ip", "ip2"]);
});

Deno.test("a line whose failed start cannot be undone holds up no other, also once it is tried again", () => {
  const pair = new Pair({ groups: STORE });
  pair.ha1.stuck.add("lun");
  startsSecond(pair, "config", ["lun", "ip"]);
  assert.deepEqual(pair.runs(pair.ha1), ["ip", "ip2"]);
});

Deno.test("a line whose start hangs holds up the next until its deadline, and no longer", () => {
  const pair = new Pair({ groups: STORE });
  const { ha1, ha2 } = pair;
  ha1.mood = { ...ha1.mood, minMs: 1_000, maxMs: 1_000 };
  ha1.powerOn();
  ha2.powerOn();
  for (let at = 0; pair.view(ha1).groups[0]?.status !== "starting"; at += 1) {
    assert.ok(at < 1_000, "ha1 begins with lun");
    pair.pass(10);
  }
  ha1.mood = { ...ha1.mood, hang: 1 };
  pair.pass(1_500);
  ha1.mood = { ...ha1.mood, hang: 0 };
  assert.deepEqual(deeds(pair.story, "ha1"), ["start lun"]);
  assert.deepEqual(deeds(pair.pass(ha1.config.startDeadlineMs - 1_600), "ha1"), []);
  assert.ok(deeds(pair.pass(3_000), "ha1").includes("start ip"));
});

Deno.test("a line that may still run on the peer waits, and the next one does not", () => {
  const pair = new Pair({ groups: STORE }).boot();
  pair.ha1.stuck.add("lun");
  pair.ha1.restartAfterMs = 1e9;
  pair.ha1.order({ kind: "stop" });
  pair.pass(20_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip", "ip2"]);
});

Deno.test("a line that does not stop lets those above it stop after its second failure", () => {
  const pair = new Pair({ groups: STORE }).boot();
  pair.ha1.stuck.add("target");
  pair.ha1.order({ kind: "stop" });
  const story = deeds(pair.pass(3_000), "ha1");
  assert.deepEqual(story.slice(0, 3), ["stop target", "stop target", "stop config"]);
  assert.deepEqual(pair.runs(pair.ha2), ["lun", "ip2"]);
});

Deno.test("the file says the order, also after a reload that changed it", () => {
  const pair = new Pair({ groups: STORE }).boot();
  const [first, second, ...others] = pair.ha1.config.groups;
  assert.ok(first !== undefined && second !== undefined);
  const groups = [{ ...second, index: 0 }, { ...first, index: 1 }, ...others];
  pair.ha1.reload({ groups });
  pair.pass(1_000);
  assert.deepEqual(deeds(pair.order(pair.ha1, "standby", "local"), "ha1"), [
    "stop config",
    "stop lun",
    "stop target",
    "stop ip",
  ]);
});
