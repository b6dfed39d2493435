/**
 * A planned move looks before it leaps: a node on which nobody could reach a group does not take it by
 * an order or a failback, and takes it all the same when nobody else can serve it.
 */
import assert from "node:assert/strict";
import type { Host } from "../sim/host.ts";
import { OriginalPeer } from "./original_peer.ts";
import { DEADTIME_MS, Pair } from "./pair.ts";

const WHY = "eth0 has no carrier, and ip1 needs it";

/** The kernel says that nobody would reach this group on the host; without a key: that all is well. */
function cutOff(host: Host, ...keys: string[]): void {
  const unreachable = keys.map((key) => ({ key, why: `eth0 has no carrier, and ${key} needs it` }));
  host.dispatch({ kind: "reach", at: host.at, unreachable });
}

function answers(pair: Pair, host: Host): string[] {
  const words = `${host.name} reply: `;
  return pair.log.filter((line) => line.startsWith(words)).map((line) => line.slice(words.length));
}

Deno.test("a standby to a node that nobody reaches is refused there, and the orderer learns why", () => {
  const pair = new Pair().boot();
  cutOff(pair.ha2, "ip1");
  const story = pair.order(pair.ha1, "standby", "local");
  assert.deepEqual(answers(pair, pair.ha1), [`false ha2 refuses: ${WHY}`]);
  assert.deepEqual(story.filter((line) => / (start|stop) /.test(line)), []);
  assert.ok(pair.log.includes(`ha2 warn: standby message [me] from ha1 ignored. ${WHY}.`));
  cutOff(pair.ha2);
  pair.order(pair.ha1, "standby", "local");
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"], "the cable is back");
});

Deno.test("a takeover by a node that nobody reaches is refused by itself, for that share alone", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  cutOff(pair.ha2, "ip1");
  const story = pair.order(pair.ha2, "takeover", "all");
  assert.deepEqual(answers(pair, pair.ha2), [`false ${WHY}`]);
  assert.deepEqual(story, []);
  cutOff(pair.ha2, "ip2");
  pair.order(pair.ha2, "takeover", "all");
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"], "ip2 runs there anyway");
});

Deno.test("what would go home by itself waits until it can be reached there, and is said seldom", () => {
  const pair = new Pair().boot();
  pair.ha2.powerOff();
  pair.pass(DEADTIME_MS + 3_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
  pair.ha2.powerOn();
  cutOff(pair.ha2, "ip2");
  const before = pair.log.length;
  pair.pass(150_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
  const why = "ha2 refuses: eth0 has no carrier, and ip2 needs it";
  const told = pair.log.slice(before).filter((line) => line.includes(why));
  assert.ok(told.length >= 2 && told.length <= 3, told.join("\n"));
  cutOff(pair.ha2);
  pair.pass(70_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip2"]);
});

Deno.test("after a death no cable is asked for", () => {
  const pair = new Pair().boot();
  cutOff(pair.ha2, "ip1");
  pair.ha1.powerOff();
  pair.pass(DEADTIME_MS + 3_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1", "ip2"]);
});

Deno.test("what does not start on one node is taken by the other, reached or not", () => {
  const pair = new Pair({ groups: ["ha1 ip1 httpd1"] });
  pair.ha1.mood = { ...pair.ha1.mood, failStart: 1 };
  pair.ha1.powerOn();
  pair.ha2.powerOn();
  cutOff(pair.ha2, "ip1");
  pair.pass(10_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip1"]);
});

Deno.test("an original that offers a group to a node that nobody reaches is not answered", () => {
  const peer = new OriginalPeer("on").boots();
  const { pair } = peer;
  peer.says("resource", { rsc_hold: "local", rtype: "full", isstable: "1" });
  pair.pass(1_000);
  cutOff(pair.ha1, "ip2");
  pair.sent.length = 0;
  peer.says("ask_resources", { rsc_hold: "local", info: "me" });
  pair.pass(2_000);
  const asked = pair.sent.filter(({ message }) =>
    message.some(({ name, value }) => name === "t" && value === "ask_resources")
  );
  assert.deepEqual(asked, []);
  assert.ok(pair.log.some((line) => line.includes("ignored. eth0 has no carrier, and ip2")));
});
