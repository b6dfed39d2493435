/** The status that is asked for after each start: beside all else, and with no consequence but words. */
import assert from "node:assert/strict";
import type { Outcome } from "../../core/types.ts";
import { Pair } from "./pair.ts";

/** ha1 alone, whose script says `said` to each look after a start. */
class Lying {
  readonly pair = new Pair({ groups: ["ha1 ip1 httpd1"] });
  readonly looks: string[] = [];

  /**
   * @param said to each look, until that is changed
   * @param denials so often it is said of each resource; then, that it runs
   */
  constructor(public said: Outcome = { kind: "stopped" }, readonly denials = Infinity) {
    const { ha1 } = this.pair;
    ha1.answerAside = ({ resource }) => {
      this.looks.push(resource.text);
      return this.answer(this.looks.filter((text) => text === resource.text).length);
    };
    this.pair.boot();
  }

  /** @param nth look at the same resource */
  answer(nth: number): Outcome {
    return nth > this.denials ? { kind: "running" } : this.said;
  }

  /** Resources of which status says that they deny their start. */
  get denied(): string[] {
    const [group] = this.pair.view(this.pair.ha1).groups;
    return group?.resources.flatMap(({ text, denied }) => denied ? [text] : []) ?? [];
  }

  logged(text: string): string[] {
    return this.pair.log.filter((line) => line.includes(text));
  }
}

Deno.test("a status that denies a start is said when it does so twice, and nothing is done", () => {
  const lying = new Lying();
  const { pair } = lying;
  pair.pass(30_000);
  assert.deepEqual(lying.denied, ["ip1", "httpd1"]);
  assert.deepEqual(lying.logged("its status says that it does not run"), [
    "ha1 warn: ip1 was started, and its status says that it does not run",
    "ha1 warn: httpd1 was started, and its status says that it does not run",
  ]);
  assert.deepEqual(pair.runs(pair.ha1), ["ip1"]);
  assert.ok(!pair.story.some((line) => line.includes(" stop ")), pair.story.join("\n"));
});

Deno.test("a service that shows a little late that it runs is not complained of", () => {
  const lying = new Lying({ kind: "stopped" }, 1);
  lying.pair.pass(600_000);
  assert.deepEqual(lying.looks, ["ip1", "httpd1", "ip1", "httpd1"], "what agrees is left alone");
  assert.deepEqual([lying.denied, lying.logged("its status says")], [[], []]);
});

Deno.test("one that denied and agrees later is well again; a status that cannot say denies nothing", () => {
  const lying = new Lying();
  lying.pair.pass(60_000);
  lying.said = { kind: "failed", reason: "no such verb" };
  lying.pair.pass(120_000);
  assert.deepEqual(lying.denied, ["ip1", "httpd1"]);
  lying.said = { kind: "running" };
  lying.pair.pass(120_000);
  assert.deepEqual(lying.denied, []);
  assert.equal(lying.logged("its status says now that it runs").length, 2);

  const silent = new Lying({ kind: "failed", reason: "no such verb" });
  silent.pair.pass(120_000);
  assert.deepEqual(silent.denied, []);
});

Deno.test("looks hold up nobody: the next start comes first, and a stop forgets them", () => {
  const lying = new Lying();
  const { pair } = lying;
  pair.pass(60_000);
  pair.ha1.order({ kind: "standby", share: "all" });
  const asked = lying.looks.length;
  pair.pass(300_000);
  assert.equal(lying.looks.length, asked);
  assert.deepEqual([lying.denied, pair.runs(pair.ha2)], [[], ["ip1"]]);
});

Deno.test("a takeover is over before the first look", () => {
  const lying = new Lying({ kind: "running" });
  const { pair } = lying;
  pair.pass(60_000);
  pair.order(pair.ha1, "standby", "all");
  pair.pass(60_000);
  lying.looks.length = 0;
  pair.ha1.order({ kind: "takeover", share: "all" });
  pair.pass(900);
  assert.deepEqual([pair.runs(pair.ha1), lying.looks], [["ip1"], []]);
  pair.pass(1_000);
  assert.deepEqual(lying.looks, ["ip1", "httpd1"]);
});

Deno.test("a start that is left out because its status says that it runs is logged", () => {
  const pair = new Pair({ groups: ["ha1 ip1 httpd1"] });
  pair.ha1.truth = [[false, true]];
  pair.boot();
  assert.deepEqual(pair.story.filter((line) => line.includes(" start ")), ["ha1 start ip1"]);
  const text = "ha1 info: httpd1 is not started: its status says that it runs already";
  assert.ok(pair.log.includes(text), pair.log.join("\n"));
});
