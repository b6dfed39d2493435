/**
 * `heartbeat version` (`-v`, `-V`): one line that names the program, its version and runtime; an
 * executable also says what it was built of.
 */
import { BUILD, VERSION } from "../runtime/version.ts";
import { type Command, defineCommand } from "./command.ts";
import type { Host } from "./host.ts";

export const versionCommand: Command = defineCommand({
  name: "version",
  summary: "Print the version",
  operands: "",
  maxOperands: 0,
  readsNoFiles: true,
  options: [],
  exits: [[0, "always"]],
  usageExit: 2,
}, printVersion);

/** @returns the exit code */
export function printVersion(host: Host): number {
  host.out(`heartbeat ${VERSION} (Deno ${Deno.version.deno}, ${Deno.build.target})\n`);
  if (BUILD !== null) host.out(`built from commit ${BUILD.commit} on ${BUILD.base}\n`);
  return 0;
}
