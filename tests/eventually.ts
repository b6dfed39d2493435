/** Waiting for what has to come about, by looking again and again. */

/**
 * A machine five times as slow as the developer's, with other tests beside this one, needs no more;
 * what has not come by then will never come.
 */
export const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 10;

/** Waits until `holds` does; fails with `what` after `limitMs`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = PATIENCE_MS,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
