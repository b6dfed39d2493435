/** Other times by a reload: nobody is taken for dead or paused, whichever host reads them first. */
import assert from "node:assert/strict";
import { text } from "../../core/wire/fields.ts";
import { Pair } from "./pair.ts";

const SLOW = { keepaliveMs: 2_000, warntimeMs: 5_000, deadtimeMs: 10_000, initdeadMs: 30_000 };
const FAST = { keepaliveMs: 200, warntimeMs: 500, deadtimeMs: 1_000, initdeadMs: 12_000 };

function pairWith(times: typeof SLOW): Pair {
  const pair = new Pair({ groups: ["ha1 ip1 a", "ha2 ip2 b"] });
  for (const host of [pair.ha1, pair.ha2]) Object.assign(host.config, times);
  return pair;
}

const ALARM = / dead|paused|Giving up|returning/;

for (const [before, after] of [[SLOW, FAST], [FAST, SLOW]] as const) {
  for (const names of [["ha1", "ha2"], ["ha2", "ha1"]] as const) {
    const change = `keepalive ${before.keepaliveMs} → ${after.keepaliveMs} ms`;
    Deno.test(`retime: ${change}, ${names[0]} first: nothing moves`, () => {
      const pair = pairWith(before).boot();
      pair.pass(700);
      pair.log.length = 0;
      const story: string[] = [];
      for (const name of names) {
        pair[name].reload(after);
        story.push(...pair.pass(31_700));
      }
      assert.deepEqual(story, []);
      assert.deepEqual(pair.log.filter((line) => ALARM.test(line)), []);
      for (const host of [pair.ha1, pair.ha2]) {
        const { deadtimeMs } = after;
        assert.deepEqual(pair.view(host).nodes.map((node) => node.deadtimeMs), [
          deadtimeMs,
          deadtimeMs,
        ]);
      }
      pair.ha2.powerOff();
      pair.pass(after.deadtimeMs + 500);
      assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"], "dead by the new time");
    });
  }
}

Deno.test("retime: both at once", () => {
  const pair = pairWith(SLOW).boot();
  pair.pass(1_300);
  pair.log.length = 0;
  for (const host of [pair.ha1, pair.ha2]) host.reload(FAST);
  assert.deepEqual(pair.pass(10_000), []);
  assert.deepEqual(pair.log.filter((line) => ALARM.test(line)), []);
});

Deno.test("retime: the peer that misses the first beat with a longer dead time gets others in time", () => {
  const pair = pairWith(FAST).boot();
  pair.log.length = 0;
  pair.wires(false);
  pair.ha1.reload(SLOW);
  pair.pass(500);
  pair.wires(true);
  assert.deepEqual(pair.pass(10_000), []);
  assert.deepEqual(pair.log.filter((line) => / is dead|returning/.test(line)), []);
  pair.sent.length = 0;
  pair.pass(10_000);
  const beats = pair.sent.filter(({ from, message }) =>
    from === "ha1" && text(message, "t") === "status"
  );
  assert.equal(beats.length, 5, "and then as seldom as it was told to");
});

Deno.test("retime: less patience at boot ends the wait for a peer that is not there", () => {
  const pair = pairWith(SLOW);
  pair.ha1.powerOn();
  pair.pass(15_000);
  assert.equal(pair.view(pair.ha1).phase, "joining");
  pair.ha1.reload({ initdeadMs: 12_000 });
  pair.pass(1_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1", "ip2"]);
});
