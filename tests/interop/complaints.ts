/**
 * What an original complains of in its log, each kind of line once: numbers, digests and addresses
 * are taken out, so that the lines of two runs can be compared.
 */
import { TORN } from "./implementation.ts";

/** Levels that mean trouble, and words that mean it at any level. */
const COMPLAINT = /\b(EMERG|CRIT|ERROR)\b|\b(bad|replay|not authenticated|corrupt)/;
const DUMPED_FIELD = /MSG\[\d+\] : .*/;

/** @param node whose log it is: what it says of a message of its own, it says of itself */
export function complaintsIn(log: string, node: string): readonly string[] {
  const kinds = new Set<string>();
  for (const line of log.split("\n")) {
    // A line of the daemon; what its scripts say is no matter of the wire.
    const text = /heartbeat: \[\d+\]: (.*)/.exec(line)?.[1];
    if (text === undefined || !COMPLAINT.test(text)) continue;
    // Its scripts outlive the matter on a slow machine, and it then ignores its own "done".
    if (/message '\w+' from (\w+)/.exec(text)?.[1] === node || text.includes(TORN)) continue;
    kinds.add(
      text.replace(DUMPED_FIELD, "MSG[N] : …")
        // Which of the two it notices first after a partition is chance.
        .replace(/own (our|foreign) resources/, "own resources")
        .replace(/\b[0-9a-f]{8,}\b/g, "H")
        .replace(/\d+/g, "N"),
    );
  }
  return [...kinds];
}
