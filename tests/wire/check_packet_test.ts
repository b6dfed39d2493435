/** The independent checker in python agrees with our encoders, and notices a changed byte. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { encodeClassic } from "../../core/wire/classic.ts";
import { encodeNetstring } from "../../core/wire/netstring.ts";
import { key, keysSignedWith, STATUS } from "./support.ts";

const PYTHON = "python3";
const SCRIPT = new URL("check_packet.py", import.meta.url).pathname;
const missing = spawnSync(PYTHON, ["-c", ""]).status !== 0;
if (missing) console.log(`check_packet: skipped, ${PYTHON} is not installed on this host`);

function check(frame: Uint8Array, method: string, secret: string): { code: number; out: string } {
  const { status, stdout, stderr } = spawnSync(PYTHON, [SCRIPT, method, secret], {
    input: Buffer.from(frame).toString("hex"),
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return { code: status ?? -1, out: stdout };
}

Deno.test({
  name: "check_packet.py: verifies frames of both formats and every method, refuses a changed one",
  ignore: missing,
  fn() {
    for (const method of ["crc", "md5", "sha1", "sha256"] as const) {
      const secret = method === "crc" ? "" : "k".repeat(70);
      const keys = keysSignedWith(key(5, method, secret));
      for (
        const frame of [
          encodeClassic(STATUS, keys, { trailingNul: true }),
          encodeNetstring(STATUS, keys, { innerAuth: true }),
        ]
      ) {
        const good = check(frame, method, secret);
        assert.equal(good.code, 0, good.out);
        const seen = JSON.parse(good.out);
        assert.equal(seen.keynum, 5);
        assert.equal(seen.fields.src, "node1");
        const changed = frame.slice();
        changed[15] = 0x7a;
        assert.equal(check(changed, method, secret).code, 1);
      }
    }
  },
});
