/**
 * The acts of the demo and the rule by which each is judged: the right host answers, its kernel
 * holds the address and its service runs, the other host has neither, and ownership moved once.
 */
import { type HostName, HOSTS, type Stage } from "./stage.ts";
import { outageMs, type Watch } from "./watch.ts";

export interface Act {
  readonly title: string;
  /** Who has to answer in the end. */
  readonly owner: HostName;
  /** A host without power beats no more: its outage includes the detection. */
  readonly detects?: HostName;
  readonly play: (stage: Stage) => Promise<void>;
}

export interface Verdict {
  readonly act: Act;
  /** What is wrong; empty when the act ended as it should. */
  readonly problems: readonly string[];
  /** Longest time between two pages; 0 where no page had been served before. */
  readonly outageMs: number;
  /** From the cause to the first page of the new owner. */
  readonly servedAfterMs: number | null;
  /** From `deadtime` after the last beat heard to the first page: what takeover itself costs. */
  readonly overheadMs: number | null;
}

const [ha1, ha2] = HOSTS;
const POLL_MS = 20;
/** How long the end of an act has to stand unchanged before it counts. */
const SETTLED_MS = 1_000;
/** A client on a busy machine pauses now and then; longer than this, and nobody answers it. */
const SILENT_MS = 500;
/** Time that an act may take beyond one deadtime, detection and slow machines included. */
const LIMIT_MS = 60_000;

export const ACTS: readonly Act[] = [
  {
    title: "cold start of both",
    owner: ha1,
    play: async (stage) => {
      for (const host of HOSTS) await stage.powerOn(host);
      await Promise.all(HOSTS.map((host) => stage.startHeartbeat(host)));
    },
  },
  { title: "power loss of ha1", owner: ha2, detects: ha1, play: (stage) => stage.powerOff(ha1) },
  {
    title: "ha1 comes back",
    owner: ha1,
    play: async (stage) => {
      await stage.powerOn(ha1);
      await stage.startHeartbeat(ha1);
    },
  },
  { title: "hb_standby on ha1", owner: ha2, play: (stage) => stage.standby(ha1) },
  { title: "heartbeat stop on ha2", owner: ha1, play: (stage) => stage.stopHeartbeat(ha2) },
];

/** Plays one act and waits until its end stands, or until the limit. */
export async function playAct(act: Act, stage: Stage, watch: Watch): Promise<Verdict> {
  const beganMs = stage.nowMs();
  // A command may return long after its effect shows; the audience watches meanwhile.
  let failure: string | undefined;
  const playing = act.play(stage).catch((error: unknown) => failure = String(error));
  const limitMs = beganMs + LIMIT_MS + stage.deadtimeMs;
  let rightSinceMs: number | null = null;
  let problems: readonly string[] = [];
  while (failure === undefined && stage.nowMs() < limitMs) {
    await stage.sleep(POLL_MS);
    problems = await problemsNow(act.owner, stage, watch);
    if (problems.length > 0) rightSinceMs = null;
    else rightSinceMs ??= stage.nowMs();
    if (rightSinceMs !== null && stage.nowMs() - rightSinceMs >= SETTLED_MS) break;
  }
  await playing;
  return judge(act, stage, watch, beganMs, failure ? [failure, ...problems] : problems);
}

/** Compares the page, the kernels' addresses and the listening sockets with what should be. */
async function problemsNow(owner: HostName, stage: Stage, watch: Watch): Promise<string[]> {
  const problems: string[] = [];
  const answering = watch.answering(stage.nowMs(), SILENT_MS);
  if (answering !== owner) problems.push(`the page comes from ${answering ?? "nobody"}`);
  for (const host of HOSTS) {
    const { holdsAddress, runsService } = await stage.truth(host);
    const verb = host === owner ? "lacks" : "still has";
    if (holdsAddress !== (host === owner)) problems.push(`${host} ${verb} the address`);
    if (runsService !== (host === owner)) problems.push(`${host} ${verb} a running httpd`);
  }
  return problems;
}

function judge(
  act: Act,
  stage: Stage,
  watch: Watch,
  beganMs: number,
  found: readonly string[],
): Verdict {
  const changes = watch.changesSince(beganMs);
  const moves = changes.filter((change) => change.before !== change.after);
  const problems = [...found];
  if (moves.length > 1) {
    const way = moves.map((move) => move.after).join(", then ");
    problems.push(`ownership moved ${moves.length} times: ${way}`);
  }
  const served = moves.at(-1)?.toMs ?? null;
  const lastBeatMs = act.detects === undefined ? undefined : stage.lastBeatMs(act.detects);
  return {
    act,
    problems,
    outageMs: Math.max(0, ...changes.map(outageMs)),
    servedAfterMs: served === null ? null : served - beganMs,
    overheadMs: served === null || lastBeatMs === undefined
      ? null
      : served - (lastBeatMs + stage.deadtimeMs),
  };
}
