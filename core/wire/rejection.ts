/**
 * Why a frame was not believed. The causes are a closed set of short words because each is the name
 * of a counter; the detail is one sentence for the log. Details quote a little of what came, made
 * harmless: a stranger on the network must not write escape sequences into an operator's terminal.
 */

export const REJECT_CAUSES = [
  /** Starts with neither marker; the original drops these silently too. */
  "not-a-frame",
  /** The end of the frame is missing. */
  "truncated",
  /** Breaks the grammar of its format. */
  "malformed",
  /** Beyond a limit of limits.ts. */
  "oversized",
  /** No signature at all. */
  "unsigned",
  /** Signed with a key number that authkeys does not list. */
  "unknown-key",
  /** Signed with a listed `crc` key, which needs no secret, while this node signs with a secret. */
  "weak-key",
  "bad-signature",
  /** One of the control fields that every cluster message needs is absent or unusable. */
  "missing-field",
  /** A compressed wrapper that does not hold a message. */
  "compressed-bad",
  /** A compressed wrapper of a kind that this program cannot open. */
  "compressed-unsupported",
] as const;

export type RejectCause = typeof REJECT_CAUSES[number];

export interface Rejection {
  readonly kind: "rejected";
  readonly cause: RejectCause;
  readonly detail: string;
}

/** Builds a rejection. */
export function reject(cause: RejectCause, detail: string): Rejection {
  return { kind: "rejected", cause, detail };
}

const QUOTED_CHARS = 40;

/** The first 40 characters in double quotes; everything but printable ASCII becomes `\xHH`. */
export function quote(text: string): string {
  const shown = text.slice(0, QUOTED_CHARS).replace(
    /[^ !#-[\]-~]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${shown}"${text.length > QUOTED_CHARS ? "…" : ""}`;
}
