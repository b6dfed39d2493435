/** The group of those who may ask the daemon and read its log. */

/** The original's client tools run under this group. */
export const CLIENT_GROUP = "haclient";

/** Null where there is no such group. */
export function clientGid(): number | null {
  let groups: string;
  try {
    groups = Deno.readTextFileSync("/etc/group");
  } catch {
    // A host without the file has no such group.
    return null;
  }
  const entry = groups.split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === CLIENT_GROUP);
  return entry === undefined ? null : Number(entry[2]);
}
