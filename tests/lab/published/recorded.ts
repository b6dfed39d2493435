/** What a pair of originals did with each published configuration, recorded once by `main.ts`. */
import { join } from "node:path";
import type { Act } from "./play.ts";

const FILE = join(import.meta.dirname ?? ".", "golden/original.json");

/** By the name of the configuration. */
export type Recorded = Readonly<Record<string, readonly Act[]>>;

export function readRecorded(): Recorded {
  return JSON.parse(Deno.readTextFileSync(FILE));
}

export function writeRecorded(recorded: Recorded): void {
  const sorted = Object.fromEntries(Object.entries(recorded).sort());
  Deno.writeTextFileSync(FILE, JSON.stringify(sorted, null, 1) + "\n");
}
