/**
 * The classic frame `>>>` … `<<<`: one line a field (wire-protocol §3). Used on serial lines, by
 * originals before 3.0, and as the canonical form that classic and inner signatures cover.
 *
 * The original signs what it gets by parsing and writing out again. This parser instead refuses
 * the few spellings that would come out differently (Base64 that is not canonical), so that the
 * lines as received are the lines to verify.
 */
import { Buffer } from "node:buffer";
import type { AuthKeys, Field, Message } from "../types.ts";
import { sign, type Verified, verify } from "./auth.ts";
import { MAX_FIELDS, MAX_FRAME_BYTES } from "./limits.ts";
import { AUTH_FIELD, isFieldName, parseRawField, type RawField } from "./raw_field.ts";
import { quote, reject, type Rejection } from "./rejection.ts";
import { bytesOfWire, textOfWire, wireOfBytes, wireOfText } from "./wire_text.ts";

export const CLASSIC_START = ">>>\n";
const CLASSIC_END = "<<<";
/** Stands for LF inside a text value (§3.2). */
const LF_SUBSTITUTE = "\x13";

interface ClassicFrame {
  readonly kind: "classic";
  readonly fields: readonly RawField[];
  /** The lines that a signature covers. */
  readonly body: string;
  /** Value of the last `auth` line, if any. */
  readonly token: string | undefined;
}

/**
 * The frame that says `message`, signed with the signing key.
 * @param options.trailingNul as on UDP; a serial line carries none (§9.6)
 * @throws RangeError when the message cannot be written in this format or is too large
 */
export function encodeClassic(
  message: Message,
  keys: AuthKeys,
  options: { readonly trailingNul: boolean },
): Uint8Array {
  const body = classicBody(message);
  const end = `${AUTH_FIELD}=${sign(keys, bytesOfWire(body))}\n${CLASSIC_END}\n`;
  const frame = CLASSIC_START + body + end + (options.trailingNul ? "\0" : "");
  if (frame.length > MAX_FRAME_BYTES) {
    throw new RangeError(`encode classic: ${frame.length} bytes, at most ${MAX_FRAME_BYTES}`);
  }
  return bytesOfWire(frame);
}

/**
 * The lines of a message that signatures cover (§6.1), in wire text.
 * @throws RangeError when a field cannot be written as one line
 */
export function classicBody(message: Message): string {
  let body = "";
  for (const field of message) body += classicLine(field) + "\n";
  return body;
}

/** Verifies and reads a frame that starts with `CLASSIC_START`. Never throws. */
export function decodeClassic(
  wire: string,
  keys: AuthKeys,
): Verified & { readonly message: Message } | Rejection {
  const frame = splitClassic(wire);
  if (frame.kind === "rejected") return frame;
  if (frame.token === undefined) return reject("unsigned", "classic frame without an auth line");
  const verified = verify(frame.token, bytesOfWire(frame.body), keys, "classic");
  if (verified.kind === "rejected") return verified;
  const message = readFields(frame.fields);
  return "kind" in message ? message : { ...verified, message };
}

/** Reads a frame whatever its signature says: a layer around it was verified. Never throws. */
export function readClassic(wire: string): Message | Rejection {
  const frame = splitClassic(wire);
  return frame.kind === "rejected" ? frame : readFields(frame.fields);
}

function splitClassic(wire: string): ClassicFrame | Rejection {
  const fields: RawField[] = [];
  let body = "";
  let token: string | undefined;
  let at = CLASSIC_START.length;
  for (let lines = 0; !wire.startsWith(CLASSIC_END, at); lines++) {
    if (lines > MAX_FIELDS) return reject("oversized", `more than ${MAX_FIELDS} lines`);
    const end = wire.indexOf("\n", at);
    if (end < 0) return reject("truncated", `no line starts with ${CLASSIC_END}`);
    const line = wire.slice(at, end);
    at = end + 1;
    if (line === "") continue;
    // A C string ends at NUL: the original would see a frame without an end.
    if (line.includes("\0")) return reject("malformed", `NUL in line ${quote(line)}`);
    const field = parseRawField(line, "optional");
    if (field.kind === "rejected") return field;
    if (field.name === AUTH_FIELD) {
      token = field.value;
    } else {
      fields.push(field);
      body += (line.startsWith("(0)") ? line.slice(3) : line) + "\n";
    }
  }
  return { kind: "classic", fields, body, token };
}

function readFields(raws: readonly RawField[]): Field[] | Rejection {
  const fields: Field[] = [];
  for (const raw of raws) {
    const field = readField(raw);
    if ("kind" in field) return field;
    fields.push(field);
  }
  return fields;
}

function readField(raw: RawField): Field | Rejection {
  const { type, value } = raw;
  const name = textOfWire(raw.name);
  switch (type) {
    case 0:
      return { type, name, value: textOfWire(value.replaceAll(LF_SUBSTITUTE, "\n")) };
    case 1:
    case 4: {
      const decoded = Buffer.from(value, "base64");
      if (decoded.toString("base64") !== value) {
        return reject("malformed", `field ${quote(raw.name)} is not canonical Base64`);
      }
      return { type, name, value: new Uint8Array(decoded) };
    }
    case 2:
    case 3:
      return { type, name, value: bytesOfWire(value) };
    default: {
      const never: never = type;
      return never;
    }
  }
}

function classicLine(field: Field): string {
  const name = wireOfText(field.name);
  if (!isFieldName(name) || name === AUTH_FIELD) {
    throw new RangeError(`encode classic: ${quote(name)} cannot be the name of a field`);
  }
  const line = `${field.type === 0 ? "" : `(${field.type})`}${name}=${classicValue(field)}`;
  if (line.includes("\n") || line.includes("\0")) {
    throw new RangeError(`encode classic: the value of ${quote(name)} holds an LF or a NUL`);
  }
  return line;
}

function classicValue(field: Field): string {
  switch (field.type) {
    case 0:
      return wireOfText(field.value).replaceAll("\n", LF_SUBSTITUTE);
    case 1:
    case 4: {
      const { buffer, byteOffset, byteLength } = field.value;
      return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
    }
    case 2:
    case 3:
      return wireOfBytes(field.value);
    default: {
      const never: never = field;
      return never;
    }
  }
}
