/**
 * From the bytes of one datagram or serial frame to a message that may be believed, or the reason
 * why not. Everything that arrives passes through here; the bytes are a stranger's until the
 * signature says otherwise. Never throws, and does work in proportion to the size of the frame.
 */
import type { AuthKeys, Message } from "../types.ts";
import { CLASSIC_START, decodeClassic } from "./classic.ts";
import { unwrap } from "./compression.ts";
import { controlFault } from "./control.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import { decodeNetstring, NETSTRING_START } from "./netstring.ts";
import { quote, reject, type Rejection } from "./rejection.ts";
import { wireOfBytes } from "./wire_text.ts";

export type Decoded =
  | {
    readonly kind: "message";
    /** Without `auth`; has `t`, `src`, `ts` above 0, and `seq` above 0 unless `t` is `NS_…`. */
    readonly message: Message;
    /** Of the frame as received, which is the one that its sender understands surely. */
    readonly format: "classic" | "netstring";
    /** Number of the key that it was signed with, for watching a roll-over. */
    readonly keyNumber: number;
  }
  | Rejection;

const START_BYTES = 4;

/** Decodes one frame; the first four bytes decide the format (wire-protocol §0, fact 1). */
export function decodeFrame(frame: Uint8Array, keys: AuthKeys): Decoded {
  if (frame.length > MAX_FRAME_BYTES) {
    return reject("oversized", `frame of ${frame.length} bytes, at most ${MAX_FRAME_BYTES}`);
  }
  const start = wireOfBytes(frame.subarray(0, START_BYTES));
  const format = formatOf(start);
  if (format === undefined) return reject("not-a-frame", `starts with ${quote(start)}`);
  const decoded = format === "classic"
    ? decodeClassic(wireOfBytes(frame), keys)
    : decodeNetstring(frame, keys);
  if (decoded.kind === "rejected") return decoded;
  const message = unwrap(decoded.message);
  if ("kind" in message) return message;
  return controlFault(message) ??
    { kind: "message", message, format, keyNumber: decoded.keyNumber };
}

function formatOf(start: string): "classic" | "netstring" | undefined {
  if (start === NETSTRING_START) return "netstring";
  if (start === CLASSIC_START) return "classic";
  return undefined;
}
