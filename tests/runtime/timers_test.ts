/** Timers that are put off, brought forward and disarmed, on the real clock. */
import assert from "node:assert/strict";
import { type Timer, timerKey } from "../../core/engine/timer.ts";
import { Timers } from "../../core/runtime/timers.ts";
import { eventually } from "../eventually.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("Timers: put off again and again it comes once, and not before the last instant", async () => {
  const due: number[] = [];
  const timers = new Timers({ due: () => due.push(performance.now()), late: () => {} });
  let atMs = 0;
  for (let times = 0; times < 10; times++) {
    // A busy machine may take long over one of the ten pauses.
    atMs = performance.now() + 1_000;
    timers.arm({ kind: "beat" }, atMs);
    await sleep(10);
  }
  assert.deepEqual(due, []);
  await eventually("it comes", () => due.length > 0);
  await sleep(150);
  assert.equal(due.length, 1);
  assert.ok((due[0] ?? 0) >= atMs);
});

Deno.test("Timers: brought forward it comes at the new instant, and the old one is forgotten", async () => {
  const watch = (node: string): Timer => ({ kind: "silence", node });
  const [a, b, c] = [watch("a"), watch("b"), watch("c")];
  const due: string[] = [];
  const timers = new Timers({ due: (timer) => due.push(timerKey(timer)), late: () => {} });
  const beganMs = performance.now();
  timers.arm(a, beganMs + 60_000);
  timers.arm(b, beganMs + 20);
  timers.arm(b, beganMs + 60_000);
  timers.arm(b, beganMs + 40);
  timers.arm(c, beganMs + 10);
  timers.arm(c, beganMs + 30);
  timers.disarm(c);
  timers.arm(a, beganMs + 50);
  await eventually("both come", () => due.length >= 2);
  await sleep(100);
  timers.disarmAll();
  assert.deepEqual(due, ["silence:b", "silence:a"]);
});
