/**
 * What the exit codes of OCF agents mean (OCF resource agent API 1.1), by name, and what they say
 * about start, stop and monitor. Pure.
 */
import type { Status } from "../contract.ts";

interface Code {
  readonly name: string;
  readonly meaning: string;
  /** What it says about the resource when monitor gives it; absent: nothing. */
  readonly status?: Status;
}

const CODES: ReadonlyMap<number, Code> = new Map([
  [0, { name: "OCF_SUCCESS", meaning: "done, or running", status: "running" }],
  [1, { name: "OCF_ERR_GENERIC", meaning: "it failed" }],
  [2, { name: "OCF_ERR_ARGS", meaning: "wrong arguments on this host" }],
  [3, { name: "OCF_ERR_UNIMPLEMENTED", meaning: "the agent does not know this action" }],
  [4, { name: "OCF_ERR_PERM", meaning: "permission denied" }],
  [5, { name: "OCF_ERR_INSTALLED", meaning: "a program or file that it needs is missing" }],
  [6, { name: "OCF_ERR_CONFIGURED", meaning: "the parameters are wrong on every host" }],
  [7, { name: "OCF_NOT_RUNNING", meaning: "not running", status: "stopped" }],
  [8, { name: "OCF_RUNNING_PROMOTED", meaning: "running, promoted", status: "running" }],
  [9, { name: "OCF_FAILED_PROMOTED", meaning: "promoted, but failed: it has to be stopped" }],
  [190, { name: "OCF_DEGRADED", meaning: "running, likely to fail soon", status: "running" }],
  [191, {
    name: "OCF_DEGRADED_PROMOTED",
    meaning: "running, promoted, likely to fail soon",
    status: "running",
  }],
]);

/** A program that the agent needs is missing: no call on this host can work. */
export const OCF_ERR_INSTALLED = 5;

/** `OCF_ERR_PERM (4: permission denied)`; a code without a name is only a number. */
export function ocfCodeText(code: number): string {
  const known = CODES.get(code);
  return known === undefined ? `exit code ${code}` : `${known.name} (${code}: ${known.meaning})`;
}

/** What monitor's code says; undefined: an error, the truth is not known. */
export function ocfStatus(code: number): Status | undefined {
  return CODES.get(code)?.status;
}

/** Whether a start or stop with this code did what was asked. */
export function ocfSucceeded(action: "start" | "stop", code: number): boolean {
  return ocfStatus(code) === (action === "start" ? "running" : "stopped") || code === 0;
}
