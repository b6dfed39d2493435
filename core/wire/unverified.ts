/**
 * What a packet that was not believed says of itself. Nothing of it is proof: anybody can write it.
 * It is of use for two things: to tell people that a node signs with another key, and to be careful
 * at a start, where a node that has heard nobody would otherwise believe to be alone.
 */
import type { Message } from "../types.ts";
import { CLASSIC_START, readClassic } from "./classic.ts";
import { controlFault } from "./control.ts";
import { text } from "./fields.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import { NETSTRING_START, readNetstring } from "./netstring.ts";
import type { Rejection } from "./rejection.ts";
import { wireOfBytes } from "./wire_text.ts";

export interface Unverified {
  /** The node in whose name it was sent. */
  readonly source: string;
  readonly isBeat: boolean;
}

/** Null for what is no whole message. Never throws. */
export function readUnverified(frame: Uint8Array): Unverified | null {
  if (frame.length > MAX_FRAME_BYTES) return null;
  const message = messageOf(frame);
  if (message === null || "kind" in message || controlFault(message) !== undefined) return null;
  return { source: text(message, "src") ?? "", isBeat: text(message, "t") === "status" };
}

function messageOf(frame: Uint8Array): Message | Rejection | null {
  const start = wireOfBytes(frame.subarray(0, NETSTRING_START.length));
  if (start === NETSTRING_START) return readNetstring(frame);
  return start === CLASSIC_START ? readClassic(wireOfBytes(frame)) : null;
}
