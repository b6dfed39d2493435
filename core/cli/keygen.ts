/** `heartbeat keygen`: prints an authkeys file with a strong random key. It writes no file. */
import { randomBytes } from "node:crypto";
import { type Command, defineCommand } from "./command.ts";

/** As many bits as the longest digest has; more would not make the signature stronger. */
const KEY_BYTES = 32;
/** Methods that sign; sha256 is not known to the original. */
const METHODS = ["sha1", "md5", "sha256"];

export const keygenCommand: Command = defineCommand({
  name: "keygen",
  summary: "Print an authkeys file with a new random key",
  operands: "",
  maxOperands: 0,
  readsNoFiles: true,
  options: [{
    name: "method",
    value: "METHOD",
    words: METHODS,
    doc: `One of ${METHODS.join(", ")}; sha1, which every peer knows, if not given.`,
  }],
  exits: [[0, "printed"], [2, "the command line cannot be understood"]],
  usageExit: 2,
}, (host, call) => {
  host.out(newAuthkeys(call.value("method") ?? "sha1"));
  return 0;
});

/** Text of an authkeys file; the key has 256 random bits in hexadecimal digits. */
export function newAuthkeys(method: string): string {
  return [
    "# Made by heartbeat keygen. The same file on both hosts, owned by root, mode 0600.",
    "auth 1",
    `1 ${method} ${randomBytes(KEY_BYTES).toString("hex")}`,
    "",
  ].join("\n");
}
