/**
 * Reed-Solomon over bytes: some bytes of parity by which a block with a few wrong bytes becomes
 * right again. The usual field of 256 elements (polynomial 0x11d, generator 2); the roots of the
 * generator polynomial are 2^0, 2^1 … A block and its parity have at most 255 bytes together.
 *
 * It finds what is wrong by algebra alone. A block with more wrong bytes than half the parity is
 * given up, or very rarely "corrected" into another word, so a signature has to stand behind it.
 */

/** Parity of one block; half as many wrong bytes can be put right. */
export const PARITY_BYTES = 32;
const FIELD = 255;

/** Powers of 2, twice in a row, so that a sum of two logarithms needs no modulo. */
const EXP = new Uint8Array(2 * FIELD);
const LOG = new Uint8Array(FIELD + 1);
for (let power = 0, value = 1; power < FIELD; power++) {
  EXP[power] = EXP[power + FIELD] = value;
  LOG[value] = power;
  value = value << 1 ^ (value & 0x80 ? 0x11d : 0);
}

function at(array: ArrayLike<number>, index: number): number {
  return array[index] ?? 0;
}

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : at(EXP, at(LOG, a) + at(LOG, b));
}

/** @param b not 0 */
function over(a: number, b: number): number {
  return a === 0 ? 0 : at(EXP, at(LOG, a) + FIELD - at(LOG, b));
}

/** Value of a polynomial, lowest power first. */
function valueAt(polynomial: readonly number[], x: number): number {
  return polynomial.reduceRight((sum, factor) => times(sum, x) ^ factor, 0);
}

/** The generator polynomial, highest power first, without its leading 1. */
const GENERATOR = Array.from({ length: PARITY_BYTES }, (_, root) => at(EXP, root))
  .reduce<number[]>(
    (product, root) => [...product, 0].map((factor, i) => factor ^ times(at(product, i - 1), root)),
    [1],
  )
  .slice(1);

/** The generator polynomial times each byte, one row after another: a line sends ten a second. */
const MULTIPLES = Uint8Array.from(
  { length: (FIELD + 1) * PARITY_BYTES },
  (_, i) => times(at(GENERATOR, i % PARITY_BYTES), Math.floor(i / PARITY_BYTES)),
);

/** Parity of a block of at most 255 - {@link PARITY_BYTES} bytes. */
export function parityOf(block: Uint8Array): Uint8Array {
  // One byte longer, so that the shift brings in a 0.
  const rest = new Uint8Array(PARITY_BYTES + 1);
  for (const byte of block) {
    const row = (byte ^ (rest[0] ?? 0)) * PARITY_BYTES;
    for (let i = 0; i < PARITY_BYTES; i++) {
      rest[i] = (rest[i + 1] ?? 0) ^ (MULTIPLES[row + i] ?? 0);
    }
  }
  return rest.subarray(0, PARITY_BYTES);
}

/**
 * Puts a block with its parity right, in place.
 * @returns how many bytes were wrong; undefined when there are too many, then nothing is changed
 */
export function correct(word: Uint8Array): number | undefined {
  const parity = word.subarray(-PARITY_BYTES);
  if (parityOf(word.subarray(0, -PARITY_BYTES)).every((byte, i) => byte === parity[i])) return 0;
  const syndromes = syndromesOf(word);
  const locator = locatorOf(syndromes);
  const wrong = locator.length - 1;
  if (wrong > PARITY_BYTES / 2) return undefined;
  const evaluator = evaluatorOf(syndromes, locator);
  // In this field the derivative keeps the odd powers only.
  const derivative = locator.slice(1).map((factor, power) => power % 2 === 0 ? factor : 0);
  const repaired = word.slice();
  let found = 0;
  for (let i = 0; i < word.length; i++) {
    const place = at(EXP, word.length - 1 - i);
    const inverse = over(1, place);
    if (valueAt(locator, inverse) !== 0) continue;
    const slope = valueAt(derivative, inverse);
    if (slope === 0) return undefined;
    found++;
    repaired[i] = at(repaired, i) ^ times(place, over(valueAt(evaluator, inverse), slope));
  }
  if (found !== wrong || syndromesOf(repaired).some((syndrome) => syndrome !== 0)) return undefined;
  word.set(repaired);
  return wrong;
}

/** All 0 for a right word. */
function syndromesOf(word: Uint8Array): number[] {
  return Array.from({ length: PARITY_BYTES }, (_, root) => {
    let sum = 0;
    for (const byte of word) sum = (sum === 0 ? 0 : at(EXP, at(LOG, sum) + root)) ^ byte;
    return sum;
  });
}

/** Berlekamp and Massey: the shortest recurrence of the syndromes, lowest power first. */
function locatorOf(syndromes: readonly number[]): number[] {
  let locator = [1];
  let previous = [1];
  let length = 0;
  let shift = 1;
  let previousGap = 1;
  for (const [n, syndrome] of syndromes.entries()) {
    let gap = syndrome;
    for (let i = 1; i <= length; i++) gap ^= times(at(locator, i), at(syndromes, n - i));
    if (gap === 0) {
      shift++;
      continue;
    }
    const factor = over(gap, previousGap);
    const size = Math.max(locator.length, previous.length + shift);
    const [old, base, by] = [locator, previous, shift];
    const next = Array.from(
      { length: size },
      (_, i) => at(old, i) ^ times(at(base, i - by), factor),
    );
    if (2 * length <= n) {
      [length, previous, previousGap, shift] = [n + 1 - length, locator, gap, 1];
    } else shift++;
    locator = next;
  }
  return locator.slice(0, length + 1);
}

/** Syndromes times locator, up to the highest power that the syndromes tell of. */
function evaluatorOf(syndromes: readonly number[], locator: readonly number[]): number[] {
  return syndromes.map((_, power) => {
    let sum = 0;
    for (let i = 0; i <= power && i < locator.length; i++) {
      sum ^= times(at(locator, i), at(syndromes, power - i));
    }
    return sum;
  });
}
