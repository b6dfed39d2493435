/**
 * Reports packets that did not verify and name another node of the cluster as their sender, at a pace
 * at which they cost nothing: whoever floods a medium with them gets one report in a fifth of a
 * second, and one short search a packet. What a report means, the engine decides.
 */
import { Buffer } from "node:buffer";
import { readUnverified } from "../wire/unverified.ts";
import type { UnverifiedReport } from "../engine/events.ts";
import type { RejectCause } from "../wire/rejection.ts";
import type { DropCause } from "./protocol.ts";

const REPORT_EVERY_MS = 200;
/** Whole messages whose signature is not believed; the other causes are noise, or not from a node. */
const OTHER_KEY: readonly RejectCause[] = ["unsigned", "unknown-key", "weak-key", "bad-signature"];

export class UnverifiedPackets {
  readonly #nextMs = new Map<string, number>();

  /** @param names of the other nodes */
  constructor(
    private readonly names: readonly string[],
    private readonly report: (report: UnverifiedReport) => void,
  ) {}

  /** @param cause why the frame was not believed */
  note(link: string, frame: Uint8Array, cause: DropCause, nowMs: number): void {
    if (!OTHER_KEY.some((one) => one === cause)) return;
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    for (const name of this.names) {
      const key = `${name} ${link}`;
      if (nowMs < (this.#nextMs.get(key) ?? -Infinity) || !bytes.includes(`src=${name}`)) continue;
      const said = readUnverified(frame);
      if (said?.source !== name) continue;
      this.#nextMs.set(key, nowMs + REPORT_EVERY_MS);
      this.report({ medium: link, source: name, isBeat: said.isBeat, cause });
    }
  }
}
