/** What is too long for a message is still read as a sentence. */
import assert from "node:assert/strict";
import { shortened } from "../../core/engine/shortened.ts";

Deno.test("shortened: ends behind a word, and says that there was more", () => {
  const text = "no script lsb: looked in /etc/init.d and /etc/rc.d/init.d";
  assert.equal(shortened(text, text.length), text);
  assert.equal(shortened(text, text.length - 1), "no script lsb: looked in /etc/init.d and…");
  assert.equal(shortened("a bc def", 5), "a bc…");
  assert.equal(shortened("a bc  def", 6), "a bc…");
});

Deno.test("shortened: a word that is most of the text is cut itself, but no character", () => {
  assert.equal(shortened("by /srv/long/path", 11), "by /srv/lo…");
  assert.equal(shortened("abc😀def", 5), "abc…");
  assert.equal(shortened("caf\udce9 au lait", 9), "caf\udce9 au…");
});

Deno.test("shortened: never longer than its limit", () => {
  const text = "stop of a::b: 😀😀  caf\udce9 \n busy ".repeat(3);
  for (let limit = 1; limit < text.length; limit++) {
    assert.ok(shortened(text, limit).length <= limit, `${limit}`);
  }
});
