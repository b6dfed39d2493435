/** Waiting with a bound, for what may never come to an end: a disk, a killed program, an agent. */

/** What `work` resolves with; undefined when it takes longer. @throws what `work` rejects with */
export async function withinMs<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), limitMs);
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
