/** A new configuration in a living pair. */
import assert from "node:assert/strict";
import { lineChanges } from "../../core/engine/line_change.ts";
import { waitsForRetired } from "../../core/engine/reload.ts";
import { initialState, newGroup } from "../../core/engine/state.ts";
import type { GroupConfig } from "../../core/types.ts";
import { text } from "../../core/wire/fields.ts";
import { configOf, INITDEAD_MS, Pair } from "./pair.ts";

/** Both hosts get the same new lines and reload, one after the other. */
function reload(pair: Pair, groups: readonly string[]): string[] {
  for (const host of [pair.ha1, pair.ha2]) {
    const config = configOf(host.name, { groups });
    // The simulated host looks its resources up in its own configuration; what runs goes on running.
    const running = new Set(
      host.config.groups.flatMap((group) =>
        group.resources.filter((_, at) => host.truth[group.index]?.[at]).map((one) => one.text)
      ),
    );
    Object.assign(host.config, { groups: config.groups });
    host.truth = config.groups.map((group) => group.resources.map((one) => running.has(one.text)));
    host.dispatch({ kind: "reload", at: host.at, config });
  }
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
  const story = reload(pair, ["ha1 ip2 httpd"]);
  assert.deepEqual(story.slice(0, 2), ["ha1 stop httpd", "ha1 stop ip"]);
  assert.deepEqual(story.slice(2), ["ha1 start ip2", "ha1 start httpd"]);
  assert.equal(pair.view(pair.ha1).groups.length, 1);
});

for (
  const [what, before, after, story] of [
    ["is appended", "ip httpd", "ip httpd ip4", ["ha1 start ip4"]],
    ["is removed at the end", "ip httpd ip4", "ip httpd", ["ha1 stop ip4"]],
    ["is replaced", "ip httpd", "ip nginx", ["ha1 stop httpd", "ha1 start nginx"]],
    ["is put in between", "ip httpd", "ip disk httpd", [
      "ha1 stop httpd",
      "ha1 start disk",
      "ha1 start httpd",
    ]],
  ] as const
) {
  Deno.test(`reload: where a resource ${what}, what stands before it is not touched`, () => {
    const pair = new Pair({ groups: [`ha1 ${before}`, "ha2 ip2 mail"] }).boot();
    assert.deepEqual(reload(pair, [`ha1 ${after}`, "ha2 ip2 mail"]), story);
    assert.equal(pair.view(pair.ha1).inTransition, false);
    assert.deepEqual(pair.runs(pair.ha1), ["ip"]);
    // The note for the next life names the line as it is now.
    pair.ha1.killDaemon();
    pair.ha1.startDaemon();
    assert.deepEqual(pair.pass(10_000).filter((line) => / (start|stop) /.test(line)), []);
    assert.deepEqual(pair.runs(pair.ha1), ["ip"]);
    pair.order(pair.ha1, "standby", "all");
    assert.deepEqual(pair.runs(pair.ha2), ["ip", "ip2"]);
  });
}

Deno.test("reload: what a line no longer has is stopped before the beginning that it kept", () => {
  const pair = new Pair({ groups: ["ha1 ip disk httpd"] }).boot();
  const { ha1 } = pair;
  ha1.restartAfterMs = 1e9;
  ha1.mood = { ...ha1.mood, minMs: 5_000, maxMs: 5_000 };
  assert.deepEqual(reload(pair, ["ha1 ip disk"]), ["ha1 stop httpd"]);
  ha1.order({ kind: "stop" });
  const stops = () => pair.pass(1_500).filter((line) => / stop /.test(line));
  assert.deepEqual(stops(), [], "httpd is still being stopped");
  assert.deepEqual(stops(), ["ha1 stop disk"]);
});

Deno.test("reload: the rest of a changed line that does not stop lets nothing new begin", () => {
  const pair = new Pair({ groups: ["ha1 ip httpd"] }).boot();
  pair.ha1.missing.add("httpd");
  assert.deepEqual(reload(pair, ["ha1 ip nginx"]).filter((line) => / start /.test(line)), []);
  assert.equal(pair.ha1.truth[0]?.[0], true, "the address stays");
});

Deno.test("reload: a line that gets back what is still being stopped waits for that", () => {
  const pair = new Pair({ groups: ["ha1 ip disk httpd"] }).boot();
  const { ha1, ha2 } = pair;
  ha2.powerOff();
  pair.pass(10_000);
  ha1.mood = { ...ha1.mood, minMs: 5_000, maxMs: 5_000 };
  assert.deepEqual(reload(pair, ["ha1 ip"]), ["ha1 stop httpd"]);
  const story = [...reload(pair, ["ha1 ip disk httpd"]), ...pair.pass(3_900)];
  assert.deepEqual(story.filter((line) => / (start|stop) /.test(line)), ["ha1 stop disk"]);
  pair.pass(60_000);
  assert.deepEqual(ha1.truth, [[true, true, true]]);
});

