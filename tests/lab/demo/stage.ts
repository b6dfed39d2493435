/**
 * What the acts of the demo need from the world in which they are played, so that the same acts run
 * on real kernels in the lab and, where no namespaces are permitted, on the simulator's network.
 */

export const HOSTS = ["ha1.bogus.sh.cn", "ha2.bogus.sh.cn"] as const;
export type HostName = typeof HOSTS[number];

/** The address of the article's haresources line. */
export const SERVICE_ADDRESS = "192.168.2.3";
export const SERVICE_PORT = 80;

/** What a host's own kernel says, as opposed to what its daemon believes. */
export interface Truth {
  readonly holdsAddress: boolean;
  readonly runsService: boolean;
}

/** One fetch of the page, told when it ended. */
export interface Answer {
  readonly endedMs: number;
  /** Host that the page names; null when no page came in time. */
  readonly host: string | null;
}

export interface Stage {
  readonly deadtimeMs: number;
  /** Milliseconds on the clock that answers and beats are stamped with. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;

  powerOn(host: HostName): Promise<void>;
  powerOff(host: HostName): Promise<void>;
  /** The init script's `start` and `stop`, to their end. */
  startHeartbeat(host: HostName): Promise<void>;
  stopHeartbeat(host: HostName): Promise<void>;
  /** `hb_standby` on that host. */
  standby(host: HostName): Promise<void>;

  truth(host: HostName): Promise<Truth>;
  /** Tells every fetch of the client from now on. */
  onAnswer(listener: (answer: Answer) => void): void;
  /** When the last packet of that host was heard on the heartbeat cable. */
  lastBeatMs(host: HostName): number | undefined;
  /** Lines worth reading after a failure: the end of each host's log. */
  evidence(): Promise<string>;
  close(): Promise<void>;
}
