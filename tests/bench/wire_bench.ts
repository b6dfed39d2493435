/**
 * The beat path of the codecs: a typical status message of about 250 bytes, signed and written,
 * read and verified. Target: under 25 µs each. Run: deno task bench
 */
import type { AuthKeys } from "../../core/types.ts";
import { encodeClassic } from "../../core/wire/classic.ts";
import { decodeFrame } from "../../core/wire/decode.ts";
import { encodeNetstring } from "../../core/wire/netstring.ts";
import { CRC, key, keysSignedWith, MD5, SHA1, STATUS } from "../wire/support.ts";

const SHA256 = key(4, "sha256", "S3cretKey-abcdef");

for (const signing of [CRC, MD5, SHA1, SHA256]) {
  const keys: AuthKeys = keysSignedWith(signing);
  const classic = encodeClassic(STATUS, keys, { trailingNul: true });
  const netstring = encodeNetstring(STATUS, keys, { innerAuth: true });
  const { method } = signing;

  Deno.bench(`encode classic ${method} ${classic.length} B`, () => {
    encodeClassic(STATUS, keys, { trailingNul: true });
  });
  Deno.bench(`encode netstring + inner auth ${method} ${netstring.length} B`, () => {
    encodeNetstring(STATUS, keys, { innerAuth: true });
  });
  Deno.bench(`decode classic ${method}`, () => {
    decodeFrame(classic, keys);
  });
  Deno.bench(`decode netstring ${method}`, () => {
    decodeFrame(netstring, keys);
  });
}
