/** Finding and running the programs of the system that an agent leans on. */
import { setTimeout as delay } from "node:timers/promises";
import { type AgentContext, ProgramMissing, type RunResult } from "./contract.ts";
import { inspectExecutable } from "./executable.ts";
import type { AgentHost } from "./host.ts";
import { quotedLastLine } from "./last_line.ts";

/** Path of the first of these names that can be run; undefined when there is none. */
export function findProgram(
  { programDirs }: Pick<AgentHost, "programDirs">,
  ...names: readonly string[]
): string | undefined {
  for (const name of names) {
    const path = programDirs.map((dir) => `${dir}/${name}`)
      .find((path) => inspectExecutable(path).kind === "usable");
    if (path !== undefined) return path;
  }
  return undefined;
}

/**
 * Like {@link findProgram}, for a program that has to be there.
 * @param packageName what to install, as Debian calls it
 * @throws {ProgramMissing} that names the package
 */
export function needProgram(host: AgentHost, packageName: string, name: string): string {
  const path = findProgram(host, name);
  if (path !== undefined) return path;
  throw new ProgramMissing(
    `the program "${name}" is not installed (package ${packageName}); looked in ` +
      host.programDirs.join(", "),
  );
}

/**
 * What an agent means by `program`: a path as it is, a name where {@link findProgram} finds it.
 * Not left to PATH, because an agent's environment must not decide what root runs.
 * @throws {ProgramMissing} for a name that is in none of the directories
 */
export function programPath(host: Pick<AgentHost, "programDirs">, program: string): string {
  const path = program.includes("/") ? program : findProgram(host, program);
  if (path !== undefined) return path;
  const searched = host.programDirs.join(", ");
  throw new ProgramMissing(`cannot start ${program}: it is in none of ${searched}`);
}

/**
 * Runs a program that has to succeed.
 * @throws {Error} with its exit code and its last line; its arguments are only in the debug log
 */
export async function succeed(
  context: AgentContext,
  program: string,
  ...args: readonly string[]
): Promise<RunResult> {
  const result = await context.run(program, args);
  if (result.code === 0) return result;
  throw new Error(`exit code ${result.code} from ${program}${quotedLastLine(result.output)}`);
}

/** Waits, unless the call is given up first. @throws what the signal was aborted with */
export async function pause({ signal }: AgentContext, ms: number): Promise<void> {
  // It would throw an error of its own.
  await delay(ms, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}
