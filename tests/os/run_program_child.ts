/**
 * Runs a program that leaves a daemon behind, for `run_program_test.ts`, which sees to it that no
 * shell can be started here. Arguments: directory, program and its arguments. Tells the result, whether
 * the daemon got rid of its output (it writes the file `passed` then), and how many pipes are left.
 */
import { Reactor } from "../../core/os/reactor.ts";
import { runProgram } from "../../core/os/run_program.ts";

const [directory = "", program = "", ...args] = Deno.args;
const PATIENCE_MS = 60_000;

function openPipes(): number {
  const targets = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return "";
    }
  });
  return targets.filter((target) => target.startsWith("pipe:")).length;
}

function hasPassed(): boolean {
  return [...Deno.readDirSync(directory)].some(({ name }) => name === "passed");
}

const reactor = new Reactor((error) => console.error(String(error)));
const before = openPipes();
const signal = new AbortController().signal;
const env = { PATH: "/usr/bin:/bin" };
const result = await runProgram(reactor, { program, args, env, signal });
Deno.writeTextFileSync(`${directory}/go`, "");
const endMs = performance.now() + PATIENCE_MS;
while (performance.now() < endMs && !(hasPassed() && openPipes() === before)) {
  await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log(JSON.stringify({ result, passed: hasPassed(), leaked: openPipes() - before }));
await reactor.stop();
