/** A script that goes together with its line of haresources. */
import assert from "node:assert/strict";
import type { Finding } from "../../agents/registry.ts";
import { unstoppable } from "../../core/runtime/unstoppable.ts";
import type { GroupConfig } from "../../core/types.ts";

const missing: Finding = { kind: "missing", reason: "Cannot locate it", searched: [] };
const nothing = { find: () => missing };

function group(index: number, line: string): GroupConfig {
  const resources = line.split(" ").map((text) => ({ text, agent: text, args: [] }));
  return { index, key: resources[0]?.text ?? "", node: "ha1", resources };
}

Deno.test("unstoppable: names what runs, is removed, and has no script any more", () => {
  const before = [group(0, "ip web"), group(1, "mail")];
  const running = new Set(["web", "mail"]);
  assert.deepEqual(unstoppable(before, [group(0, "mail")], running, nothing), [
    "web of the removed group ip still runs and cannot be stopped: Cannot locate it. " +
    "Put its script back until it is stopped, or stop it by hand.",
  ]);
  assert.deepEqual(unstoppable(before, before, running, nothing), [], "nothing was removed");
  assert.deepEqual(unstoppable(before, [], new Set(), nothing), [], "nothing of it runs");
});
