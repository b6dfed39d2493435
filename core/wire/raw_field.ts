/**
 * One field as it stands in a frame, before its value is interpreted: the grammar
 * `(type)name=value` that both formats share (wire-protocol §2). Everything here is wire text.
 */
import { quote, reject, type Rejection } from "./rejection.ts";

export interface RawField {
  readonly kind: "raw";
  readonly type: 0 | 1 | 2 | 3 | 4;
  readonly name: string;
  readonly value: string;
}

/** The field that carries a signature; it never becomes part of a `Message`. */
export const AUTH_FIELD = "auth";

/**
 * Whether a name can stand in both formats without being read as something else: not empty, no
 * `=`, LF or NUL inside, and no start that looks like a type prefix or the classic end marker.
 */
export function isFieldName(name: string): boolean {
  return name !== "" && !name.startsWith("(") && !name.startsWith("<<<") &&
    !name.includes("=") && !name.includes("\n") && !name.includes("\0");
}

/**
 * Reads `(type)name=value`. Type 5 exists only inside a sender and is refused like 6 … 9.
 * @param prefix whether the type prefix may be missing (classic) or not (netstring)
 */
export function parseRawField(
  field: string,
  prefix: "optional" | "required",
): RawField | Rejection {
  const typed = field.charCodeAt(0) === 0x28;
  if (!typed && prefix === "required") {
    return reject("malformed", `field ${quote(field)} has no type prefix`);
  }
  const type = typed ? typeDigit(field) : 0;
  if (type === undefined) {
    return reject("malformed", `field ${quote(field)} has a type that is not one of 0 to 4`);
  }
  const nameStart = typed ? 3 : 0;
  const equals = field.indexOf("=", nameStart);
  if (equals < 0) return reject("malformed", `field ${quote(field)} has no "="`);
  const name = field.slice(nameStart, equals);
  if (!isFieldName(name)) return reject("malformed", `field ${quote(field)} has no usable name`);
  return { kind: "raw", type, name, value: field.slice(equals + 1) };
}

function typeDigit(field: string): RawField["type"] | undefined {
  if (field.charCodeAt(2) !== 0x29) return undefined;
  switch (field.charCodeAt(1)) {
    case 0x30:
      return 0;
    case 0x31:
      return 1;
    case 0x32:
      return 2;
    case 0x33:
      return 3;
    case 0x34:
      return 4;
    default:
      return undefined;
  }
}
