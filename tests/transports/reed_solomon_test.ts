/** The code against random words and random damage, and one word known from the books. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { correct, PARITY_BYTES, parityOf } from "../../transports/reed_solomon.ts";

const block = fc.uint8Array({ minLength: 1, maxLength: 255 - PARITY_BYTES });

function wordOf(data: Uint8Array): Uint8Array {
  return new Uint8Array([...data, ...parityOf(data)]);
}

/** Makes the bytes at these places other than they were. */
function hurt(word: Uint8Array, places: readonly number[], by: readonly number[]): number {
  const where = new Set(places.map((place) => place % word.length));
  for (const [n, place] of [...where].entries()) word[place] = (word[place] ?? 0) ^ (by[n] ?? 1);
  return where.size;
}

const places = (min: number, max: number) =>
  fc.array(fc.nat(254), { minLength: min, maxLength: max });
const differences = fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 64, maxLength: 64 });

Deno.test("correct: as many wrong bytes as half the parity are put right, wherever they are", () => {
  fc.assert(
    fc.property(block, places(0, PARITY_BYTES / 2), differences, (data, where, by) => {
      const word = wordOf(data);
      const wrong = hurt(word, where, by);
      assert.equal(correct(word), wrong);
      assert.deepEqual(word, wordOf(data));
    }),
  );
});

Deno.test("correct: with too many wrong bytes it gives up, and leaves the word as it was", () => {
  let givenUp = 0;
  fc.assert(
    fc.property(block, places(40, 60), differences, (data, where, by) => {
      const word = wordOf(data);
      hurt(word, where, by);
      const before = word.slice();
      if (correct(word) !== undefined) return;
      givenUp++;
      assert.deepEqual(word, before);
    }),
  );
  assert.ok(givenUp >= 95, `${givenUp} of 100 given up`);
});

Deno.test("parityOf: a known word of the code (all zero but the last byte)", () => {
  // The parity of the polynomial 1·x^32 is the generator polynomial itself: its product of roots.
  const parity = parityOf(new Uint8Array([1]));
  const word = new Uint8Array([1, ...parity]);
  assert.equal(correct(word), 0);
  // 2^(0+1+…+31) is the constant term: 496 mod 255 = 241, and 2^241 = 88.
  assert.equal(parity.at(-1), 88);
});
