/**
 * `npm run demo`: plays a cluster's life in front of a client that never stops asking, and ends with
 * what the client measured. Exit code 0 only when every act ended as it should; 2 when the command
 * line cannot be understood.
 */
import { namespacePermission } from "../namespaces.ts";
import { ACTS, playAct, type Verdict } from "./acts.ts";
import { LabStage } from "./lab_stage.ts";
import { Screen } from "./screen.ts";
import { SimulatorStage } from "./simulator_stage.ts";
import type { Stage } from "./stage.ts";
import { ARTICLE_TIMING, FAST_TIMING, type Timing } from "./timing.ts";
import { Watch } from "./watch.ts";

const USAGE = `usage: npm run demo [-- --fast]

Plays a cluster's life in front of a client that never stops asking.

  --fast      beats of 100 ms instead of the article's times
  -h, --help  show this help`;
const USAGE_EXIT = 2;

async function openStage(timing: Timing, screen: Screen): Promise<Stage> {
  const permission = await namespacePermission();
  if (permission.allowed) {
    const who = permission.privilege === "root" ? "as root" : "as an ordinary user";
    screen.line(`Two hosts and a client in namespaces of this kernel, ${who}; nothing leaves it.`);
    return await LabStage.open(timing);
  }
  screen.line(`No namespaces here: ${permission.reason}. The same acts on a simulated network:`);
  return new SimulatorStage(timing);
}

async function play(stage: Stage, screen: Screen): Promise<readonly Verdict[]> {
  const watch = new Watch();
  let over = false;
  stage.onAnswer((answer) => {
    if (over) return;
    const change = watch.add(answer);
    if (change !== undefined) screen.change(change);
    const nowMs = answer.endedMs;
    screen.tick(nowMs, watch.answering(nowMs), watch.silentMs(nowMs));
  });
  const verdicts: Verdict[] = [];
  screen.legend();
  for (const [index, act] of ACTS.entries()) {
    screen.heading(`Act ${index + 1} of ${ACTS.length}: ${act.title}`);
    const verdict = await playAct(act, stage, watch);
    screen.verdict(verdict);
    verdicts.push(verdict);
    // After a wrong end the next act's picture would mean nothing.
    if (verdict.problems.length > 0) break;
  }
  over = true;
  return verdicts;
}

/** @returns the exit code instead when there is nothing to play */
function chosenTiming(words: readonly string[]): Timing | number {
  const unknown = words.find((word) => !["--fast", "--help", "-h"].includes(word));
  if (unknown !== undefined) {
    console.error(`demo: cannot understand "${unknown}"\n${USAGE}`);
    return USAGE_EXIT;
  }
  if (!words.every((word) => word === "--fast")) {
    console.log(USAGE);
    return 0;
  }
  return words.length > 0 ? FAST_TIMING : ARTICLE_TIMING;
}

async function main(): Promise<number> {
  const timing = chosenTiming(Deno.args);
  if (typeof timing === "number") return timing;
  const beganMs = performance.now();
  const output = new TextEncoder();
  const screen = new Screen({
    terminal: Deno.stdout.isTerminal(),
    colour: Deno.stdout.isTerminal() && !Deno.noColor,
    cellMs: timing.cellMs,
    write: (text) => Deno.stdout.writeSync(output.encode(text)),
  });
  const stage = await openStage(timing, screen);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => stage.close().finally(() => Deno.exit(130)));
  }
  try {
    const verdicts = await play(stage, screen);
    screen.table(verdicts);
    const right = verdicts.filter((verdict) => verdict.problems.length === 0).length;
    if (right < ACTS.length) screen.line("\n" + await stage.evidence());
    const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
    screen.line(`\n${right} of ${ACTS.length} acts ended as they should; it took ${seconds} s.`);
    return right === ACTS.length ? 0 : 1;
  } finally {
    await stage.close();
  }
}

Deno.exit(await main());
