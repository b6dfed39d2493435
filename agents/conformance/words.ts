/**
 * Whether words arrive as they were written. The kit cannot look into an agent; so it changes one
 * argument and sees whether resources that differ in blanks and letters only stay apart.
 */
import { CONTRACT_VERSION } from "../contract.ts";
import { told, type Trial, unbelieved } from "./trial.ts";

/** A change that no agent has trouble with, unless the argument is not free. */
const PLAIN = "-2";
/** Begins with a blank, so that the shell of a careless script sees two words. */
const DIFFICULT = " ü 中 'x";
/** The same for who takes runs of blanks together. */
const TWIN = "  ü 中 'x";
const NO_VERB = "heartbeat-no-such-verb";

type Args = readonly string[];

/** The promise `arguments`. */
export async function testArguments(trial: Trial): Promise<void> {
  const { args } = trial.subject;
  if (args.length === 0) {
    return trial.verdicts.notApplicable("arguments", "it was given no argument");
  }
  const reasons: string[] = [];
  for (const index of args.keys()) {
    const changed = (end: string) => args.map((arg, at) => at === index ? arg + end : arg);
    const refused = await whyNotFree(trial, changed(PLAIN));
    if (refused === undefined) return await testDifficult(trial, changed(DIFFICULT), changed(TWIN));
    reasons.push(`argument ${index + 1}: ${refused}`);
  }
  const none = `no argument can be changed freely (${reasons.join("; ")})`;
  trial.verdicts.notApplicable("arguments", none);
}

/** @returns undefined when such arguments mean another resource, which starts like the given one */
async function whyNotFree(trial: Trial, args: Args): Promise<string | undefined> {
  const { outcome } = await trial.call("start", { args });
  try {
    if (outcome.kind !== "ok") return `with "${PLAIN}" behind it start says ${told(outcome)}`;
    const { outcome: other } = await trial.call("status");
    if (other.kind !== "stopped") return "it does not tell resources apart";
    const { outcome: own } = await trial.call("status", { args });
    return own.kind === "running" ? undefined : `status says ${told(own)}`;
  } finally {
    await trial.call("stop", { args });
  }
}

async function testDifficult(trial: Trial, args: Args, twin: Args): Promise<void> {
  const shown = JSON.stringify(args.find((arg) => arg.endsWith(DIFFICULT)));
  const problem = await difficultProblem(trial, args, twin);
  await trial.call("stop", { args });
  if (problem !== undefined) trial.verdicts.broken("arguments", `with ${shown} ${problem}`);
  else trial.verdicts.kept("arguments", `${shown} is a resource of its own`);
}

async function difficultProblem(trial: Trial, args: Args, twin: Args): Promise<string | undefined> {
  const { outcome: began } = await trial.call("start", { args });
  if (began.kind !== "ok") return `start says ${told(began)}`;
  const { outcome: own } = await trial.call("status", { args });
  if (own.kind !== "running") return `status says ${told(own)} after a start`;
  const { outcome: first } = await trial.call("status");
  if (first.kind !== "stopped") return `the resource of the first word is ${told(first)}`;
  const { outcome: other } = await trial.call("status", { args: twin });
  if (other.kind !== "stopped") return `the resource with two blanks is ${told(other)}, too`;
  const { outcome: ended } = await trial.call("stop", { args });
  if (ended.kind !== "ok") return `stop says ${told(ended)}`;
  const { outcome: after } = await trial.call("status", { args });
  return after.kind === "stopped" ? undefined : `status says ${told(after)} after a stop`;
}

/** The promise `verbs`: only files are called with a word; agents have functions. */
export async function testVerbs(trial: Trial): Promise<void> {
  const { script } = trial.subject;
  if (script === undefined) {
    return trial.verdicts.notApplicable("verbs", "it is called by functions, not by words");
  }
  const { outcome } = await trial.call("start", {
    agent: {
      name: NO_VERB,
      contract: CONTRACT_VERSION,
      summary: "",
      parameters: [],
      async start({ args, run }) {
        const { code } = await run(script, [...args, NO_VERB]);
        if (code === 0) throw new Error(`"${NO_VERB}" ends with code 0, wanted another one`);
      },
      stop: () => Promise.resolve(),
      status: () => Promise.resolve("stopped"),
    },
  });
  const { outcome: after } = await trial.call("status");
  if (outcome.kind !== "ok") trial.verdicts.broken("verbs", told(outcome));
  else if (trial.verdicts.isBroken("status")) {
    trial.verdicts.notApplicable("verbs", unbelieved("that word", after));
  } else if (after.kind !== "stopped") {
    trial.verdicts.broken("verbs", `after "${NO_VERB}" it is ${told(after)}`);
  } else trial.verdicts.kept("verbs", `"${NO_VERB}" was refused and changed nothing`);
}
