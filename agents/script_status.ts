/**
 * What the `status` call of a script says: one pure rule for classic resource scripts and LSB init
 * scripts alike.
 *
 * The original looks only at the text (cluster-semantics §10): "not running" means no, else
 * "running" or "OK" means yes, else no. LSB looks only at the code. Scripts of the field break
 * either, so the code decides where it is a plain statement, and the text where it is not:
 *
 * | code  | text says no | text says yes | text says nothing |
 * | ----- | ------------ | ------------- | ----------------- |
 * | 0     | stopped *    | running       | unknown           |
 * | 3, 7  | stopped      | stopped *     | stopped           |
 * | 1, 2  | stopped      | running *     | stopped *         |
 * | other | stopped *    | running *     | unknown           |
 *
 * 0 without a word is no statement: a script that knows only start and stop answers so whatever it
 * is asked. "Unknown" is safe both ways: a start is tried, which does no harm to what runs, and
 * after a stop that failed the resource is held for one that may still run.
 *
 * `*`: with a remark for the log, because the script contradicts itself or is not LSB-like. 7 is
 * OCF's "not running", which scripts in resource.d pass on. 1 and 2 mean "dead, but a pid or lock
 * file is left", yet many a script gives 1 only because its last command did; the word wins there.
 */
import type { RunResult } from "./contract.ts";

/** `remark` is for the log when the script should be repaired. */
export type ScriptStatus =
  | { readonly status: "running" | "stopped"; readonly remark?: string }
  | { readonly status: "unknown"; readonly remark: string };

/** The original's words, "OK" as a word of its own; "active (exited)" is how systemctl puts it. */
const DENIED = /not running/i;
const CLAIMED = /[Rr]unning|\bOK\b|\bactive \(/;
/** More ways of saying no; they count only where nothing claims the contrary. */
const DENIED_OTHERWISE = /\b(stopped|dead|inactive|unused)\b/i;

const SAYS_STOPPED = new Set([3, 7]);
const SAYS_DEAD = new Set([1, 2]);

/** Judges exit code and output of a `status` call; never throws. */
export function judgeStatus({ code, output }: RunResult): ScriptStatus {
  const text = saidBy(output);
  const contradiction = `exit code ${code}, but it says "${firstTelling(output)}"`;
  if (code === 0) {
    if (text === "yes") return { status: "running" };
    if (text === "no") return { status: "stopped", remark: contradiction };
    const remark =
      'exit code 0 and neither "running" nor "stopped", as of a script without a status';
    return { status: "unknown", remark };
  }
  if (SAYS_STOPPED.has(code)) {
    return text === "yes" ? { status: "stopped", remark: contradiction } : { status: "stopped" };
  }
  if (text === "yes") return { status: "running", remark: contradiction };
  if (SAYS_DEAD.has(code)) {
    if (text === "no") return { status: "stopped" };
    return { status: "stopped", remark: `exit code ${code}: dead, but a pid or lock file is left` };
  }
  if (text === "no") return { status: "stopped", remark: contradiction };
  return { status: "unknown", remark: `exit code ${code} does not say whether it runs` };
}

function saidBy(output: string): "yes" | "no" | "nothing" {
  if (DENIED.test(output)) return "no";
  if (CLAIMED.test(output)) return "yes";
  return DENIED_OTHERWISE.test(output) ? "no" : "nothing";
}

/** The line that made the difference. */
function firstTelling(output: string): string {
  const lines = output.split("\n");
  const telling = [DENIED, CLAIMED, DENIED_OTHERWISE]
    .map((words) => lines.find((line) => words.test(line)))
    .find((line) => line !== undefined);
  return telling?.trim() ?? "";
}
