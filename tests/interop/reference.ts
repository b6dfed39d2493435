/**
 * What a pair of two originals did with the same rows, recorded once by `record.ts`: the measure for
 * a pair of which one is ours.
 */
import { join } from "node:path";

export const REFERENCE_FILE = join(import.meta.dirname ?? ".", "golden/original_pair.json");

export interface Reference {
  /** Of the originals' package. */
  readonly version: string;
  readonly cells: readonly {
    readonly autoFailback: string;
    readonly title: string;
    readonly ended: "right" | "wrong";
    readonly tookMs: number;
    readonly outageMs: number;
  }[];
  readonly complaints: readonly string[];
}

export function readReference(): Reference {
  return JSON.parse(Deno.readTextFileSync(REFERENCE_FILE));
}
