/** Sources of plugins on their way between processes, and in the daemon. */
import assert from "node:assert/strict";
import { piecesOf, SourceJoiner, SourceStore } from "../../core/runtime/plugins/plugin_sources.ts";
import { MAX_MESSAGE_BYTES } from "../../core/runtime/plugins/plugin_protocol.ts";

const source = (asked: string, text: string) => ({ asked, path: asked, text });
const texts = (store: SourceStore) => store.pieces().map(({ asked, text }) => `${asked}=${text}`);

Deno.test("a source of any length and text passes in messages of bounded length", () => {
  for (const text of ["", "short", "\x01".repeat(300_000)]) {
    const joiner = new SourceJoiner();
    const pieces = piecesOf(source("/a.ts", text));
    const lengths = pieces.map((piece) => JSON.stringify(piece).length);
    assert.ok(lengths.every((length) => length < MAX_MESSAGE_BYTES), `${lengths}`);
    const wholes = pieces.map((piece) => joiner.join(piece));
    assert.deepEqual(wholes.at(-1), source("/a.ts", text));
    assert.ok(wholes.slice(0, -1).every((whole) => whole === undefined));
  }
});

Deno.test("the first source of a file is kept until newer ones are adopted; there is a bound", () => {
  const store = new SourceStore();
  for (const text of ["old", "later"]) assert.ok(store.keep(source("/a.ts", text)));
  assert.ok(store.keep(source("/removed.ts", "old")));
  const newer = new SourceStore();
  newer.keep(source("/a.ts", "new"));
  store.adopt(newer);
  assert.deepEqual(texts(store), ["/a.ts=new", "/removed.ts=old"]);
  assert.ok(!store.keep(source("/huge.ts", "x".repeat(1_000_000))));
  assert.ok(!store.has("/huge.ts"));
});
