/** A flood of bad packets must leave a few lines and one sum, not a full disk. */
import assert from "node:assert/strict";
import { LOGGED_PER_WINDOW, RateLimit, WINDOW_MS } from "../../core/runtime/rate_limit.ts";

Deno.test("RateLimit: the first few of a cause pass, the rest is summed at the window's end", () => {
  const limit = new RateLimit();
  let passed = 0;
  for (let i = 0; i < 10_000; i++) if (limit.admit("bad-signature", i)) passed++;
  assert.equal(passed, LOGGED_PER_WINDOW);
  assert.deepEqual(limit.expire(WINDOW_MS - 1), []);
  assert.deepEqual(limit.expire(WINDOW_MS), [
    { cause: "bad-signature", suppressed: 10_000 - LOGGED_PER_WINDOW },
  ]);
  assert.deepEqual(limit.expire(2 * WINDOW_MS), []);
});

Deno.test("RateLimit: causes do not share an account, and a quiet window ends by itself", () => {
  const limit = new RateLimit();
  for (let i = 0; i < LOGGED_PER_WINDOW; i++) assert.ok(limit.admit("a", 0));
  assert.ok(limit.admit("b", 0));
  assert.ok(limit.admit("a", WINDOW_MS));
});
