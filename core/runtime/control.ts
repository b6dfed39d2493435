/**
 * Answers what is asked over the control socket. One line in, one answer out; who asks is known
 * from the kernel, and only root, or the user that the daemon runs as, may order. Holds no
 * connection and no state of the cluster.
 */
import type { Command, Share } from "../engine/events.ts";
import type { Answer, DaemonView, Request } from "./protocol.ts";

/** What the daemon offers to those who ask. */
export interface ControlTarget {
  view(): DaemonView;
  /** A parameter of ha.cf as text; null: there is none of that name. */
  parameter(name: string): string | null;
  /** Resolves with the answer to show; `stop` resolves when everything is released. */
  order(order: Order): Promise<{ readonly accepted: boolean; readonly text: string }>;
}

export type Order = Extract<Request, { order: string }>;

const SHARES: readonly string[] = ["all", "local", "foreign"] satisfies Share[];

/**
 * @param line one request, without its line feed
 * @param uid of the process at the other end, as the kernel knows it
 */
export async function answerRequest(
  line: string,
  uid: number,
  target: ControlTarget,
): Promise<Answer> {
  const request = parseRequest(line);
  if (request === null) return refuse(`Cannot understand ${JSON.stringify(line.slice(0, 80))}`);
  if ("ask" in request) {
    return request.ask === "status"
      ? { ok: true, status: target.view() }
      : { ok: true, value: target.parameter(request.name) };
  }
  if (uid !== 0 && uid !== Deno.uid()) {
    return refuse(`Not permitted: user ${uid} orders "${request.order}", only root may`);
  }
  const { accepted, text } = await target.order(request);
  return accepted ? { ok: true, text } : refuse(text);
}

function refuse(text: string): Answer {
  return { ok: false, text };
}

function parseRequest(line: string): Request | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const words: Record<string, unknown> = { ...value };
  const { ask, name, order, share, although, group, isStopped, node, dryRun } = words;
  if (ask === "status") return { ask };
  if (ask === "parameter") return typeof name === "string" ? { ask, name } : null;
  if (order === "stop") return { order };
  if (order === "reload") return dryRun === true ? { order, dryRun } : { order };
  if (order === "retry") {
    const isRetry = typeof group === "string" && typeof isStopped === "boolean";
    return isRetry ? { order, group, isStopped } : null;
  }
  if (order === "confirm") return typeof node === "string" ? { order, node } : null;
  if (!isShare(share)) return null;
  if (order === "standby") return { order, share };
  if (order !== "takeover") return null;
  return although === "key-differs" ? { order, share, although } : { order, share };
}

/** What an administrator says of a group or a host, in the engine's words. */
export function repairCommand(order: Extract<Order, { order: "retry" | "confirm" }>): Command {
  if (order.order === "confirm") return { kind: "confirm", node: order.node };
  return { kind: "retry", group: order.group, isStopped: order.isStopped };
}

function isShare(value: unknown): value is Share {
  return typeof value === "string" && SHARES.includes(value);
}
