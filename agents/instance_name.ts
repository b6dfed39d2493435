/** A name for one resource of an agent: the same in every call, different for different arguments. */
import { createHash } from "node:crypto";

const MAX_READABLE_CHARACTERS = 60;
const HASH_CHARACTERS = 8;

/**
 * `Dummy`, `apache_etc_apache2.conf_1f2e3d4c`: letters, digits, `_`, `.` and `-` only, so that it
 * can be part of a file name.
 */
export function instanceName(agent: string, args: readonly string[]): string {
  if (args.length === 0) return agent;
  const readable = [agent, ...args].join("_").replace(/[^A-Za-z0-9_.-]+/g, "_");
  const hash = createHash("sha256").update(args.join("\0")).digest("hex");
  return `${readable.slice(0, MAX_READABLE_CHARACTERS)}_${hash.slice(0, HASH_CHARACTERS)}`;
}
