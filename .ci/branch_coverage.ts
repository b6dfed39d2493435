/**
 * Reads an lcov report and adds up the branches of a room. Pure; it does not run anything.
 */

export interface Branches {
  readonly found: number;
  readonly hit: number;
}

/** Branches of all files below `room` (a path from the repository's root, such as core/wire). */
export function branchCoverage(lcov: string, root: string, room: string): Branches {
  const below = `SF:${root.replace(/\/$/, "")}/${room}/`;
  let found = 0;
  let hit = 0;
  for (const record of lcov.split("end_of_record")) {
    if (!record.trimStart().startsWith(below)) continue;
    found += Number(/^BRF:(\d+)$/m.exec(record)?.[1] ?? 0);
    hit += Number(/^BRH:(\d+)$/m.exec(record)?.[1] ?? 0);
  }
  return { found, hit };
}

/** Share in percent; a room without branches has nothing to miss. */
export function percent({ found, hit }: Branches): number {
  return found === 0 ? 100 : 100 * hit / found;
}
