/** What survives of an output of any size, cut into any pieces. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { BoundedOutput, OUTPUT_HALF_BYTES } from "../../core/os/bounded_output.ts";

/** Distinct enough that a wrong order or a lost byte shows. */
function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 33 + ((i * 31 + (i >> 8)) % 90));
}

Deno.test("BoundedOutput: keeps all up to the limit, then exactly both ends", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5 * OUTPUT_HALF_BYTES }),
      fc.array(fc.integer({ min: 1, max: 3 * OUTPUT_HALF_BYTES }), { minLength: 1, maxLength: 20 }),
      (total, sizes) => {
        const bytes = sample(total);
        const output = new BoundedOutput();
        for (let at = 0, i = 0; at < total; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          output.append(bytes.subarray(at, at + size));
          at += size;
        }
        const all = new TextDecoder().decode(bytes);
        const cut = total - 2 * OUTPUT_HALF_BYTES;
        const wanted = cut <= 0
          ? all
          : `${all.slice(0, OUTPUT_HALF_BYTES)}\n… ${cut} bytes cut …\n${
            all.slice(-OUTPUT_HALF_BYTES)
          }`;
        assert.equal(output.text(), wanted);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("BoundedOutput: a character across the two halves stays whole", () => {
  const output = new BoundedOutput();
  const text = "x".repeat(OUTPUT_HALF_BYTES - 1) + "ü";
  output.append(new TextEncoder().encode(text));
  assert.equal(output.text(), text);
});
