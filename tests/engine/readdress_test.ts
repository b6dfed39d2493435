/** When addresses are announced again, and when not. */
import assert from "node:assert/strict";
import { Pair } from "./pair.ts";

/** Announcements of ip1 and ip2 in the next time. */
function during(pair: Pair, forMs: number): string[] {
  pair.announced.length = 0;
  pair.pass(forMs);
  return pair.announced.filter((line) => / ip/.test(line)).sort();
}

/** Both run what is theirs, and nothing is to be announced any more. */
function quietPair(): Pair {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.pass(10_000);
  return pair;
}

Deno.test("announcing: an address that was taken over is announced again after 2 s and 5 s", () => {
  const pair = quietPair();
  pair.ha2.powerOff();
  pair.pass(4_000);
  const starts = () => pair.pass(10).includes("ha1 start ip2");
  let waitedMs = 0;
  while (!starts()) assert.ok((waitedMs += 10) < 5_000, "ha1 takes over");
  assert.deepEqual(during(pair, 1_900), []);
  assert.deepEqual(during(pair, 300), ["ha1 ip2"]);
  assert.deepEqual(during(pair, 2_600), []);
  assert.deepEqual(during(pair, 500), ["ha1 ip2"]);
  assert.deepEqual(during(pair, 60_000), []);
});

/** Each operation of a host takes so long from now on. */
function slow(host: Pair["ha1"], forMs: number): void {
  host.mood = { ...host.mood, minMs: forMs, maxMs: forMs };
}

/** ha1 has just taken ip2 over, and is to announce it later. */
function takenOver(): Pair {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.ha2.powerOff();
  pair.pass(5_500);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
  pair.ha2.powerOn();
  pair.pass(1_000);
  pair.announced.length = 0;
  return pair;
}

Deno.test("announcing: what is to come ends with the group, also while that still stops", () => {
  const pair = takenOver();
  slow(pair.ha1, 8_000);
  assert.ok(pair.order(pair.ha1, "standby", "foreign").includes("ha1 stop httpd2"));
  pair.pass(4_000);
  assert.equal(pair.ha1.truth[1]?.[0], true, "the address is still there");
  pair.pass(30_000);
  assert.deepEqual(pair.runs(pair.ha2), ["ip2"]);
  assert.deepEqual(pair.announced.filter((line) => line === "ha1 ip2"), []);
});

Deno.test("announcing: no carrier announces what is being given away", () => {
  const pair = takenOver();
  slow(pair.ha1, 8_000);
  assert.ok(pair.order(pair.ha1, "standby", "foreign").includes("ha1 stop httpd2"));
  pair.announced.length = 0;
  pair.ha1.dispatch({ kind: "carrier", at: pair.ha1.at, interface: "eth0" });
  pair.pass(30_000);
  assert.ok(pair.announced.includes("ha1 ip1"));
  assert.deepEqual(pair.announced.filter((line) => line === "ha1 ip2"), []);
});

Deno.test("announcing: an address whose start ends when its host leaves is not announced", () => {
  const pair = quietPair();
  pair.ha2.powerOff();
  pair.pass(4_000);
  slow(pair.ha1, 4_000);
  let waitedMs = 0;
  while (!pair.pass(10).includes("ha1 start ip2")) {
    assert.ok((waitedMs += 10) < 10_000, "ha1 takes over");
  }
  pair.ha1.restartAfterMs = 1e9;
  pair.ha1.order({ kind: "stop" });
  const story = pair.pass(30_000);
  assert.ok(story.includes("ha1 stop ip2"), story.join());
  assert.deepEqual(pair.announced.filter((line) => line === "ha1 ip2"), []);
});

Deno.test("announcing: who keeps an address after a split brain says so at once, and later", () => {
  const pair = quietPair();
  pair.wires(false);
  pair.pass(20_000);
  pair.announced.length = 0;
  pair.wires(true);
  const heard = () => pair.announced.includes("ha1 ip1");
  let waitedMs = 0;
  for (; !heard(); pair.pass(10)) assert.ok((waitedMs += 10) < 5_000, "the other gives way");
  assert.deepEqual(during(pair, 1_900).filter((line) => line === "ha1 ip1"), []);
  assert.deepEqual(during(pair, 300).filter((line) => line === "ha1 ip1"), ["ha1 ip1"]);
  assert.deepEqual(during(pair, 3_500).filter((line) => line === "ha1 ip1"), ["ha1 ip1"]);
  assert.deepEqual(during(pair, 60_000), []);
});

Deno.test("announcing: a carrier that comes is told at once, and later", () => {
  const pair = quietPair();
  const carrier = () => {
    pair.ha1.dispatch({ kind: "carrier", at: pair.ha1.at, interface: "eth0" });
  };
  pair.announced.length = 0;
  carrier();
  assert.deepEqual(pair.announced, ["ha1 ip1", "ha1 httpd1"]);
  // One that flaps does not make a storm.
  for (let times = 0; times < 50; times += 1) carrier();
  assert.deepEqual(during(pair, 1_000), []);
  assert.deepEqual(during(pair, 10_000), ["ha1 ip1", "ha1 ip1"]);
});
