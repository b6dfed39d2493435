/** Why packets were dropped, in words that say where to look. */
import type { DropCause } from "../runtime/protocol.ts";

/** Each goes on from "6 packets". */
const WORDS: Readonly<Record<DropCause, string>> = {
  "not-a-frame": "not from Heartbeat: noise on a cable, or another program on this port?",
  "truncated": "without their end: noise on a cable?",
  "malformed": "in a broken format: noise on a cable?",
  "oversized": "beyond the longest that Heartbeat sends",
  "unsigned": "without a signature: another cluster on this network?",
  "unknown-key": "signed with a key that authkeys does not list",
  "weak-key": "signed with crc, which proves nothing, while this node signs with a secret",
  "bad-signature": "with a wrong signature: another key on the peer?",
  "missing-field": "without a field that every message needs",
  "compressed-bad": "impossible to unpack",
  "compressed-unsupported": "packed in a way that this program does not know",
  "unsendable": "of this node itself, which no medium could carry",
};

/** @param cause a word of the daemon; one that it learnt later than this program stays a word */
export function droppedText(cause: string, count: number): string {
  const packets = `${count} packet${count === 1 ? "" : "s"}`;
  return `${packets} ${isCause(cause) ? WORDS[cause] : `(${cause})`}`;
}

function isCause(word: string): word is DropCause {
  return Object.hasOwn(WORDS, word);
}
