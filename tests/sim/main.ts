/**
 * `deno task sim`: plays seeds, prints the first that breaks a promise with the command that plays
 * it again, and shrinks it.
 */
import { parseArgs } from "node:util";
import { run } from "./run.ts";
import { shrink } from "./shrink.ts";

const USAGE = `Usage: deno task sim [--seeds N] [--from S] [--seed S] [--log]

  --seeds N   how many seeds to play (1000)
  --from S    first seed (1)
  --seed S    play this one and print its event log
  --help      this text
`;

function replay(seed: number): number {
  const result = run({ seed, say: (line) => console.log(line) });
  for (const fault of result.faults) console.log("fault", JSON.stringify(fault));
  for (const violation of result.violations) console.log("BROKEN", violation);
  console.log(`trace hash ${result.traceHash.toString(16)}, ${result.steps} steps`);
  return result.violations.length === 0 ? 0 : 1;
}

function search(from: number, seeds: number): number {
  let steps = 0;
  let simulatedMs = 0;
  const began = performance.now();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = run({ seed });
    steps += result.steps;
    simulatedMs += result.simulatedMs;
    if (result.violations.length === 0) continue;
    for (const violation of result.violations) console.log("BROKEN", violation);
    console.log(`seed ${seed} breaks a promise; play it again with: deno task sim --seed ${seed}`);
    const faults = shrink(seed, result.faults);
    console.log(`with these ${faults.length} of its ${result.faults.length} faults alone:`);
    for (const fault of faults) console.log("  ", JSON.stringify(fault));
    const small = run({ seed, faults, say: (line) => console.log(line) });
    for (const violation of small.violations) console.log("BROKEN", violation);
    return 1;
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${seeds} seeds, ${steps} steps, ${(simulatedMs / 3_600_000).toFixed(1)} simulated hours: ` +
      `every promise kept (${seconds.toFixed(1)} s, ${Math.round(steps / seconds)} steps a second)`,
  );
  return 0;
}

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) console.log(USAGE);
else if (values.seed !== undefined) Deno.exit(replay(Number(values.seed)));
else Deno.exit(search(Number(values.from), Number(values.seeds)));
