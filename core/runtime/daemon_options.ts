/**
 * What a start hands to the daemon, and how it travels to the detached child: as one JSON word of
 * its command line, since the environment belongs to the scripts that the daemon runs.
 */

/** First word of the daemon child's command line; hidden from help. */
export const DAEMON_SUBCOMMAND = "__daemon";

export interface DaemonOptions {
  /** Root of all paths (paths.ts). */
  readonly root: string;
  /** How often `-d` was given; replaces `debug` of ha.cf when above 0. */
  readonly debugLevel: number;
  /** False: `-l`, no real-time scheduling. */
  readonly realtime: boolean;
  /** False: `-M`, beats but manages no resource. */
  readonly manageResources: boolean;
  /** Whether what the start prints may be coloured. */
  readonly colour: boolean;
  /** Stays in the terminal that started it and logs there too. */
  readonly foreground: boolean;
}

/** Exit codes of a start (cluster-semantics §13). */
export const START_EXIT = {
  started: 0,
  failed: 1,
  permission: 4,
  configuration: 6,
  /** Ended by order, and something did not stop; one that the manager must not start again. */
  leftBehind: 8,
} as const;

/** The options in the command line of the child; only this program writes them. */
export function parseDaemonOptions(word: string | undefined): DaemonOptions {
  return JSON.parse(word ?? "") as DaemonOptions;
}
