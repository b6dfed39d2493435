/** Keys as they are read from authkeys, and as they are hidden when a line is shown. */
import assert from "node:assert/strict";
import { parseAuthkeys, redactKeys } from "../../core/config/authkeys.ts";
import { Report } from "../../core/config/diagnostics.ts";
import { createSource } from "../../core/config/source.ts";

function parse(text: string): { keys: string[]; signing: number | null; codes: string[] } {
  const report = new Report();
  const placed = parseAuthkeys(createSource("authkeys", text), report);
  const keys = placed?.keys.keys ?? [];
  return {
    keys: keys.map((key) => `${key.number} ${key.method} ${new TextDecoder().decode(key.secret)}`),
    signing: placed?.keys.signing.number ?? null,
    codes: report.findings.map(({ code }) => code),
  };
}

Deno.test("parseAuthkeys: numbers 0 to 15, all methods, keys verbatim", () => {
  const text = "# keys\n auth 15\r\n0 crc\n1\tmd5 Hello!\n2 sha1 a#b\n15 sha256 ö # note\n";
  assert.deepEqual(parse(text), {
    keys: ["0 crc ", "1 md5 Hello!", "2 sha1 a#b", "15 sha256 ö"],
    signing: 15,
    codes: [],
  });
});

Deno.test("parseAuthkeys: words behind the key are no part of it", () => {
  assert.deepEqual(parse("auth 1\n1 sha1 sha1 myAuthkey\n"), {
    keys: ["1 sha1 sha1"],
    signing: 1,
    codes: ["HB169"],
  });
});

Deno.test("parseAuthkeys: the same auth line twice says nothing new", () => {
  assert.deepEqual(parse("auth 1\n1 md5 a\nauth 01\n").codes, ["HB172"]);
});

Deno.test("parseAuthkeys: a broken signing key is blamed once", () => {
  assert.deepEqual(parse("auth 1\n1 md5\n").codes, ["HB168"]);
  assert.deepEqual(parse("auth 1\n").codes, ["HB166"]);
});

Deno.test("redactKeys: keeps what cannot be a key and every column", () => {
  assert.equal(redactKeys("1 sha1 Hello! two"), "1 sha1 ****** ***");
  assert.equal(redactKeys("  auth 1"), "  auth 1");
  assert.equal(redactKeys("auth 1 key"), "auth 1 ***");
  assert.equal(redactKeys("auht secret"), "auht ******");
  assert.equal(redactKeys("1 s\u{1F511}cret"), "1 ******");
  assert.equal(redactKeys("secret 1"), "****** 1");
});
