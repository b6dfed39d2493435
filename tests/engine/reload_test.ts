/** A new configuration in a living pair. */
import assert from "node:assert/strict";
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
  // Beside a living peer it waits for the same file there (agreement_test.ts).
  pair.ha2.powerOff();
  pair.pass(10_000);
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
