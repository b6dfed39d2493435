/**
 * `heartbeat standby` and `heartbeat takeover`: order a share of the groups away from this node or
 * towards it, and optionally wait until they have moved, or it is clear that they do not. Which groups
 * move, and whether they may, the daemons decide.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Share } from "../engine/events.ts";
import type { EngineView, Holding } from "../engine/view.ts";
import { failureText, peerName } from "./verdict.ts";
import {
  type Call,
  type Command,
  type CommandDoc,
  defineCommand,
  type OptionDoc,
  UsageError,
} from "./command.ts";
import { askStatus, giveOrder } from "./control_client.ts";
import { explainRefusal, ORDER_EXITS } from "./failure.ts";
import type { Host } from "./host.ts";

/** What operators say; `failback` is another word for `foreign` (cluster-semantics §18.2). */
export const SHARE_WORDS = ["all", "local", "foreign", "failback"] as const;
/** What each of them means, for help and manual. */
export const SHARE_TERMS: NonNullable<CommandDoc["terms"]> = [
  ["all", "Both of the next two; the same as no word."],
  ["local", "The groups that prefer this node, that is, name it first in haresources."],
  ["foreign", "The groups that prefer the other node."],
  ["failback", "The same as foreign; a standby of these sends them home."],
];
const POLL_MS = 100;
/** The peer has 10 s to say yes or no. */
export const ORDER_DEADLINE_MS = 15_000;
/** A day; nobody waits longer for groups to move. */
const MAX_WAIT_S = 86_400;

const WAIT: OptionDoc = {
  name: "wait",
  short: "w",
  value: "SECONDS",
  doc: "Wait until they have moved; exit 1 if that fails, or after SECONDS.",
};

const ALTHOUGH_KEY_DIFFERS: OptionDoc = {
  name: "although-key-differs",
  doc: "Take everything, although beats in its name come with another key.",
};

export const standbyCommand: Command = handoverCommand(
  "standby",
  "Hand this node's groups over to the other node",
);

export const takeoverCommand: Command = handoverCommand(
  "takeover",
  "Ask the other node to hand its groups over to this node",
);

/** The share that a word of SHARE_WORDS means, `all` without a word; undefined for other words. */
export function shareMeant(word: string | undefined): Share | undefined {
  switch (word) {
    case undefined:
    case "all":
      return "all";
    case "local":
      return "local";
    case "foreign":
    case "failback":
      return "foreign";
    default:
      return undefined;
  }
}

function handoverCommand(order: "standby" | "takeover", summary: string): Command {
  return defineCommand({
    name: order,
    summary,
    operands: `[${SHARE_WORDS.join("|")}]`,
    maxOperands: 1,
    words: SHARE_WORDS,
    terms: SHARE_TERMS,
    options: order === "takeover" ? [WAIT, ALTHOUGH_KEY_DIFFERS] : [WAIT],
    exits: ORDER_EXITS,
    usageExit: 2,
  }, (host, call) => handOver(host, call, order));
}

async function handOver(host: Host, call: Call, order: "standby" | "takeover"): Promise<number> {
  const share = shareMeant(call.operands[0]) ?? "all";
  const waitS = waitOf(call);
  const request = order === "takeover" && call.count("although-key-differs") > 0
    ? { order, share, although: "key-differs" } as const
    : { order, share };
  let doing = `order ${order} ${share}`;
  try {
    host.out(`${await giveOrder(host.paths, request, ORDER_DEADLINE_MS)}\n`);
    if (waitS === undefined) return 0;
    doing = `say whether ${order} ${share} is done`;
    return await waitUntilMoved(host, order, share, waitS);
  } catch (error) {
    return explainRefusal(host, doing, error);
  }
}

function waitOf(call: Call): number | undefined {
  const text = call.value("wait");
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= MAX_WAIT_S) return seconds;
  throw new UsageError(
    `--wait "${text}" is not a number of seconds above 0, at most ${MAX_WAIT_S}`,
  );
}

async function waitUntilMoved(
  host: Host,
  order: "standby" | "takeover",
  share: Share,
  waitS: number,
): Promise<number> {
  const beganMs = performance.now();
  for (;;) {
    const { engine } = await askStatus(host.paths);
    const elapsedMs = performance.now() - beganMs;
    if (hasMoved(engine, order, share)) {
      host.out(`${engine.self} ${stateText(engine)} now.\n`);
      return 0;
    }
    const isOver = elapsedMs >= waitS * 1000;
    const isKept = order === "standby" && isHeldAgain(engine, share);
    if (isOver || isKept || !engine.inTransition) {
      const end = isOver ? `is not done after ${waitS} s` : "did not come about";
      const state = isKept && engine.inTransition
        ? `keeps ${engine.holds} resources`
        : stateText(engine);
      const facts = [`${engine.self} ${state}`, ...causes(engine, elapsedMs)];
      host.err(`heartbeat: ${order} ${share} ${end}: ${facts.join("; ")}\n`);
      return 1;
    }
    await delay(POLL_MS);
  }
}

function stateText({ inTransition, groups }: EngineView): string {
  if (inTransition) return "is still in transition";
  const running = groups.filter(({ status }) => status === "started").map(({ key }) => key);
  return `runs ${running.length === 0 ? "nothing" : running.join(", ")}`;
}

/** What went wrong with groups on either node since the order. */
function causes(engine: EngineView, elapsedMs: number): string[] {
  const peer = peerName(engine);
  return engine.groups.flatMap(({ key, problem, failure, peer: there }) => {
    const isFresh = (ageMs: number) => ageMs <= elapsedMs + 1_000;
    if (failure && isFresh(failure.ageMs)) return [`group ${key}: ${failureText(failure, peer)}`];
    if (problem !== null) return [`group ${key}: ${problem}`];
    const isTrouble = there !== null && there.text !== "" && isFresh(there.ageMs);
    return isTrouble ? [`group ${key} on ${peer}: ${there.text}`] : [];
  });
}

/**
 * What a standby gives it claims no more from the peer's yes on: it was called off, and what comes of
 * the group then, which may be tried again for ever, is no part of the move.
 */
function isHeldAgain({ holds }: EngineView, share: Share): boolean {
  const held = partsOf(holds);
  return partsOf(share).some((part) => held.includes(part));
}

/** A move that was accepted is a transition until it has ended, one way or the other. */
function hasMoved(engine: EngineView, order: "standby" | "takeover", share: Share): boolean {
  if (engine.inTransition) return false;
  const held = partsOf(engine.holds);
  const parts = partsOf(share);
  const wanted = engine.groups.filter(({ node }) =>
    parts.includes(node === engine.self ? "local" : "foreign")
  );
  if (order === "standby") {
    return parts.every((part) => !held.includes(part)) &&
      wanted.every(({ peer }) => peer?.state !== "failed");
  }
  return parts.every((part) => held.includes(part)) &&
    wanted.every(({ status }) => status === "started");
}

function partsOf(share: Holding): readonly ("local" | "foreign")[] {
  switch (share) {
    case "none":
      return [];
    case "local":
    case "foreign":
      return [share];
    case "all":
      return ["local", "foreign"];
    default: {
      const never: never = share;
      return never;
    }
  }
}
