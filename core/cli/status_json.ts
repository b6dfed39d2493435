/**
 * What `heartbeat status --json` prints: the verdict, and the daemon's whole answer with the place of
 * each group. Programs can always read a verdict with a word, an exit code and reasons, also when
 * nobody answers. It judges nothing itself.
 */
import type { DaemonView } from "../runtime/protocol.ts";
import type { ControlErrorKind } from "./control_client.ts";
import { peerName, type Place, placeOf, STATUS_EXIT, type Verdict } from "./verdict.ts";

/** Raised when a field goes or changes its meaning; new fields may come at any time. */
const SCHEMA = 1;

export function statusJson(status: DaemonView, verdict: Verdict): string {
  const { engine } = status;
  const groups = engine.groups.map((group) => {
    const place = placeOf(engine, group);
    return { ...group, place, owner: ownerAt(place, status) };
  });
  return json({ schema: SCHEMA, verdict, status: { ...status, engine: { ...engine, groups } } });
}

/** @param reasons why there is no answer, and what is known all the same */
export function noStatusJson(error: ControlErrorKind, reasons: readonly string[]): string {
  const verdict = error === "absent"
    ? { word: "NOT RUNNING", exit: STATUS_EXIT.notRunning, reasons }
    : { word: "UNKNOWN", exit: STATUS_EXIT.unknown, reasons };
  return json({ schema: SCHEMA, verdict, error });
}

/** The node that runs a group; null when that is not one node, as far as this one knows. */
function ownerAt(place: Place, { engine }: DaemonView): string | null {
  switch (place) {
    case "here":
      return engine.self;
    case "peer":
      return peerName(engine);
    case "both":
    case "nowhere":
    case "moving":
    case "starting there":
    case "stopping there":
    case "between":
    case "apart":
    case "unknown":
      return null;
    default: {
      const never: never = place;
      return never;
    }
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
