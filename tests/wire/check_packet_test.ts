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

/** A capture file with one packet: link header of zeros, IP header, UDP header, payload. */
function capture(link: number, linkBytes: number, ip: Uint8Array, payload: Uint8Array): Uint8Array {
  const size = linkBytes + ip.length + 8 + payload.length;
  const file = new DataView(new ArrayBuffer(40 + size));
  file.setUint32(0, 0xa1b2c3d4, true);
  file.setUint32(20, link, true);
  file.setUint32(32, size, true);
  file.setUint32(36, size, true);
  const bytes = new Uint8Array(file.buffer);
  bytes.set(ip, 40 + linkBytes);
  file.setUint16(40 + linkBytes + ip.length + 4, 8 + payload.length);
  bytes.set(payload, 40 + linkBytes + ip.length + 8);
  return bytes;
}

Deno.test({
  name: "check_packet.py: finds the UDP payload in captures of every link type it knows",
  ignore: missing,
  fn() {
    const keys = keysSignedWith(key(2, "md5", "Hello!"));
    const frame = encodeNetstring(STATUS, keys, { innerAuth: true });
    const ipv4 = new Uint8Array(20);
    ipv4.set([0x45]);
    ipv4.set([17], 9);
    const ipv6 = new Uint8Array(40);
    ipv6.set([0x60]);
    ipv6.set([17], 6);
    const tcp = ipv4.with(9, 6);
    const cases: [number, number, Uint8Array, number][] = [
      [1, 14, ipv4, 0],
      [101, 0, ipv6, 0],
      [113, 16, ipv4, 0],
      [276, 20, ipv6, 0],
      [1, 14, tcp, 1],
    ];
    const path = Deno.makeTempFileSync({ suffix: ".pcap" });
    try {
      for (const [link, linkBytes, ip, code] of cases) {
        Deno.writeFileSync(path, capture(link, linkBytes, ip, frame));
        const run = spawnSync(PYTHON, [SCRIPT, "md5", "Hello!", path], { encoding: "utf8" });
        assert.equal(run.status, code, `link type ${link}: ${run.stdout}${run.stderr}`);
      }
    } finally {
      Deno.removeSync(path);
    }
  },
});
