/**
 * Chance that can be repeated: one small generator a purpose, all derived from the seed of a run,
 * so that taking one fault away does not change the dice of the others.
 */
export class Chance {
  #state: number;

  constructor(seed: number, purpose: string) {
    let hash = seed >>> 0;
    for (const letter of purpose) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    this.#state = hash;
  }

  /** A number in 0 (included) … 1 (excluded); the generator is splitmix32. */
  unit(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 4294967296;
  }

  between(low: number, high: number): number {
    return low + this.unit() * (high - low);
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  happens(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[Math.floor(this.unit() * from.length)];
    if (chosen === undefined) throw new Error("nothing to pick from");
    return chosen;
  }
}
