/** Where an ELF image ends, so that what `deno compile` appended is cut off. */
import assert from "node:assert/strict";
import { elfImageLength } from "../../.ci/elf_image.ts";

Deno.test("elfImageLength: this very Deno is a whole image, and a payload behind it is seen", () => {
  const deno = Deno.readFileSync(Deno.execPath());
  assert.equal(elfImageLength(deno), deno.length);
  const longer = new Uint8Array(deno.length + 100);
  longer.set(deno);
  assert.equal(elfImageLength(longer), deno.length);
});

Deno.test("elfImageLength: what is no ELF file, or a torn one, is refused", () => {
  const deno = Deno.readFileSync(Deno.execPath());
  const refusals: readonly [Uint8Array, RegExp][] = [
    [new Uint8Array(0), /not a 64-bit little-endian ELF/],
    [new TextEncoder().encode("#!/bin/sh\n".repeat(20)), /not a 64-bit little-endian ELF/],
    [deno.subarray(0, deno.length - 1), /section headers end at \d+, the file has/],
  ];
  for (const [bytes, message] of refusals) assert.throws(() => elfImageLength(bytes), message);
  const bits32 = deno.slice(0, 100);
  bits32[4] = 1;
  assert.throws(() => elfImageLength(bits32), /not a 64-bit/);
});
