/** The plain promises: start, stop, each of them twice, status around them, and the neighbours. */
import { told, type Trial, unbelieved } from "./trial.ts";

/** @returns whether the resource can be started and stopped at all, so that more can be tested */
export async function testCycle(trial: Trial): Promise<boolean> {
  await stopAgain(trial, "before the first start");
  if (!(await start(trial))) return false;
  await startAgain(trial);
  const stopped = await stop(trial);
  if (stopped) await stopAgain(trial, "after a stop");
  return stopped;
}

/**
 * The resource as a member of a group: its right neighbour starts after it and stops before it, the
 * left one the other way round; both look at it in these moments.
 */
export async function testOrder(trial: Trial): Promise<void> {
  const { verdicts } = trial;
  const began = await trial.call("start", { measured: true });
  if (began.outcome.kind !== "ok") {
    return verdicts.broken("order", `it does not start again after a stop: ${told(began.outcome)}`);
  }
  const right = await trial.mustBecome("running", "when its right neighbour starts,");
  if (right) await trial.mustHold("running", "when its right neighbour started,");
  const ended = await trial.call("stop", { measured: true });
  if (ended.outcome.kind !== "ok") {
    return verdicts.broken("order", `it does not stop a second time: ${told(ended.outcome)}`);
  }
  const left = await trial.mustBecome("stopped", "when its left neighbour stops,");
  if (left) await trial.mustHold("stopped", "when its left neighbour stopped,");
  if (right && left) {
    verdicts.kept("order", "its right neighbour found it running, its left one stopped");
  }
}

async function start(trial: Trial): Promise<boolean> {
  const { outcome, tookMs } = await trial.call("start");
  if (outcome.kind !== "ok") {
    trial.verdicts.broken("start", `start says ${told(outcome)}`);
    return false;
  }
  trial.verdicts.kept("start", `started in ${tookMs.toFixed(0)} ms`);
  if (await trial.mustBecome("running", "after a start")) {
    trial.verdicts.kept("status", "stopped, running and stopped again, each as it was");
  }
  return true;
}

async function startAgain(trial: Trial): Promise<void> {
  const { outcome, tookMs } = await trial.call("start");
  if (outcome.kind !== "ok") {
    return trial.verdicts.broken("start-again", `the second start says ${told(outcome)}`);
  }
  const { outcome: after } = await trial.call("status");
  if (trial.verdicts.isBroken("status")) {
    return trial.verdicts.notApplicable("start-again", unbelieved("the second start", after));
  }
  if (after.kind !== "running") {
    return trial.verdicts.broken("start-again", `after the second start it is ${told(after)}`);
  }
  trial.verdicts.kept("start-again", `the second start took ${tookMs.toFixed(0)} ms`);
}

async function stop(trial: Trial): Promise<boolean> {
  const { outcome, tookMs } = await trial.call("stop");
  if (outcome.kind !== "ok") {
    trial.verdicts.broken("stop", `stop says ${told(outcome)}`);
    return false;
  }
  trial.verdicts.kept("stop", `stopped in ${tookMs.toFixed(0)} ms`);
  await trial.mustBecome("stopped", "after a stop");
  await trial.mustBeGone("after a stop");
  return true;
}

async function stopAgain(trial: Trial, when: string): Promise<void> {
  const { outcome, tookMs } = await trial.call("stop");
  if (outcome.kind !== "ok") {
    return trial.verdicts.broken("stop-again", `${when} stop says ${told(outcome)}`);
  }
  if (await trial.mustBecome("stopped", `${when}, and a stop,`)) {
    trial.verdicts.kept("stop-again", `stopping what is stopped took ${tookMs.toFixed(0)} ms`);
  }
}
