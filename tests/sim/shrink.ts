/**
 * Makes a failing run small: leaves faults out, one after another and in halves, as long as it
 * still fails.
 */
import type { Fault } from "./faults.ts";
import { run } from "./run.ts";

/** The shortest list of faults found with which `seed` still breaks a promise. */
export function shrink(seed: number, faults: readonly Fault[]): readonly Fault[] {
  const fails = (some: readonly Fault[]) => run({ seed, faults: some }).violations.length > 0;
  let best = faults;
  for (let chunk = Math.ceil(best.length / 2); chunk >= 1;) {
    let shorter = false;
    for (let at = 0; at < best.length; at += chunk) {
      const rest = [...best.slice(0, at), ...best.slice(at + chunk)];
      if (fails(rest)) {
        best = rest;
        shorter = true;
        break;
      }
    }
    if (!shorter) chunk = chunk === 1 ? 0 : Math.ceil(chunk / 2);
  }
  return best;
}