Deno.test("reload: what goes from one line to the end of another is stopped before it starts", () => {
  const pair = new Pair({ groups: ["ha1 ip disk", "ha1 ip2"] }).boot();
  const { ha1, ha2 } = pair;
  ha2.powerOff();
  pair.pass(10_000);
  ha1.mood = { ...ha1.mood, minMs: 5_000, maxMs: 5_000 };
  assert.deepEqual(reload(pair, ["ha1 ip", "ha1 ip2 disk"]), ["ha1 stop disk"]);
  pair.pass(60_000);
  assert.deepEqual(ha1.truth, [[true], [true, true]]);
});

Deno.test("reload: what it would start, stop and keep is known before", () => {
  const pair = new Pair({ groups: ["ha1 ip httpd", "ha1 ip3 ftp", "ha2 ip2 mail"] }).boot();
  const { ha1, ha2 } = pair;
  const groups = ["ha1 ip httpd ip4", "ha1 ip5 news", "ha2 ip2 mail imap"];
  const changesOn = (host: typeof ha1) => {
    assert.ok(host.engine !== null);
    return lineChanges(host.engine, configOf(host.name, { groups }));
  };
  assert.deepEqual(changesOn(ha1), {
    starts: ["ip4", "ip5", "news"],
    stops: ["ip3", "ftp"],
    keeps: ["ip", "httpd"],
  });
  assert.deepEqual(changesOn(ha2), { starts: ["imap"], stops: [], keeps: ["ip2", "mail"] });
});

Deno.test("reload: timers are taken", () => {
  const pair = new Pair().boot();
  pair.ha1.dispatch({
    kind: "reload",
    at: pair.ha1.at,
    config: { ...configOf("ha1"), keepaliveMs: 500 },
  });
  pair.sent.length = 0;
  pair.pass(10_000);
  const beats = pair.sent.filter(({ from, message }) =>
    from === "ha1" && text(message, "t") === "status"
  );
  assert.ok(beats.length >= 19, `${beats.length} beats in 10 s`);
});

Deno.test("reload: a removed group that does not stop holds up only what uses the same", () => {
  const lines = ["ha1 ip httpd", "ha2 ip2 mail"];
  const pair = new Pair({ groups: lines }).boot();
  pair.ha1.missing.add("httpd");
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

Deno.test("reload: a daemon killed while it stopped a removed group goes on with that", () => {
  const lines = ["ha1 ip httpd", "ha2 ip2 mail"];
  const pair = new Pair({ groups: lines }).boot();
  const { ha1, ha2 } = pair;
  const { groups } = ha1.config;
  const kept = configOf("ha1", { groups: lines }).groups.slice(1);
  Object.assign(ha2.config, { groups: kept });
  ha2.reload();
  ha1.mood = { ...ha1.mood, minMs: 2_000, maxMs: 2_000 };
  ha1.dispatch({ kind: "reload", at: ha1.at, config: { ...ha1.config, groups: kept } });
  pair.pass(500);
  assert.deepEqual(ha1.removed, [groups[0]]);
  ha1.killDaemon();
  Object.assign(ha1.config, { groups: kept });
  ha1.startDaemon();
  // The host looks up what really runs by the places of both lines.
  Object.assign(ha1.config, { groups });
  pair.pass(20_000);
  assert.deepEqual(ha1.truth[0], [false, false]);
  assert.deepEqual(ha1.removed, []);
  assert.equal(ha1.engine?.phase, "stable");
});

Deno.test("reload: a removed group that still does not stop is shown, and the node joins", () => {
  const config = configOf("ha1", { groups: ["ha2 ip2 mail"] });
  const [gone] = configOf("ha1", { groups: ["ha1 ip httpd"] }).groups;
  assert.ok(gone !== undefined);
  const pair = new Pair({ groups: ["ha1 ip httpd"] });
  const { ha1 } = pair;
  ha1.truth = [[true, true]];
  ha1.stuck.add("httpd");
  ha1.removed = [gone];
  ha1.engine = initialState(config);
  const life = { generation: 2, uuid: new Uint8Array(16), held: [], removed: [gone] };
  ha1.dispatch({ kind: "start", at: ha1.at, newest: [], ...life });
  pair.pass(INITDEAD_MS + 20_000);
  assert.equal(pair.view(ha1).phase, "stable");
  const shown = pair.view(ha1).groups.find(({ key }) => key === "ip");
  assert.equal(shown?.status, "blocked");
  assert.ok(
    pair.log.some((line) => line.includes("ip is gone from haresources and may still run")),
  );
});
