/**
 * What happens when a call does not go well: its time is over, or a program that it needs fails.
 * After each of these comes the stop that the daemon would order.
 */
import { told, type Trial, unbelieved } from "./trial.ts";

/** Calls that are shorter cannot be caught in the middle. */
const SHORTEST_INTERRUPTED_MS = 60;
/** Where in its usual time a start is given up. */
const MOMENTS = [0.25, 0.5, 0.75];
/** Programs of one start that are made to fail, one in each try. */
const MAX_SABOTAGED = 8;

/** The promises deadline, cancellation and stop-after-failure. */
export async function testFailures(trial: Trial): Promise<void> {
  const failed = [...await giveUpStarts(trial), ...await failPrograms(trial)];
  await giveUpStop(trial);
  const took = `start takes ${msOf(trial, "start")} ms, stop ${msOf(trial, "stop")} ms`;
  if (trial.givenUp === 0) {
    const short = `${took}: too short to be given up`;
    trial.verdicts.notApplicable("deadline", short);
    trial.verdicts.notApplicable("cancellation", `${short}; no stop left a program running`);
  } else {
    const times = trial.givenUp === 1 ? "once" : `${trial.givenUp} times`;
    trial.verdicts.kept("cancellation", `given up ${times}, no program was left after the stop`);
  }
  if (failed.length === 0) {
    const why = `${took}, and it leans on no program that could fail`;
    trial.verdicts.notApplicable("stop-after-failure", why);
  } else if (!trial.verdicts.isBroken("status")) {
    const ways = failed.join(", ");
    trial.verdicts.kept("stop-after-failure", `stopped after a start that failed: ${ways}`);
  }
}

async function giveUpStarts(trial: Trial): Promise<string[]> {
  const usualMs = trial.shortestMs("start") ?? 0;
  if (usualMs < SHORTEST_INTERRUPTED_MS) return [];
  const failed: string[] = [];
  for (const moment of MOMENTS) {
    const deadlineMs = usualMs * moment;
    const { outcome } = await trial.call("start", { deadlineMs });
    const how = `given up after ${deadlineMs.toFixed(0)} ms`;
    if (outcome.kind !== "ok") failed.push(how);
    await stopAfter(trial, how);
  }
  return failed;
}

/** For agents that lean on programs; a script is the program itself. */
async function failPrograms(trial: Trial): Promise<string[]> {
  if (trial.subject.script !== undefined) return [];
  const { programs } = await trial.call("start");
  await trial.call("stop");
  const failed: string[] = [];
  for (const [program, path] of programs.slice(0, MAX_SABOTAGED).entries()) {
    const { outcome } = await trial.call("start", { sabotage: { program } });
    const how = `${path} failed`;
    if (outcome.kind !== "ok" && !failed.includes(how)) failed.push(how);
    await stopAfter(trial, how);
  }
  return failed;
}

async function giveUpStop(trial: Trial): Promise<void> {
  const usualMs = trial.shortestMs("stop") ?? 0;
  if (usualMs < SHORTEST_INTERRUPTED_MS) return;
  await trial.call("start");
  await trial.call("stop", { deadlineMs: usualMs / 2 });
  await stopAfter(trial, "a stop that was given up");
}

async function stopAfter(trial: Trial, how: string): Promise<void> {
  const { outcome } = await trial.call("stop");
  if (outcome.kind !== "ok") {
    trial.verdicts.broken("stop-after-failure", `${how}: then stop says ${told(outcome)}`);
    return;
  }
  const { outcome: after } = await trial.call("status");
  if (trial.verdicts.isBroken("status")) {
    trial.verdicts.notApplicable("stop-after-failure", unbelieved("that stop", after));
  } else if (after.kind !== "stopped") {
    trial.verdicts.broken("stop-after-failure", `${how}: after the stop it is ${told(after)}`);
  }
  await trial.mustBeGone(`${how}: after the stop`);
}

function msOf(trial: Trial, verb: "start" | "stop"): string {
  return trial.shortestMs(verb)?.toFixed(0) ?? "?";
}
