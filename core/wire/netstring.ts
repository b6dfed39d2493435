/**
 * The netstring frame `###` … `%%%`: length-prefixed fields with raw values, then the signature of
 * every byte before it (wire-protocol §4). What originals since 3.0 send on every network medium.
 *
 * One unsigned datagram kills the original's master process here (§16, 1). So the signature is
 * found in the last bytes of the frame and verified over the raw bytes before any other is looked
 * at; whoever does not know the key reaches one regular expression and one digest.
 */
import type { AuthKeys, Field, Message } from "../types.ts";
import { sign, type Verified, verify } from "./auth.ts";
import { classicBody } from "./classic.ts";
import { MAX_AUTH_ELEMENT_BYTES, MAX_FIELDS, MAX_FRAME_BYTES } from "./limits.ts";
import { AUTH_FIELD, isFieldName, parseRawField, type RawField } from "./raw_field.ts";
import { quote, reject, type Rejection } from "./rejection.ts";
import { bytesOfWire, textOfWire, wireOfBytes, wireOfText } from "./wire_text.ts";

export const NETSTRING_START = "###\n";
const NETSTRING_END = "%%%\n";
const MAX_TAIL_BYTES = NETSTRING_END.length + MAX_AUTH_ELEMENT_BYTES;

/**
 * The frame that says `message`, signed with the signing key.
 * @param options.innerAuth add the `auth` field that 3.0.6 adds with `msgfmt classic`, its default;
 *   no receiver looks at it (§4), it only makes the bytes equal
 * @throws RangeError when the message cannot be written in this format or is too large
 */
export function encodeNetstring(
  message: Message,
  keys: AuthKeys,
  options: { readonly innerAuth: boolean },
): Uint8Array {
  let signed = NETSTRING_START;
  for (const field of message) signed += fieldElement(field);
  if (options.innerAuth) {
    const token = sign(keys, bytesOfWire(classicBody(message)));
    signed += element(`(0)${AUTH_FIELD}=${token}`);
  }
  signed += NETSTRING_END;
  const frame = signed + element(sign(keys, bytesOfWire(signed)));
  if (frame.length > MAX_FRAME_BYTES) {
    throw new RangeError(`encode netstring: ${frame.length} bytes, at most ${MAX_FRAME_BYTES}`);
  }
  return bytesOfWire(frame);
}

/**
 * Verifies and reads a frame that starts with `NETSTRING_START`. Never throws.
 * @param frame the bytes, which the signature covers
 */
export function decodeNetstring(
  frame: Uint8Array,
  keys: AuthKeys,
): Verified & { readonly message: Message } | Rejection {
  const end = endOf(frame);
  if (typeof end !== "number") return end;
  const signedBytes = end + NETSTRING_END.length;
  const token = readAuthElement(wireOfBytes(frame.subarray(signedBytes)));
  if (typeof token !== "string") return token;
  const verified = verify(token, frame.subarray(0, signedBytes), keys, "netstring");
  if (verified.kind === "rejected") return verified;
  const message = readElements(wireOfBytes(frame), end);
  return "kind" in message ? message : { ...verified, message };
}

/** Reads a frame whatever its signature says. Never throws. */
export function readNetstring(frame: Uint8Array): Message | Rejection {
  const end = endOf(frame);
  return typeof end === "number" ? readElements(wireOfBytes(frame), end) : end;
}

/** Where the end marker stands. */
function endOf(frame: Uint8Array): number | Rejection {
  const searched = Math.max(NETSTRING_START.length, frame.length - MAX_TAIL_BYTES);
  const tail = wireOfBytes(frame.subarray(searched));
  // Values may hold the end marker, a signature cannot: the last one is the real one.
  const end = tail.lastIndexOf(NETSTRING_END);
  if (end < 0) return reject("truncated", "does not end with a %%% marker and a signature");
  return searched + end;
}

function readAuthElement(tail: string): string | Rejection {
  if (tail === "") return reject("unsigned", "nothing follows the %%% marker");
  if (!tail.endsWith(",")) return reject("truncated", `signature ${quote(tail)} has no end`);
  const [, length = "", token = ""] = /^(\d{1,2}):([^,]*),$/.exec(tail) ?? [];
  if (length === "" || Number(length) !== token.length) {
    return reject("malformed", `signature ${quote(tail)} is not a netstring`);
  }
  return token;
}

function readElements(wire: string, end: number): Field[] | Rejection {
  const fields: Field[] = [];
  const prefix = /(\d{1,6}):/y;
  let at = NETSTRING_START.length;
  for (let elements = 0; at < end; elements++) {
    if (elements > MAX_FIELDS) return reject("oversized", `more than ${MAX_FIELDS} fields`);
    prefix.lastIndex = at;
    const length = prefix.exec(wire)?.[1];
    const start = prefix.lastIndex;
    const stop = start + Number(length);
    // The comma must stand before the end marker, so that no length reaches beyond it.
    if (length === undefined || stop >= end || wire.charCodeAt(stop) !== 0x2c) {
      return reject("malformed", `no netstring at byte ${at}: ${quote(wire.slice(at, end))}`);
    }
    const raw = parseRawField(wire.slice(start, stop), "required");
    if (raw.kind === "rejected") return raw;
    if (raw.name !== AUTH_FIELD) {
      const field = readField(raw);
      if ("kind" in field) return field;
      fields.push(field);
    }
    at = stop + 1;
  }
  return fields;
}

function readField({ type, name, value }: RawField): Field | Rejection {
  if (type !== 0) return { type, name: textOfWire(name), value: bytesOfWire(value) };
  // The original holds text in C strings; it and we would read different values.
  if (value.includes("\0")) return reject("malformed", `NUL in the text of ${quote(name)}`);
  return { type, name: textOfWire(name), value: textOfWire(value) };
}

function fieldElement(field: Field): string {
  const name = wireOfText(field.name);
  if (!isFieldName(name) || name === AUTH_FIELD) {
    throw new RangeError(`encode netstring: ${quote(name)} cannot be the name of a field`);
  }
  const value = field.type === 0 ? wireOfText(field.value) : wireOfBytes(field.value);
  if (field.type === 0 && value.includes("\0")) {
    throw new RangeError(`encode netstring: the value of ${quote(name)} holds a NUL`);
  }
  return element(`(${field.type})${name}=${value}`);
}

function element(content: string): string {
  return `${content.length}:${content},`;
}
