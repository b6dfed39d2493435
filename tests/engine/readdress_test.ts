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

Deno.test("announcing: what is to come ends with the group", () => {
  const pair = new Pair({ autoFailback: "off" }).boot();
  pair.ha2.powerOff();
  pair.pass(5_500);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
  pair.ha2.powerOn();
  pair.pass(1_000);
  pair.announced.length = 0;
  pair.order(pair.ha1, "standby", "foreign");
  pair.pass(20_000);
  assert.deepEqual(pair.announced.filter((line) => line === "ha1 ip2"), []);
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
