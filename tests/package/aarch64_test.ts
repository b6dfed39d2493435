/**
 * The executable for aarch64, emulated: it starts, reads the article's files and asks the kernel for
 * its interfaces. Nothing that the gate needs: where the emulator, its libraries or the executable
 * are missing, the test says so and steps aside.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };
import { ARTICLE_DIR } from "../lab/demo/article.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/heartbeat-aarch64", import.meta.url));
const EMULATOR = "/usr/bin/qemu-aarch64-static";
/** The C library and libgcc as Debian's cross compilers have them. */
const LIBRARIES = "/usr/aarch64-linux-gnu";
/** What has to be there, and where it comes from. */
const NEEDED: readonly (readonly [path: string, source: string])[] = [
  [EMULATOR, "apt-get install qemu-user-static"],
  [`${LIBRARIES}/lib/libc.so.6`, "apt-get install libc6-arm64-cross"],
  [`${LIBRARIES}/lib/libgcc_s.so.1`, "apt-get install libgcc-s1-arm64-cross"],
  [PROGRAM, "deno task compile aarch64"],
];
/** Emulated, the start alone takes four seconds. */
const LIMIT_MS = 120_000;

function whyNot(): string | null {
  if (Deno.build.arch === "aarch64") return "dist/heartbeat itself is the one for aarch64 here";
  for (const [path, source] of NEEDED) {
    try {
      Deno.statSync(path);
    } catch {
      return `${path} is not there; "${source}" brings it`;
    }
  }
  return null;
}

const reason = whyNot();
if (reason !== null) console.log(`skipped: the executable for aarch64: ${reason}`);

async function emulated(...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(EMULATOR, {
    args: ["-L", LIBRARIES, PROGRAM, ...args],
    signal: AbortSignal.timeout(LIMIT_MS),
  }).output();
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

Deno.test({
  name: "aarch64: the executable starts and checks the article's files, emulated",
  ignore: reason !== null,
  fn: async () => {
    const version = await emulated("--version");
    const wanted = `heartbeat ${manifest.version} (Deno `;
    assert.ok(version.startsWith(wanted) && version.includes("aarch64"), version);
    const root = await Deno.makeTempDir({ prefix: "hb-aarch64-" });
    try {
      Deno.mkdirSync(`${root}/etc/ha.d`, { recursive: true });
      Deno.writeTextFileSync(`${root}/etc/ha.d/nodeinfo`, "ha1.bogus.sh.cn\n");
      for (const name of ["ha.cf", "haresources", "authkeys"]) {
        const text = Deno.readTextFileSync(`${ARTICLE_DIR}/${name}`).replace("eth1", "absent0");
        Deno.writeTextFileSync(`${root}/etc/ha.d/${name}`, text, { mode: 0o600 });
      }
      const said = await emulated("check", "--root", root);
      assert.match(said, /^warning\[HB112\]: "udp" is the spelling of 1\.0 for "bcast"$/m);
      assert.match(
        said,
        /^(?:error|warning)\[HB142\]: Cannot find the interface "absent0" on this host$/m,
      );
      assert.match(said, /^help: this host has .*\blo\b/m);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});
