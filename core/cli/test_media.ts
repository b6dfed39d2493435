/**
 * `heartbeat test-media`: shows for every medium of ha.cf whether it carries both ways, how fast,
 * and what it loses. Run on both hosts at once; it replaces the original's TestHeartbeatComm and
 * `cat </dev/ttyS0`. Where the daemon runs, it refuses: `heartbeat status` shows the same there.
 */
import type { TrialResult } from "../runtime/media_trial.ts";
import { daemonState } from "../runtime/pid_file.ts";
import { type Call, type Command, defineCommand, type OptionDoc, UsageError } from "./command.ts";
import { readConfiguration, showDiagnostics } from "./configuration.ts";
import { columns } from "./help.ts";
import type { Host } from "./host.ts";

const EXIT = { well: 0, notWell: 1, usage: 2, daemonRuns: 3, configuration: 6 } as const;
const DEFAULT_SECONDS = 10;
const DEFAULT_WAIT_S = 60;
/** An hour. */
const MAX_SECONDS = 3_600;

const OPTIONS: readonly OptionDoc[] = [
  {
    name: "seconds",
    short: "s",
    value: "N",
    doc: `Test so long; ${DEFAULT_SECONDS} if not given.`,
  },
  {
    name: "wait",
    short: "w",
    value: "N",
    doc: `Wait so many seconds for the other host; ${DEFAULT_WAIT_S} if not given.`,
  },
];

export const testMediaCommand: Command = defineCommand({
  name: "test-media",
  summary: "Test every medium together with the other host, while no daemon runs here",
  operands: "",
  maxOperands: 0,
  options: OPTIONS,
  exits: [
    [EXIT.well, "every medium carries both ways"],
    [EXIT.notWell, "a medium does not, or loses messages, or the other host was not heard"],
    [EXIT.usage, "the command line cannot be understood"],
    [EXIT.daemonRuns, "the daemon runs on this host; nothing was sent"],
    [EXIT.configuration, "the configuration has errors"],
  ],
  usageExit: EXIT.usage,
}, testMedia);

async function testMedia(host: Host, call: Call): Promise<number> {
  const lengthMs = 1000 * secondsOf(call, "seconds", DEFAULT_SECONDS);
  const waitMs = 1000 * secondsOf(call, "wait", DEFAULT_WAIT_S);
  const daemon = daemonState(host.paths);
  if (daemon.kind === "running") {
    host.err(
      `heartbeat test-media: the daemon runs [pid ${daemon.pid}] and uses these media.\n` +
        'See "heartbeat status", or stop it first.\n',
    );
    return EXIT.daemonRuns;
  }
  const checked = await readConfiguration(host.paths);
  if (checked.config === null) {
    await showDiagnostics(host, checked);
    return EXIT.configuration;
  }
  host.out('Run "heartbeat test-media" on the other host now.\n');
  // The media bring their libraries along, which no other command needs.
  const { tryMedia } = await import("../runtime/media_trial.ts");
  const results = await tryMedia(checked.config, { waitMs, lengthMs });
  const rows = results.map((result) => [result.title, finding(result)] as const);
  host.out([...columns(rows, host.terminal), ""].join("\n"));
  return results.every(isWell) ? EXIT.well : EXIT.notWell;
}

function secondsOf(call: Call, option: string, fallback: number): number {
  const word = call.value(option);
  if (word === undefined) return fallback;
  const seconds = Number(word);
  if (/^\d+$/.test(word) && seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(`--${option} "${word}" is not a number of seconds from 1 to ${MAX_SECONDS}`);
}

function isWell({ asked, answered, heardQuestions }: TrialResult): boolean {
  return heardQuestions && asked > 0 && answered === asked;
}

/** One medium in one line. */
function finding(result: TrialResult): string {
  const { usable, reason, asked, answered, roundTripsMs, heardQuestions, heardDaemon } = result;
  if (answered > 0) {
    const [median, worst] = [roundTripsMs[Math.floor(answered / 2)], roundTripsMs.at(-1)];
    return `both ways, ${milliseconds(median)} there and back (worst ${milliseconds(worst)}), ` +
      `${asked - answered} of ${asked} lost`;
  }
  if (heardQuestions) return `the other host is heard, but it did not answer ${asked} questions`;
  if (heardDaemon) return "a daemon beats there, so it answers no test; stop it and try again";
  if (result.heardOtherKey) return "heard, but with another key: compare authkeys on both hosts";
  if (!usable) return `cannot be used on this host: ${reason}`;
  return "nothing was heard";
}

function milliseconds(ms: number | undefined): string {
  return `${(ms ?? 0).toPrecision(2)} ms`;
}
