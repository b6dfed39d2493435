/**
 * The fields without which no cluster message means anything (wire-protocol §8, end), checked once
 * here so that the engine never meets a message without them. Freshness is the engine's matter.
 */
import type { Message } from "../types.ts";
import { hexNumber, text } from "./fields.ts";
import { MAX_NODE_NAME_BYTES, MAX_STATUS_BYTES } from "./limits.ts";
import { quote, reject, type Rejection } from "./rejection.ts";
import { wireOfText } from "./wire_text.ts";

/** Why a verified message cannot be used, or undefined when it can. */
export function controlFault(message: Message): Rejection | undefined {
  const type = text(message, "t");
  if (!type) return reject("missing-field", "message without t");
  const source = text(message, "src");
  if (!source) return reject("missing-field", `${quote(type)} without src`);
  if (wireOfText(source).length > MAX_NODE_NAME_BYTES) {
    return reject("oversized", `src ${quote(source)} exceeds ${MAX_NODE_NAME_BYTES} bytes`);
  }
  if (wireOfText(text(message, "st") ?? "").length > MAX_STATUS_BYTES) {
    return reject("oversized", `st of ${quote(source)} exceeds ${MAX_STATUS_BYTES} bytes`);
  }
  if (!hexNumber(message, "ts")) {
    return reject("missing-field", `${quote(type)} of ${quote(source)} without a ts above 0`);
  }
  if (!type.startsWith("NS_") && !hexNumber(message, "seq")) {
    return reject("missing-field", `${quote(type)} of ${quote(source)} without a seq above 0`);
  }
  return undefined;
}
