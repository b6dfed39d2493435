/**
 * The conformance kit: puts one resource through everything that a cluster may do to it and says,
 * promise by promise, what was kept. It really starts and stops the resource, and others whose
 * arguments differ in an ending; so it refuses to touch one that is running.
 */
import type { Bench, Subject } from "./conformance/bench.ts";
import { testCycle, testOrder } from "./conformance/cycle.ts";
import { testFailures } from "./conformance/failures.ts";
import { type Verdict, Verdicts } from "./conformance/promises.ts";
import { told, Trial } from "./conformance/trial.ts";
import { testArguments, testVerbs } from "./conformance/words.ts";

/** The resource runs, as far as status tells; so somebody may need it. */
export class ResourceInUse extends Error {
  override readonly name = "ResourceInUse";
}

/** Nothing can be called: a file or program is missing, or the arguments are refused. */
export class Untestable extends Error {
  override readonly name = "Untestable";
}

/**
 * Tests one resource and leaves it stopped.
 * @param deadlineMs of each call
 * @throws {ResourceInUse | Untestable} before anything was done
 */
export async function testAgent(
  subject: Subject,
  bench: Bench,
  deadlineMs: number,
): Promise<readonly Verdict[]> {
  const verdicts = new Verdicts();
  const trial = new Trial(subject, verdicts, bench, deadlineMs);
  const { outcome } = await trial.call("status");
  if (outcome.kind === "running") {
    throw new ResourceInUse(`${subject.text} says that it is running`);
  }
  if (outcome.kind === "missing" || outcome.kind === "refused") {
    throw new Untestable(outcome.reason);
  }
  if (outcome.kind !== "stopped") {
    verdicts.broken("status", `before the first start it says ${told(outcome)}`);
    // Nothing is started or stopped then: it may run, and somebody may need it.
    return verdicts.list();
  }
  if (await testCycle(trial)) {
    await testOrder(trial);
    await testFailures(trial);
    await testArguments(trial);
    await testVerbs(trial);
  }
  await trial.call("stop");
  verdicts.kept("output", `${trial.mostLines} lines in one call at most`);
  return verdicts.list();
}
