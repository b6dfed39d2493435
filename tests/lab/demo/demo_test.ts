/**
 * The demo apart from the lab: what it makes of the client's answers, how it draws them, and that it
 * can be played on the simulator from the first line to the table.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ACTS, playAct } from "./acts.ts";
import { Screen } from "./screen.ts";
import { SimulatorStage } from "./simulator_stage.ts";
import type { Answer } from "./stage.ts";
import { ARTICLE_TIMING, FAST_TIMING } from "./timing.ts";
import { outageMs, Watch } from "./watch.ts";

const HA1 = "ha1.bogus.sh.cn";
const HA2 = "ha2.bogus.sh.cn";

function answers(...list: readonly (readonly [endedMs: number, host: string | null])[]): Answer[] {
  return list.map(([endedMs, host]) => ({ endedMs, host }));
}

Deno.test("Watch: tells the first answer, a gap and a new host, and nothing else", () => {
  const watch = new Watch();
  const list = answers([0, null], [5, HA1], [10, HA1], [15, null], [400, HA1], [405, HA2]);
  const changes = list.map((answer) => watch.add(answer)).filter((change) => change !== undefined);
  assert.deepEqual(changes, [
    { fromMs: null, toMs: 5, before: null, after: HA1 },
    { fromMs: 10, toMs: 400, before: HA1, after: HA1 },
    { fromMs: 400, toMs: 405, before: HA1, after: HA2 },
  ]);
  assert.deepEqual(changes.map(outageMs), [0, 390, 5]);
  assert.equal(watch.changesSince(401).length, 1);
});

Deno.test("Watch: a host counts as answering until it has been silent for a while", () => {
  const watch = new Watch();
  assert.equal(watch.answering(0), null);
  watch.add({ endedMs: 1000, host: HA1 });
  assert.equal(watch.answering(1050), HA1);
  assert.equal(watch.answering(1500), null);
  assert.equal(watch.silentMs(1500), 500);
});

for (const [title, timing] of Object.entries({ article: ARTICLE_TIMING, fast: FAST_TIMING })) {
  Deno.test(`SimulatorStage: every act ends as it should at the ${title}'s pace`, async () => {
    const stage = new SimulatorStage(timing);
    const watch = new Watch();
    stage.onAnswer((answer) => watch.add(answer));
    for (const act of ACTS) {
      const verdict = await playAct(act, stage, watch);
      assert.deepEqual(verdict.problems, [], `${act.title}\n${await stage.evidence()}`);
      if (act.detects !== undefined) assert.ok(verdict.outageMs > timing.deadtimeMs / 2);
    }
  });
}

Deno.test("playAct: an act that ends wrongly says what is wrong", async () => {
  const stage = new SimulatorStage(FAST_TIMING);
  const act = { title: "nothing happens", owner: HA1, play: () => Promise.resolve() } as const;
  const { problems } = await playAct(act, stage, new Watch());
  assert.deepEqual(problems, [
    "the page comes from nobody",
    `${HA1} lacks the address`,
    `${HA1} lacks a running httpd`,
  ]);
});

Deno.test("playAct: a command that fails ends the act with its words", async () => {
  const stage = new SimulatorStage(FAST_TIMING);
  const play = () => Promise.reject(new Error("init script ended with 1"));
  const { problems } = await playAct({ title: "bad", owner: HA1, play }, stage, new Watch());
  assert.match(problems[0] ?? "", /init script ended with 1/);
});

Deno.test("Screen: on a terminal a cell for each slice of time; without colour digits and dots", () => {
  let drawn = "";
  const write = (text: string) => drawn += text;
  const screen = new Screen({ terminal: true, colour: false, cellMs: 100, write });
  screen.tick(1000, null, Infinity);
  screen.tick(1100, HA1, 0);
  screen.tick(1300, HA2, 0);
  screen.line();
  assert.equal(drawn, "    0.000 s  .122\n\n");
});

Deno.test("Screen: the clock of the lines never runs backwards; a host that answered answers again", () => {
  let drawn = "";
  const write = (text: string) => drawn += text;
  const screen = new Screen({ terminal: true, colour: false, cellMs: 100, write });
  screen.legend();
  screen.tick(1000, HA1, 0);
  screen.tick(1150, null, 150);
  screen.change({ fromMs: 1000, toMs: 1318, before: HA1, after: HA2 });
  screen.tick(1318, HA2, 0);
  screen.tick(1410, HA2, 0);
  screen.change({ fromMs: 1410, toMs: 1476, before: HA2, after: HA2 });
  screen.tick(1500, HA2, 0);
  screen.line();
  assert.deepEqual(drawn.trimEnd().split("\n"), [
    "The client's view, a cell each 100 ms: " +
    "1 ha1.bogus.sh.cn answers, 2 ha2.bogus.sh.cn answers, . nobody for 100 ms",
    "    0.000 s  1...",
    "    0.318 s  ha2.bogus.sh.cn answers  after 318 ms without an answer",
    "    0.400 s  2",
    "    0.476 s  ha2.bogus.sh.cn answers again  after 66 ms without an answer",
    "    0.500 s  2",
  ]);
});

Deno.test("Screen: elsewhere no strip, but a line for each second without an answer", () => {
  let drawn = "";
  const write = (text: string) => drawn += text;
  const screen = new Screen({ terminal: false, colour: false, cellMs: 100, write });
  for (let ms = 0; ms <= 2000; ms += 20) screen.tick(ms, null, ms);
  assert.deepEqual(drawn.trimEnd().split("\n"), [
    "    1.000 s  … nobody answers for 1000 ms",
    "    2.000 s  … nobody answers for 2000 ms",
  ]);
});

Deno.test("demo: where there are no namespaces it says so first and plays on the simulator", async () => {
  const demo = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", join(import.meta.dirname ?? ".", "main.ts"), "--fast"],
    // Without a PATH there is no `unshare`.
    env: { PATH: "" },
  });
  const { code, stdout } = await demo.output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
  assert.match(lines[0] ?? "", /^No namespaces here: .*unshare.* simulated network/);
  assert.match(lines.at(-1) ?? "", /^5 of 5 acts ended as they should; it took [\d.]+ s\.$/);
  assert.equal(code, 0);
});

Deno.test("demo: --help is its usage, exit 0; a word that it does not know is named, exit 2", async () => {
  const play = async (...words: string[]) => {
    const main = join(import.meta.dirname ?? "", "main.ts");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", main, ...words],
    }).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  };
  const help = await play("--help");
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  assert.match(help.stdout, /^usage: npm run demo \[-- --fast\]\n[^]*--fast/);
  const wrong = await play("--fast", "--slow");
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
  assert.equal(wrong.stderr, `demo: cannot understand "--slow"\n${help.stdout}`);
});
