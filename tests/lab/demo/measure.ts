/**
 * Measures what a takeover costs beyond `deadtime`: cuts the power of the owner again and again and
 * compares three moments, all seen from outside the daemon: the last beat heard on the cable, the
 * first page of the new owner, and how long the service's own script takes to start.
 * usage: deno task takeover [ROUNDS]
 */
import { namespacePermission } from "../namespaces.ts";
import { ACTS, playAct } from "./acts.ts";
import { LabStage } from "./lab_stage.ts";
import { milliseconds } from "./screen.ts";
import { HOSTS } from "./stage.ts";
import { FAST_TIMING } from "./timing.ts";
import { Watch } from "./watch.ts";

const DEFAULT_ROUNDS = 20;
const SCRIPT_ROUNDS = 20;

/** Runs the service's script by hand on a host that does not own it; milliseconds each. */
async function scriptTimes(stage: LabStage): Promise<number[]> {
  const host = stage.host(HOSTS[1]);
  const timed =
    "perl -MTime::HiRes=time -e '$t = time; system(qw(/etc/rc.d/init.d/httpd start)); " +
    "print 1000 * (time - $t)'; /etc/rc.d/init.d/httpd stop";
  const times: number[] = [];
  for (let round = 0; round < SCRIPT_ROUNDS; round++) times.push(Number(await host.must(timed)));
  return times;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.round((sorted.length - 1) * part)] ?? NaN;
}

function describe(title: string, values: readonly number[]): string {
  const [least, median, most] = [0, 0.5, 1].map((part) => milliseconds(quantile(values, part)));
  return `${title.padEnd(44)} median ${median}, least ${least}, most ${most}`;
}

async function main(): Promise<number> {
  const rounds = Number(Deno.args[0] ?? DEFAULT_ROUNDS);
  const permission = await namespacePermission();
  if (!permission.allowed) {
    console.log(`nothing measured, no namespaces: ${permission.reason}`);
    return 1;
  }
  const [coldStart, powerLoss, comesBack] = ACTS;
  if (!coldStart || !powerLoss || !comesBack) throw new Error("the demo has fewer than three acts");
  await using stage = await LabStage.open(FAST_TIMING);
  const watch = new Watch();
  stage.onAnswer((answer) => watch.add(answer));
  const overheads: number[] = [];
  await playAct(coldStart, stage, watch);
  const scripts = await scriptTimes(stage);
  for (let round = 1; round <= rounds; round++) {
    const verdict = await playAct(powerLoss, stage, watch);
    if (verdict.overheadMs === null || verdict.problems.length > 0) {
      console.log(`round ${round}: ${verdict.problems.join("; ")}\n${await stage.evidence()}`);
      return 1;
    }
    overheads.push(verdict.overheadMs);
    console.log(`round ${round} of ${rounds}: ${milliseconds(verdict.overheadMs)}`);
    await playAct(comesBack, stage, watch);
  }
  console.log(describe("deadtime after the last beat → first page", overheads));
  console.log(describe("the script's own start", scripts));
  const own = quantile(overheads, 0.5) - quantile(scripts, 0.5);
  console.log(`median overhead without the script: ${milliseconds(own)}`);
  return 0;
}

Deno.exit(await main());
