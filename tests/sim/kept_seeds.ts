/**
 * Seeds that once broke a promise. They are played for ever; the words say what was found.
 */
export const KEPT_SEEDS: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 345, found: "a restarted daemon completed a half-running group before hearing the peer" },
];
