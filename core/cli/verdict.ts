/**
 * Judges a status: one word, an exit code, and the reasons in sentences. It judges only what the
 * daemon said in this answer; what nobody said is named as unknown, never assumed good.
 */
import type { EngineView, FailureView, GroupView, Holding, NodeView } from "../engine/view.ts";
import type { DaemonView } from "../runtime/protocol.ts";
import { age } from "./style.ts";

/** Exit codes of `heartbeat status` (field anchors §5.2). */
export const STATUS_EXIT = { ok: 0, degraded: 1, down: 2, notRunning: 3, unknown: 4 } as const;

export interface Verdict {
  readonly word: "OK" | "DEGRADED" | "DOWN" | "CONTESTED";
  readonly exit: 0 | 1 | 2;
  /** Why it is not OK; empty when it is. */
  readonly reasons: readonly string[];
}

/** The verdict on one answer of the daemon; worst first: contested, down, degraded, ok. */
export function judge(view: DaemonView): Verdict {
  const { engine } = view;
  const places = engine.groups.map((group) => ({ group, place: placeOf(engine, group) }));
  const contested = places.filter(({ place }) => place === "both")
    .map(({ group }) => `group ${group.key} runs here and on ${peerName(engine)}`);
  const down = places.filter(({ place }) => place === "nowhere" && !engine.inTransition)
    .map(({ group }) => `group ${group.key} runs nowhere`);
  const torn = places.flatMap(({ group, place }) => tornText(engine, group, place));
  const addresses = view.addresses ?? [];
  const lost = addresses.filter(({ gone }) => gone).map(({ text }) => text);
  const lesser = [
    ...addresses.filter(({ gone }) => !gone).map(({ text }) => text),
    ...(engine.difference ? [engine.difference] : []),
    ...phaseReasons(engine),
    ...nodeReasons(engine),
    ...groupReasons(engine, places, engine.phase === "joining"),
    ...view.problems ?? [],
  ];
  for (const medium of view.media) {
    if (!medium.usable) lesser.push(`medium ${medium.title} is unusable: ${medium.reason}`);
  }
  const held = [engine.heldBack, engine.foreignKey?.text].filter((text) => text !== undefined);
  const isPeerUnknown = engine.heldBack !== undefined || engine.foreignKey?.grave === true;
  const reasons = [...held, ...contested, ...down, ...lost, ...torn, ...lesser];
  if (contested.length > 0) return { word: "CONTESTED", exit: 2, reasons };
  if (isPeerUnknown || down.length + lost.length + torn.length > 0) {
    return { word: "DOWN", exit: 2, reasons };
  }
  if (held.length + lesser.length > 0) return { word: "DEGRADED", exit: 1, reasons };
  return { word: "OK", exit: 0, reasons };
}

/**
 * Where a group is, as far as anybody said. `between`: a move is under way, and it is stopped here;
 * `apart`: the peer goes by another haresources, so its words do not tell of this group; `unknown`: the
 * living peer has not said what it holds.
 */
export type Place =
  | "here"
  | "peer"
  | "both"
  | "nowhere"
  | "moving"
  | "starting there"
  | "stopping there"
  | "between"
  | "apart"
  | "unknown";

/** Where a group runs, from this node's own record and what the peer said last. */
export function placeOf(engine: EngineView, group: GroupView): Place {
  const peer = engine.nodes.find((node) => node.kind === "normal" && !node.self);
  const peerAlive = !peer?.left && (peer?.status === "active" || peer?.status === "up");
  const prefersPeer = group.node === peer?.name;
  const peerHas = peerAlive && engine.peerHolds !== null && covers(engine.peerHolds, prefersPeer);
  // What does not stop runs here, or may.
  if (group.status === "started" || group.status === "blocked") {
    return peerHas && !engine.inTransition ? "both" : "here";
  }
  if (group.status === "starting" || group.status === "stopping") return "moving";
  if (engine.phase === "joining" || (peerAlive && engine.peerHolds === null)) return "unknown";
  if (!peerAlive) return "nowhere";
  return placeThere(engine, group, peerHas, covers(engine.peerBusy, prefersPeer));
}

/** Where a group is that does not run here, beside a peer that says what it holds. */
function placeThere(engine: EngineView, group: GroupView, has: boolean, isBusy: boolean): Place {
  const said = group.peer?.state;
  switch (said) {
    case "blocked":
    case "partial":
      return "peer";
    case "starting":
      return "starting there";
    case "stopping":
      return "stopping there";
    case "failed":
      return engine.inTransition ? "between" : "nowhere";
    case undefined:
      if (!group.agreed) return has || isBusy ? "apart" : "nowhere";
      if (has) return "peer";
      if (isBusy) return "stopping there";
      return engine.inTransition ? "between" : "nowhere";
    default: {
      const never: never = said;
      return never;
    }
  }
}

