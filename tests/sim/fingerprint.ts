/** What a packet could change in an engine, as text, to see whether it did; and whether it may. */
import type { NewestStatus } from "../../core/engine/events.ts";
import type { State } from "../../core/engine/state.ts";
import { hexNumber, text } from "../../core/wire/fields.ts";
import type { Message } from "../../core/types.ts";

/** All that could change for the worse. */
export function fingerprint(engine: State | null): string {
  if (engine === null) return "";
  const { phase, claim, handover, takeover, peer, generation } = engine;
  const nodes = [...engine.nodes.values()].map((node) => [
    node.status,
    node.generation,
    node.heardMs,
    node.window.lastSeq,
  ]);
  return JSON.stringify({ phase, claim, handover, takeover, peer, generation, nodes });
}

/** Which numbers of the sender of `message` it has taken in. */
export function takenIn(engine: State | null, message: Message): string {
  const window = engine?.nodes.get(text(message, "src") ?? "")?.window;
  return window === undefined ? "" : `${window.lastSeq} ${window.gaps.size}`;
}

/** It is older than what a host had noted of the sender before this life. */
export function isNoted(
  engine: State | null,
  recalled: readonly NewestStatus[],
  message: Message,
): boolean {
  const note = recalled.find(({ node }) => node === text(message, "src"));
  const [generation = 0, seq = Infinity, sentS = Infinity] = ["hg", "seq", "ts"]
    .map((name) => hexNumber(message, name));
  if (note === undefined || sentS > note.sentS) return false;
  // A later clock has made it believe that the numbers of the sender began anew: a beat that was
  // lost on its way, recorded, and sent before somebody set the sender's clock back.
  const sender = engine?.nodes.get(note.node);
  const known = sender?.generation ?? 0;
  const lastSeq = sender?.window.lastSeq ?? Infinity;
  const wentBack = known < note.generation || (known === note.generation && lastSeq < note.seq);
  if (known > 0 && wentBack) return false;
  return generation < note.generation || (generation === note.generation && seq <= note.seq);
}
