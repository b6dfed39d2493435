/**
 * Plays the published configurations with a pair of originals and records what they did, as the
 * measure for ours; beside them with ours, and tells what should not differ. To be run by hand when a
 * configuration is added. usage: deno task published [NAME…]
 */
import { originalMissing } from "../../interop/implementation.ts";
import { forOriginal, type Published, publishedNames, readPublished } from "./configuration.ts";
import { asOurs } from "./differences.ts";
import { type Act, play } from "./play.ts";
import { readRecorded, writeRecorded } from "./recorded.ts";

const missing = originalMissing();
if (missing !== null) throw new Error(`nothing to record: ${missing}`);
const names = Deno.args.length > 0 ? Deno.args : publishedNames();
for (const name of names) {
  const published = readPublished(name);
  const [original, ours] = await Promise.allSettled([
    play(forOriginal(published), "original"),
    play(published, "ours"),
  ]);
  if (original.status === "fulfilled") writeRecorded({ ...readRecorded(), [name]: original.value });
  console.log(`${name}: ${compare(published, original, ours)}`);
}

function compare(
  published: Published,
  original: PromiseSettledResult<readonly Act[]>,
  ours: PromiseSettledResult<readonly Act[]>,
): string {
  if (original.status === "rejected") return `the original: ${described(original.reason)}`;
  if (ours.status === "rejected") return `ours: ${described(ours.reason)}`;
  const [wanted, found] = [asOurs(published, original.value), ours.value]
    .map((acts) => JSON.stringify(acts, null, 1));
  return wanted === found ? "as it must be" : `wanted:\n${wanted}\nfound:\n${found}`;
}

function described(error: unknown): string {
  return error instanceof Error ? `${error.message} (${error.cause})` : String(error);
}
