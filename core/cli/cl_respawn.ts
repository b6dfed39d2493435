/**
 * `cl_respawn`: runs a program and starts it again whenever it ends, until it ends with the code
 * that means enough, or until it is told to stop; the program is told too, then.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Call, type Command, defineCommand, UsageError } from "./command.ts";
import type { Host } from "./host.ts";

/** Exit code by which a respawned client says that it wants to stay ended (cluster-semantics §15). */
const ENOUGH = 100;
const MAX_CODE = 255;
/** The original looks at the program as a part of its command line. */
const CANNOT = 2;
/** A program that ends at once is started no more often than this. */
const MIN_LIFE_MS = 1_000;
const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

export const clRespawnCommand: Command = defineCommand({
  name: "cl_respawn",
  summary: "Run a program and start it again whenever it ends",
  operands: "PROGRAM [ARGUMENT...]",
  maxOperands: Infinity,
  optionsEndAtOperand: "program",
  options: [{
    name: "magic-code",
    short: "m",
    value: "CODE",
    doc: `Exit code of the program that means enough; ${ENOUGH} if not given.`,
  }],
  exits: [
    [0, "the program ended with the code that means enough, or was told to stop"],
    [CANNOT, "the program cannot be started, or the command line not be understood"],
  ],
  usageExit: CANNOT,
}, respawn);

async function respawn(host: Host, call: Call): Promise<number> {
  const [program, ...args] = call.operands;
  if (program === undefined) throw new UsageError("a program to run is missing");
  const enough = magicCode(call);
  const stop = Promise.withResolvers<Deno.Signal>();
  let stopping = false;
  let child: Deno.ChildProcess | null = null;
  const forward = (signal: Deno.Signal) => {
    stopping = true;
    stop.resolve(signal);
    child?.kill(signal);
  };
  const listeners = STOP_SIGNALS.map((signal) => [signal, () => forward(signal)] as const);
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  try {
    for (;;) {
      const beganMs = performance.now();
      child = new Deno.Command(program, { args }).spawn();
      const { code, signal } = await child.status;
      child = null;
      if (stopping || code === enough) return 0;
      const end = signal === null ? `ended with ${code}` : `was killed by ${signal}`;
      host.err(`cl_respawn: ${program} ${end}; starting it again\n`);
      const earlyMs = Math.max(0, MIN_LIFE_MS - (performance.now() - beganMs));
      await Promise.race([delay(earlyMs), stop.promise]);
      if (stopping) return 0;
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    host.err(`cl_respawn: cannot start "${program}": ${error.message}\n`);
    return CANNOT;
  } finally {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  }
}

function magicCode(call: Call): number {
  const text = call.value("magic-code") ?? String(ENOUGH);
  const code = Number(text);
  if (/^\d+$/.test(text) && code <= MAX_CODE) return code;
  throw new UsageError(`--magic-code "${text}" is not a number from 0 to ${MAX_CODE}`);
}
