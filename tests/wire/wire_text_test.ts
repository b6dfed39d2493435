/** No byte is ever lost between frames and strings. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesOfWire, textOfWire, wireOfBytes, wireOfText } from "../../core/wire/wire_text.ts";

Deno.test("textOfWire: any bytes survive the way to text and back", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    const wire = wireOfBytes(bytes);
    assert.deepEqual(bytesOfWire(wire), bytes);
    assert.equal(wireOfText(textOfWire(wire)), wire);
  }));
});

Deno.test("wireOfText: any well-formed text survives the way to the wire and back", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.equal(textOfWire(wireOfText(text)), text);
  }));
});

Deno.test("wireOfText: UTF-8, byte order mark kept", () => {
  assert.deepEqual(bytesOfWire(wireOfText("é€")), Uint8Array.of(0xc3, 0xa9, 0xe2, 0x82, 0xac));
  assert.equal(textOfWire("\u00ef\u00bb\u00bfx"), "\ufeffx");
});

Deno.test("textOfWire: Latin-1 bytes become lone surrogates and cannot pass for UTF-8", () => {
  assert.equal(textOfWire("caf\u00e9"), "caf\udce9");
  assert.notEqual(textOfWire("caf\u00e9"), textOfWire("caf\u00c3\u00a9"));
});

Deno.test("wireOfText: a surrogate that stands for no byte becomes U+FFFD", () => {
  assert.equal(
    wireOfText("\ud800a\udc7f\udce9é"),
    wireOfText("\ufffda\ufffd") + "\u00e9\u00c3\u00a9",
  );
});

Deno.test("wireOfBytes: a view into a larger buffer gives only its own bytes", () => {
  const buffer = new Uint8Array([1, 2, 0xff, 4]);
  assert.equal(wireOfBytes(buffer.subarray(1, 3)), "\u0002\u00ff");
});
