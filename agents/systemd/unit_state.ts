/** What `systemctl show` says about a unit, and how it is to be judged. Pure. */
import type { Status } from "../contract.ts";

/** The properties that are asked for. */
export const SHOWN = [
  "LoadState",
  "LoadError",
  "ActiveState",
  "SubState",
  "Result",
  "ExecMainCode",
  "ExecMainStatus",
  "UnitFileState",
] as const;

export interface UnitState {
  readonly active: string;
  readonly sub: string;
  /** `success`, or how it failed: `exit-code`, `signal`, `timeout`, `oom-kill` … */
  readonly result: string;
  /** How the main process ended: 1 exited, 2 killed, 3 dumped; 0: it did not. */
  readonly mainCode: number;
  /** Its exit code or signal. */
  readonly mainStatus: number;
  /** `enabled`: it starts at boot. */
  readonly unitFileState: string;
}

const CLD_EXITED = 1;

/**
 * Reads `Name=value` lines.
 * @throws {Error} when systemd does not know the unit, or cannot load its file
 */
export function parseShow(unit: string, output: string): UnitState {
  const values = new Map(
    output.split("\n").map((line): [string, string] => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  const get = (name: typeof SHOWN[number]) => values.get(name) ?? "";
  const load = get("LoadState");
  if (load !== "loaded" && load !== "stub" && load !== "merged") {
    const why = get("LoadError") === "" ? "" : `: ${get("LoadError")}`;
    throw new Error(`systemd cannot use ${unit}: its load state is "${load}"${why}`);
  }
  return {
    active: get("ActiveState"),
    sub: get("SubState"),
    result: get("Result"),
    mainCode: Number(get("ExecMainCode")),
    mainStatus: Number(get("ExecMainStatus")),
    unitFileState: get("UnitFileState"),
  };
}

/** Undefined while the unit is still on its way (starting, stopping, waiting for a restart). */
export function settledState({ active }: UnitState): Status | undefined {
  switch (active) {
    case "active":
    case "reloading":
    case "refreshing":
      return "running";
    case "inactive":
    case "failed":
      return "stopped";
    default:
      return undefined;
  }
}

/** Why it is not running: `is failed: exit-code (exit code 203)`. */
export function endText({ active, sub, result, mainCode, mainStatus }: UnitState): string {
  const how = mainCode === 0
    ? ""
    : mainCode === CLD_EXITED
    ? ` (exit code ${mainStatus})`
    : ` (signal ${mainStatus})`;
  return `is ${active}${active === sub ? "" : ` (${sub})`}: ${result || "no reason given"}${how}`;
}
