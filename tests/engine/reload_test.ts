/** A new configuration in a living pair. */
import assert from "node:assert/strict";
import { waitsForRetired } from "../../core/engine/reload.ts";
import { initialState, newGroup } from "../../core/engine/state.ts";
import type { GroupConfig } from "../../core/types.ts";
import { configOf, Pair } from "./pair.ts";

function reload(pair: Pair, groups: readonly string[]): string[] {
  const { ha1 } = pair;
  const config = configOf("ha1", { groups });
  // The simulated host looks its resources up in its own configuration; what runs goes on running.
  const running = new Set(
    ha1.config.groups.flatMap((group) =>
      group.resources.filter((_, at) => ha1.truth[group.index]?.[at]).map((one) => one.text)
    ),
  );
  Object.assign(ha1.config, { groups: config.groups });
  ha1.truth = config.groups.map((group) => group.resources.map((one) => running.has(one.text)));
  ha1.dispatch({ kind: "reload", at: ha1.at, config });
  return pair.pass(3_000).filter((line) => / (start|stop) /.test(line));
}

Deno.test("reload: an equal configuration has no effect", () => {
  const pair = new Pair({ groups: ["ha1 ip httpd"] }).boot();
  assert.deepEqual(reload(pair, ["ha1 ip httpd"]), []);
});

Deno.test("reload: a new group starts, the old one is not touched", () => {
  const pair = new Pair({ groups: ["ha1 ip httpd"] }).boot();
  assert.deepEqual(reload(pair, ["ha1 ip httpd", "ha1 ip9 ftp"]), [
    "ha1 start ip9",
    "ha1 start ftp",
  ]);
});

Deno.test("reload: a changed line is stopped before its successor starts", () => {
  const pair = new Pair({ groups: ["ha1 ip httpd"] }).boot();
  const story = reload(pair, ["ha1 ip nginx"]);
  assert.deepEqual(story.slice(0, 2), ["ha1 stop httpd", "ha1 stop ip"]);
  assert.deepEqual(story.slice(2), ["ha1 start ip", "ha1 start nginx"]);
  assert.equal(pair.view(pair.ha1).groups.length, 1);
});

Deno.test("reload: other nodes are refused in words, timers are taken", () => {
  const pair = new Pair().boot();
  const config = { ...configOf("ha1"), nodes: ["ha1", "ha3"], keepaliveMs: 500 };
  pair.ha1.dispatch({ kind: "reload", at: pair.ha1.at, config });
  assert.ok(pair.log.some((line) => line.includes("The list of nodes changed")));
  assert.deepEqual(pair.ha1.engine?.config.nodes, ["ha1", "ha2"]);
  assert.equal(pair.ha1.engine?.config.keepaliveMs, 500);
});

Deno.test("reload: a removed group that does not stop holds up only what uses the same", () => {
  const lines = ["ha1 ip httpd", "ha2 ip2 mail"];
  const pair = new Pair({ groups: lines }).boot();
  pair.ha1.missing.add("httpd");
  Object.assign(pair.ha2.config, { groups: configOf("ha2", { groups: lines }).groups.slice(1) });
  reload(pair, ["ha2 ip2 mail", "ha1 ip nginx", "ha1 ip3 ftp"]);
  pair.pass(15_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip3"], "ip still runs for the removed line");
  assert.ok(pair.view(pair.ha1).groups.some(({ status }) => status === "blocked"));
  pair.ha2.powerOff();
  pair.pass(15_000);
  assert.deepEqual(pair.runs(pair.ha1), ["ip2", "ip3"]);
});

for (
  const [removed, successor, shared] of [
    ["IPaddr::10.0.0.3/24/eth0", "IPaddr2::10.0.0.3/25", true],
    ["IPaddr::10.0.0.3/24/eth0", "IPaddr::10.0.0.4/24/eth0", false],
    ["Filesystem::/dev/sda1::/srv::ext4", "Filesystem::/dev/sdb1::/srv::ext4", true],
    ["Filesystem::/dev/sda1::/srv::ext4", "Filesystem::/dev/sdb1::/data::ext4", false],
    ["httpd", "httpd", true],
  ] as const
) {
  Deno.test(`reload: ${successor} ${shared ? "waits" : "does not wait"} for ${removed}`, () => {
    const group = (word: string): GroupConfig => {
      const [agent = "", ...args] = word.split("::");
      return { index: 0, key: word, node: "ha1", resources: [{ text: word, agent, args }] };
    };
    const state = initialState(configOf("ha1"));
    const retired = newGroup(1, group(removed), 0);
    retired.retired = true;
    retired.members[0] = "unsure";
    state.groups.push(retired);
    const waiting = newGroup(2, group(successor), 0);
    assert.equal(waitsForRetired(state, waiting), shared);
    retired.members[0] = "down";
    assert.equal(waitsForRetired(state, waiting), false, "that one is stopped");
    retired.operation = { id: 1, verb: "start", member: 0 };
    assert.equal(waitsForRetired(state, waiting), shared, "its last start is under way");
  });
}
