/** Order, rollback and retries inside a group. */
import assert from "node:assert/strict";
import { groupOf, Pair } from "./pair.ts";

const GROUPS = ["ha1 ip disk httpd mail"];

Deno.test("a failed start is rolled back right to left, and the peer gets the share", () => {
  const pair = new Pair({ groups: GROUPS });
  pair.ha1.mood = { ...pair.ha1.mood, failStart: 1 };
  pair.boot();
  assert.ok(pair.log.some((line) => line.includes("Giving up resources due to failure of ip")));
  pair.pass(5_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip"]);
  assert.deepEqual(pair.runs(pair.ha1), []);
});

Deno.test("a start that fails on both hosts is tried again, further and further apart", () => {
  const pair = new Pair({ groups: GROUPS });
  pair.ha1.mood = { ...pair.ha1.mood, failStart: 1 };
  pair.ha2.mood = { ...pair.ha2.mood, failStart: 1 };
  pair.boot();
  pair.pass(300_000);
  const tries = pair.story.filter((line) => line.endsWith(" start ip")).length;
  assert.ok(tries > 5 && tries < 20, `${tries} tries in five minutes`);
  const group = pair.view(pair.ha1).groups[0];
  assert.match(group?.problem ?? "", /start of ip: the dice said so/);
  pair.ha1.mood = { ...pair.ha1.mood, failStart: 0 };
  pair.ha2.mood = { ...pair.ha2.mood, failStart: 0 };
  pair.pass(61_000);
  assert.equal(pair.runs(pair.ha1).length + pair.runs(pair.ha2).length, 1);
});

Deno.test("a failed stop is tried eleven times; still running, its group is blocked", () => {
  const pair = new Pair({ groups: GROUPS }).boot();
  pair.ha1.mood = { ...pair.ha1.mood, failStop: 1 };
  pair.ha1.order({ kind: "stop" });
  const story = pair.pass(14_000);
  assert.equal(story.filter((line) => line === "ha1 stop mail").length, 11);
  assert.ok(!story.includes("ha1 stop httpd"), "nothing to its left is stopped");
  assert.ok(pair.log.some((line) => line.includes("Resource STOP failure of mail")));
  assert.deepEqual(pair.runs(pair.ha2), []);
});

Deno.test("a stop that fails twice calls a standby off: what was stopped serves again at once", () => {
  const pair = new Pair({ groups: ["ha1 ip disk", "ha1 ip2 mail"] }).boot();
  pair.ha1.stuck.add("disk");
  const story = pair.order(pair.ha1, "standby", "local");
  assert.equal(story.filter((line) => line === "ha1 stop disk").length, 2);
  assert.deepEqual(pair.runs(pair.ha1), ["ip", "ip2"]);
  assert.ok(pair.log.includes(
    "ha1 crit: Standby of local cancelled: stop of disk: the dice said so. It stays here.",
  ));
  assert.ok(pair.log.some((line) => line.includes("ha1 no longer wants to go standby")));
  assert.equal(pair.view(pair.ha1).inTransition, false);
  assert.equal(pair.view(pair.ha2).inTransition, false);
  assert.deepEqual(pair.pass(3_600_000).filter((line) => / (start|stop) /.test(line)), []);
});

Deno.test("a failback that a stop held up is not tried again before the peer was away", () => {
  const pair = new Pair({ groups: ["ha1 ip disk", "ha1 ip2 mail"] }).boot();
  pair.ha1.powerOff();
  pair.pass(10_000);
  pair.ha2.stuck.add("disk");
  pair.ha1.powerOn();
  const story = pair.pass(3_600_000);
  assert.equal(story.filter((line) => line === "ha2 stop mail").length, 1);
  assert.deepEqual(pair.runs(pair.ha2), ["ip", "ip2"]);
  pair.ha2.stuck.delete("disk");
  pair.ha1.powerOff();
  pair.pass(10_000);
  pair.ha1.powerOn();
  pair.pass(10_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip", "ip2"]);
});

Deno.test("a standby of all that is called off takes back what was held, and no more", () => {
  const pair = new Pair().boot();
  pair.ha1.mood = { ...pair.ha1.mood, failStop: 1 };
  pair.ha1.order({ kind: "standby", share: "all" });
  pair.pass(14_000);
  assert.equal(pair.view(pair.ha1).holds, "local");
  assert.ok(!pair.log.some((line) => line.includes("Both machines own")));
});

Deno.test("a failed stop while leaving: it is tried on, and this node ends once it succeeds", () => {
  const pair = new Pair({ groups: GROUPS }).boot();
  pair.ha1.mood = { ...pair.ha1.mood, failStop: 1 };
  pair.ha1.order({ kind: "stop" });
  pair.pass(5_000);
  const [asked] = pair.view(pair.ha1).groups;
  assert.deepEqual(asked?.resources.map(({ running }) => running), [true, true, true, null]);
  assert.equal(asked?.failedStops, 5);
  pair.pass(15_000);
  assert.equal(pair.view(pair.ha1).phase, "leaving");
  assert.equal(pair.view(pair.ha1).groups[0]?.status, "blocked");
  assert.deepEqual(pair.runs(pair.ha2), []);
  pair.ha1.mood = { ...pair.ha1.mood, failStop: 0 };
  pair.ha1.restartAfterMs = 1e9;
  pair.pass(40_000);
  assert.equal(pair.ha1.engine, null);
  assert.deepEqual(pair.runs(pair.ha2), ["ip"]);
});

Deno.test("a stop that fails although its resource is down counts as done, with a complaint", () => {
  const pair = new Pair({ groups: GROUPS }).boot();
  pair.ha1.mood = { ...pair.ha1.mood, failStop: 1 };
  pair.ha1.restartAfterMs = 1e9;
  pair.ha1.order({ kind: "stop" });
  pair.pass(5_000);
  const members = pair.ha1.truth[0];
  assert.ok(members !== undefined);
  members[3] = false;
  pair.pass(8_000);
  assert.ok(pair.log.some((line) => line.includes("mail says that it is stopped although")));
  pair.ha1.mood = { ...pair.ha1.mood, failStop: 0 };
  pair.pass(5_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip"]);
});

Deno.test("a status that cannot be known is treated like stopped before a start", () => {
  const pair = new Pair({ groups: GROUPS });
  pair.ha1.mood = { ...pair.ha1.mood, failStatus: 1 };
  pair.boot();
  assert.deepEqual(pair.runs(pair.ha1), ["ip"]);
});

Deno.test("a start that could not begin needs no stop: what ran is released, the peer is offered it", () => {
  const pair = new Pair({ groups: ["ha1 ip httpd"] }).boot();
  pair.ha2.missing.add("httpd");
  pair.ha1.powerOff();
  pair.pass(30_000);
  assert.ok(!pair.story.includes("ha2 stop httpd"));
  assert.deepEqual(
    pair.ha2.truth[0],
    [false, false],
    "the address is not kept without its service",
  );
  assert.match(pair.view(pair.ha2).groups[0]?.problem ?? "", /start of httpd: no such script/);
  pair.ha1.powerOn();
  pair.pass(30_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip"]);
  assert.equal(pair.view(pair.ha2).groups[0]?.status, "stopped");
});

Deno.test("a service that runs and has lost its script counts as running: a failed stop, named", () => {
  const pair = new Pair({ groups: ["ha1 ip httpd"] }).boot();
  pair.ha1.missing.add("httpd");
  pair.ha1.order({ kind: "stop" });
  pair.pass(14_000);
  assert.deepEqual(pair.ha1.truth[0], [true, true]);
  assert.equal(pair.view(pair.ha1).groups[0]?.status, "blocked");
  assert.match(pair.view(pair.ha1).groups[0]?.problem ?? "", /stop of httpd: no such script/);
  assert.deepEqual(pair.runs(pair.ha2), []);
});

const TWO = ["ha1 ip disk", "ha1 ip2 mail"];
const mailStops = (story: readonly string[]) =>
  story.filter((line) => line.endsWith(" stop mail")).length;

Deno.test("a group that starts nowhere goes to the peer and back once, and then lets others be", () => {
  const pair = new Pair({ groups: TWO });
  for (const host of [pair.ha1, pair.ha2]) host.broken.add("disk");
  pair.boot();
  pair.pass(60_000);
  const offers = pair.story.filter((line) => / ask_resources \w+ me$/.test(line));
  assert.deepEqual(offers, [
    "ha1 sends ask_resources local me",
    "ha2 sends ask_resources foreign me",
  ]);
  assert.equal(mailStops(pair.pass(7_200_000)), 0);
  assert.deepEqual(pair.runs(pair.ha1), ["ip2"], "the healthy one is at home");
});

for (
  const [what, change] of [
    ["a reload", (pair: Pair) => pair.ha1.reload()],
    ["a restart of the peer", (pair: Pair) => {
      pair.ha2.powerOff();
      pair.pass(20_000);
      pair.ha2.powerOn();
    }],
    ["an operator's move there and back", (pair: Pair) => {
      pair.ha2.broken.clear();
      pair.order(pair.ha1, "standby", "local");
      pair.order(pair.ha2, "standby", "foreign");
    }],
  ] as const
) {
  Deno.test(`a group that starts nowhere is offered to the peer again after ${what}`, () => {
    const pair = new Pair({ groups: TWO });
    for (const host of [pair.ha1, pair.ha2]) host.broken.add("disk");
    pair.boot();
    pair.pass(60_000);
    pair.ha2.broken.clear();
    assert.equal(mailStops(pair.pass(600_000)), 0);
    change(pair);
    pair.pass(180_000);
    assert.deepEqual(pair.runs(pair.ha2), ["ip", "ip2"]);
  });
}

Deno.test("a start that fails after the share was given away is no reason to offer anything", () => {
  const pair = new Pair({ groups: TWO });
  pair.ha1.broken.add("disk");
  pair.ha1.mood = { ...pair.ha1.mood, minMs: 1_000, maxMs: 1_000 };
  pair.ha1.powerOn();
  pair.ha2.powerOn();
  for (let at = 0; !pair.story.includes("ha1 start disk"); at += 1) {
    assert.ok(at < 1_000, "ha1 begins to start disk");
    pair.pass(10);
  }
  pair.pass(500);
  pair.ha1.order({ kind: "standby", share: "local" });
  pair.pass(3_600_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip", "ip2"]);
  assert.equal(pair.story.filter((line) => line.endsWith("ask_resources local me")).length, 1);
});

Deno.test("what does not stop when its node leaves keeps its own group back, and no other", () => {
  const pair = new Pair({ groups: [...TWO, "ha2 ip3 news"] }).boot();
  const { ha1, ha2 } = pair;
  ha1.stuck.add("disk");
  ha1.restartAfterMs = 1e9;
  ha1.order({ kind: "stop" });
  pair.pass(5_000);
  assert.deepEqual(pair.runs(ha2), ["ip2", "ip3"]);
  assert.ok(pair.log.includes(
    "ha2 warn: ha1 cannot leave, it still runs ip disk: taking the rest",
  ));
  assert.equal(pair.view(ha1).phase, "leaving");
  pair.pass(300_000);
  assert.deepEqual(ha2.truth[0], [false, false], "it may still run on ha1");
  ha1.stuck.clear();
  pair.pass(40_000);
  assert.equal(ha1.engine, null);
  assert.deepEqual(pair.runs(ha2), ["ip", "ip2", "ip3"]);
});

Deno.test("a node that boots beside one that cannot leave takes all but what is kept there", () => {
  const pair = new Pair({ groups: TWO }).boot();
  const { ha1, ha2 } = pair;
  ha2.powerOff();
  pair.pass(10_000);
  ha1.stuck.add("disk");
  ha1.order({ kind: "stop" });
  pair.pass(10_000);
  ha2.powerOn();
  pair.pass(10_000);
  assert.deepEqual(pair.runs(ha2), ["ip2"]);
  ha1.powerOff();
  pair.pass(10_000);
  assert.deepEqual(pair.runs(ha2), ["ip", "ip2"]);
});

/** Something begins to run on a host without anybody's order, as a service that the system starts. */
function strays(pair: Pair, at: number): void {
  const members = pair.ha1.truth[0];
  assert.ok(members !== undefined);
  members[at] = true;
}

Deno.test("what runs behind a resource that does not start is stopped before the group is given away", () => {
  const pair = new Pair({ groups: GROUPS });
  strays(pair, 3);
  pair.ha1.broken.add("disk");
  pair.boot();
  pair.pass(5_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip"]);
  assert.deepEqual(pair.ha1.truth[0], [false, false, false, false]);
  const stopped = pair.story.indexOf("ha1 stop mail");
  assert.ok(stopped >= 0 && stopped < pair.story.indexOf("ha2 start ip"), pair.story.join("\n"));
  assert.ok(!pair.story.includes("ha1 stop httpd"), "its status has said that it is stopped");
});

Deno.test("what runs behind a resource that does not start and does not stop stays alone", () => {
  const pair = new Pair({ groups: GROUPS });
  strays(pair, 3);
  pair.ha1.missing.add("disk");
  pair.ha1.stuck.add("mail");
  pair.boot();
  pair.pass(60_000);
  assert.equal(pair.view(pair.ha1).groups[0]?.status, "blocked");
  assert.ok(!pair.story.includes("ha2 start ip"), "mail would run twice");
});

Deno.test("behind a failed start, what cannot say how it is is stopped", () => {
  const pair = new Pair({ groups: GROUPS });
  strays(pair, 3);
  pair.ha1.broken.add("disk");
  pair.ha1.mood = { ...pair.ha1.mood, failStatus: 1 };
  pair.boot();
  pair.pass(5_000);
  assert.deepEqual(pair.ha1.truth[0], [false, false, false, false]);
  assert.deepEqual(pair.runs(pair.ha2), ["ip"]);
});

for (const kind of ["missing", "refused"] as const) {
  Deno.test(`behind a failed start, what is ${kind} counts as stopped`, () => {
    const pair = new Pair({ groups: GROUPS });
    pair.ha1.broken.add("disk");
    pair.ha1[kind].add("mail");
    pair.boot();
    pair.pass(5_000);
    assert.deepEqual(pair.runs(pair.ha2), ["ip"]);
  });
}

Deno.test("refused words are no failed stop: not at the start, not after a kill, not at the end", () => {
  const pair = new Pair({ groups: ["ha1 ip typo httpd"] });
  const { ha1, ha2 } = pair;
  for (const host of [ha1, ha2]) host.refused.add("typo");
  pair.boot();
  pair.pass(60_000);
  for (const host of [ha1, ha2]) assert.deepEqual(host.truth[0], [false, false, false]);
  ha1.killDaemon();
  ha1.startDaemon();
  pair.pass(60_000);
  assert.equal(pair.view(ha1).groups[0]?.failedStops, 0);
  ha1.restartAfterMs = 1e9;
  ha1.order({ kind: "stop" });
  pair.pass(5_000);
  assert.equal(ha1.engine, null);
});

Deno.test("a resource that runs and whose words are refused now is not taken for stopped", () => {
  const pair = new Pair({ groups: ["ha1 ip httpd"] }).boot();
  pair.ha1.refused.add("httpd");
  pair.ha1.order({ kind: "stop" });
  pair.pass(60_000);
  assert.equal(pair.view(pair.ha1).groups[0]?.status, "blocked");
  assert.deepEqual(pair.ha1.truth[0], [true, true]);
});

Deno.test("a corrected line frees the group whose words were refused", () => {
  const pair = new Pair({ groups: ["ha1 ip typo"] });
  const { ha1, ha2 } = pair;
  for (const host of [ha1, ha2]) host.refused.add("typo");
  pair.boot();
  pair.pass(10_000);
  const groups = [{ ...groupOf("ha1 ip right", 0) }];
  for (const host of [ha1, ha2]) host.reload({ groups });
  pair.pass(60_000);
  assert.deepEqual(pair.view(ha1).groups.map(({ status }) => status), ["started"]);
  assert.equal(pair.view(ha2).groups.length, 1);
});