/** Some of it was stopped, and the rest does not stop. */
function tornText(engine: EngineView, group: GroupView, place: Place): string[] {
  const { key, status, resources, peer } = group;
  if (status === "blocked" && resources.some(({ running }) => running === false)) {
    return [`group ${key} runs only in part, and cannot move`];
  }
  if (place !== "peer" || peer?.state !== "partial") return [];
  return [`group ${key} runs only in part on ${peerName(engine)}, and cannot move: ${peer.text}`];
}

/** Whether somebody who holds `holding` has a group that prefers them (or does not). */
function covers(holding: Holding, prefersThem: boolean): boolean {
  return holding === "all" || holding === (prefersThem ? "local" : "foreign");
}

export function peerName(engine: EngineView): string {
  return engine.nodes.find((node) => node.kind === "normal" && !node.self)?.name ?? "the peer";
}

function phaseReasons(engine: EngineView): string[] {
  switch (engine.phase) {
    case "joining":
      return ["joining: not every node was heard yet"];
    case "leaving":
      return ["leaving: this node is being stopped"];
    case "left":
      return ["left: this node has released everything"];
    case "settling":
    case "stable":
      return engine.inTransition ? ["in transition: resources are moving"] : [];
    default: {
      const never: never = engine.phase;
      return never;
    }
  }
}

function nodeReasons(engine: EngineView): string[] {
  const reasons: string[] = [];
  for (const node of engine.nodes) {
    // Nobody hears himself on a null-modem cable or by unicast: his own links prove nothing.
    if (node.self) continue;
    if (node.left) reasons.push(`node ${node.name} left in order ${age(node.ageMs)} ago`);
    else if (node.status === "active" || node.status === "ping") {
      for (const link of node.links) {
        if (link.status === "dead") {
          reasons.push(
            `link ${link.name} to ${node.name} has been dead for ${age(link.ageMs)}: ` +
              `this node does not hear ${node.name} on it`,
          );
        }
      }
      if (node.unheard !== undefined) reasons.push(unheardReason(node.name, node.unheard));
    } else {
      reasons.push(`node ${node.name} has been ${node.status} for ${age(node.ageMs)}`);
    }
  }
  return reasons;
}

/** The other way is well: what the node says of it has been heard. */
function unheardReason(name: string, { ageMs, links }: NonNullable<NodeView["unheard"]>): string {
  return links === null
    ? `${name} is heard, and has not heard this node for ${age(ageMs)}: it will take over, or has`
    : `${name} has not heard this node on its ${links.replaceAll(" ", ", ")} for ${age(ageMs)}`;
}

/** @param joining the phase says already that nobody was heard */
function groupReasons(
  engine: EngineView,
  places: readonly { group: GroupView; place: Place }[],
  joining: boolean,
): string[] {
  return places.flatMap(({ group, place }) => {
    const title = `group ${group.key}`;
    const reasons = [
      ...ownTrouble(engine, group),
      ...peerTrouble(engine, group, place),
      ...group.resources.filter(({ denied }) => denied)
        .map(({ text }) => `${text} was started, and its status says that it does not run`),
    ].map((reason) => `${title}${reason.startsWith(" ") ? "" : ": "}${reason}`);
    if (place === "unknown" && !joining) reasons.push(`${title}: nobody said yet who runs it`);
    return reasons;
  });
}

function ownTrouble(engine: EngineView, { status, problem, failure }: GroupView): string[] {
  if (problem !== null) return [`${status === "blocked" ? " is blocked here: " : ""}${problem}`];
  return failure ? [failureText(failure, peerName(engine))] : [];
}

/** A sentence about the last failure of a group. */
export function failureText(failure: FailureView, peer: string): string {
  const { operation, resource, cause, followed, ageMs } = failure;
  return `${operation} of ${resource} failed ${age(ageMs)} ago: ${cause}; ` +
    followedText(followed, peer);
}

function followedText(followed: FailureView["followed"], peer: string): string {
  switch (followed) {
    case "retry":
      return "it is tried again";
    case "moved":
      return `the group was given to ${peer}`;
    case "kept":
      return "the group stays here";
    case "blocked":
      return "it may still run here";
    default: {
      const never: never = followed;
      return never;
    }
  }
}

function peerTrouble(engine: EngineView, { peer }: GroupView, place: Place): string[] {
  const name = peerName(engine);
  switch (peer?.state) {
    case "starting":
    case "stopping":
      // Of a move between the nodes the phase tells; here the peer is at work for itself.
      if (engine.inTransition || (place !== "starting there" && place !== "stopping there")) {
        return [];
      }
      return [
        ` has been ${peer.state} on ${name} for ${age(peer.ageMs)}` +
        `${peer.text === "" ? "" : `: ${peer.text}`}`,
      ];
    case "blocked":
      return [` is blocked on ${name}: ${peer.text}`];
    case "failed":
      return [` did not start on ${name} ${age(peer.ageMs)} ago: ${peer.text}`];
    default:
      return [];
  }
}
