/**
 * The wrapper that `traditional_compression on` puts around large messages (wire-protocol §7): two
 * fields, one of which holds a whole compressed classic frame. Only the wrapper's signature counts,
 * and it has been verified before this is called. We open wrappers and never make them.
 *
 * bzip2 is refused with a cause of its own: neither Deno nor Node can open it, and a haresources
 * message never grows to the size that compression needs.
 */
import { inflateSync } from "node:zlib";
import type { Message } from "../types.ts";
import { CLASSIC_START, readClassic } from "./classic.ts";
import { bytes, text } from "./fields.ts";
import { MAX_UNCOMPRESSED_BYTES } from "./limits.ts";
import { quote, reject, type Rejection } from "./rejection.ts";
import { wireOfBytes } from "./wire_text.ts";

const PAYLOAD_FIELD = "_compressed_payload";
const ALGORITHM_FIELD = "_compression_algorithm";

/** The message inside a wrapper, or the message itself when it is not a wrapper. Never throws. */
export function unwrap(message: Message): Message | Rejection {
  const payload = bytes(message, PAYLOAD_FIELD);
  if (payload === undefined) return message;
  const algorithm = text(message, ALGORITHM_FIELD);
  if (message.length !== 2 || algorithm === undefined) {
    return reject(
      "compressed-bad",
      `wrapper has ${message.length} fields, not payload + algorithm`,
    );
  }
  if (algorithm !== "zlib") {
    return reject("compressed-unsupported", `compression ${quote(algorithm)}, can open only zlib`);
  }
  const frame = inflate(payload);
  if (typeof frame !== "string") return frame;
  if (!frame.startsWith(CLASSIC_START)) {
    return reject("compressed-bad", `compressed ${quote(frame)} is not a classic frame`);
  }
  const inner = readClassic(frame);
  if ("kind" in inner) return inner;
  if (bytes(inner, PAYLOAD_FIELD) !== undefined) {
    return reject("compressed-bad", "a wrapper inside a wrapper");
  }
  return inner;
}

function inflate(payload: Uint8Array): string | Rejection {
  try {
    return wireOfBytes(inflateSync(payload, { maxOutputLength: MAX_UNCOMPRESSED_BYTES }));
  } catch (error) {
    if (error instanceof RangeError) {
      return reject("oversized", `compressed message holds over ${MAX_UNCOMPRESSED_BYTES} bytes`);
    }
    return reject(
      "compressed-bad",
      `decompress: ${error instanceof Error ? error.message : error}`,
    );
  }
}
