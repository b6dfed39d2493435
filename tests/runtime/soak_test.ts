/**
 * Whether anything is kept for ever: what two lives hold after a full collection of garbage, after
 * some thousand heartbeats and after twice and three times as many. HB_SOAK_S makes it longer.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

const CHILD = join(import.meta.dirname ?? ".", "soak_child.ts");
const ROUNDS = 3;
/** How many there are in a second, roughly, where nothing else runs. */
const BEATS_PER_S = 180;
const ROUND_BEATS = Math.ceil(Number(Deno.env.get("HB_SOAK_S") ?? 24) * BEATS_PER_S / ROUNDS);
/** Compiled code and the like still come and go after the first round. */
const SLACK_BYTES = 1024 * 1024;

interface Held {
  readonly beats: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly fds: number;
}

Deno.test(`${ROUNDS * ROUND_BEATS} heartbeats: nothing is kept that is not needed`, async () => {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--v8-flags=--expose-gc", CHILD, String(ROUNDS), String(ROUND_BEATS)],
    stderr: "inherit",
  }).output();
  assert.ok(success);
  const held: Held[] = new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  console.log(held.map((one) => JSON.stringify(one)).join("\n"));
  const [first, last] = [held[0], held.at(-1)];
  assert.ok(first !== undefined && last !== undefined && held.length === ROUNDS);
  assert.ok(last.heapBytes - first.heapBytes < SLACK_BYTES);
  assert.ok(last.externalBytes - first.externalBytes < SLACK_BYTES);
  assert.equal(last.fds, first.fds);
});
