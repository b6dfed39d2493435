/** Filesystem on a real kernel; run by filesystem_test.ts in a mount namespace of its own. */
import assert from "node:assert/strict";
import { readMounts } from "../../../core/os/mounts.ts";
import { type AgentHost, THIS_HOST } from "../../../agents/host.ts";
import { eventually } from "../../eventually.ts";
import { AgentBench } from "../bench.ts";

/** Of SIGTERM, 15, in the masks of /proc/PID/status. */
const TERM_BIT = 1 << 14;

class Bench extends AgentBench {
  readonly mountpoint = `${this.root}/mount point`;

  constructor(host: Partial<AgentHost> = {}) {
    super(host);
    Deno.mkdirSync(this.mountpoint);
  }

  at(path = ""): boolean {
    return readMounts().some(({ mountpoint }) => mountpoint === this.mountpoint + path);
  }
}

function run(program: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  assert.ok(success, `${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** A process that stands in a directory, and maybe ignores TERM. */
async function holder(cwd: string, obeys = true): Promise<Deno.ChildProcess> {
  const life = obeys ? "exec sleep 60" : "trap '' TERM; while :; do sleep 0.05; done";
  const child = new Deno.Command("sh", {
    args: ["-c", life],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await eventually(`it does "${life}"`, () => {
    const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
    const ignored = parseInt(/^SigIgn:\s+(\w+)$/m.exec(status)?.[1] ?? "", 16);
    return obeys ? status.startsWith("Name:\tsleep\n") : (ignored & TERM_BIT) !== 0;
  });
  return child;
}

Deno.test("Filesystem: tmpfs, with a blank in the mount point; start and stop twice", async () => {
  await using bench = new Bench();
  await bench.lives(`Filesystem::scratch::${bench.mountpoint}::tmpfs::size=1m,mode=700`, () => {
    const mount = readMounts().find(({ mountpoint }) => mountpoint === bench.mountpoint);
    assert.deepEqual([mount?.type, mount?.source], ["tmpfs", "scratch"]);
  });
});

/** Why there can be no loop device here. */
function loopReason(): string | undefined {
  try {
    const loop = new Deno.Command("losetup", { args: ["-f"] }).outputSync();
    if (!loop.success) return "the kernel gives no loop device";
    return new Deno.Command("mke2fs", { args: ["-V"] }).outputSync().success
      ? undefined
      : "mke2fs does not work";
  } catch (error) {
    return String(error);
  }
}

const noLoop = loopReason();
if (noLoop !== undefined) console.log(`skipped the loop device: ${noLoop}`);

Deno.test("Filesystem: a file as loop device; data survives a move", {
  ignore: noLoop !== undefined,
}, async () => {
  await using bench = new Bench();
  const image = `${bench.root}/disk.img`;
  Deno.writeFileSync(image, new Uint8Array(4 * 1024 * 1024));
  run("mke2fs", "-q", "-F", "-t", "ext4", image);
  const resource = `Filesystem::${image}::${bench.mountpoint}::ext4::loop`;
  await bench.expect(resource, "status stopped", "start ok", "start ok", "status running");
  Deno.writeTextFileSync(`${bench.mountpoint}/page`, "data");
  await bench.expect(resource, "stop ok", "stop ok", "status stopped");
  await bench.expect(resource, "start ok");
  assert.equal(Deno.readTextFileSync(`${bench.mountpoint}/page`), "data");
  await bench.expect(resource, "stop ok", "status stopped");
});

Deno.test("Filesystem: a bind mount is told from another one of the same file system", async () => {
  await using bench = new Bench();
  for (const name of ["one", "two"]) Deno.mkdirSync(`${bench.root}/${name}`);
  const one = `Filesystem::${bench.root}/one::${bench.mountpoint}::none::bind`;
  const two = `Filesystem::${bench.root}/two::${bench.mountpoint}::none::bind`;
  await bench.lives(one);
  await bench.expect(one, "start ok");
  await bench.expect(two, "status stopped");
  assert.match(await bench.call(two, "start"), /^failed: .*is mounted there/);
  await bench.expect(two, "stop ok");
  assert.ok(bench.at(), "what is not ours stays");
  await bench.expect(one, "stop ok");
});

Deno.test("Filesystem: what is mounted below goes first", async () => {
  await using bench = new Bench();
  const resource = `Filesystem::outer::${bench.mountpoint}::tmpfs`;
  await bench.expect(resource, "start ok");
  Deno.mkdirSync(`${bench.mountpoint}/a/b`, { recursive: true });
  run("mount", "-t", "tmpfs", "inner", `${bench.mountpoint}/a`);
  Deno.mkdirSync(`${bench.mountpoint}/a/b`);
  run("mount", "-t", "tmpfs", "innermost", `${bench.mountpoint}/a/b`);
  await bench.expect(resource, "stop ok", "status stopped");
  assert.ok(!bench.at("/a") && !bench.at("/a/b"));
});

Deno.test("Filesystem: holders get TERM, then KILL; who only looks from elsewhere lives", async () => {
  await using bench = new Bench();
  const resource = `Filesystem::busy::${bench.mountpoint}::tmpfs`;
  await bench.expect(resource, "start ok");
  Deno.mkdirSync(`${bench.root}/elsewhere`);
  run("mount", "--bind", bench.mountpoint, `${bench.root}/elsewhere`);
  const polite = await holder(bench.mountpoint);
  const stubborn = await holder(bench.mountpoint, false);
  const other = await holder(`${bench.root}/elsewhere`);
  const startedAt = performance.now();
  await bench.expect(resource, "stop ok", "status stopped");
  const tookMs = Math.round(performance.now() - startedAt);
  assert.equal((await polite.status).signal, "SIGTERM");
  assert.equal((await stubborn.status).signal, "SIGKILL");
  const log = bench.log.filter((line) => line.startsWith("warn")).join("\n");
  assert.match(log, new RegExp(`Filesystem: sleep \\(${polite.pid}\\) uses .*: SIGTERM`));
  assert.match(log, new RegExp(`Filesystem: sh \\(${stubborn.pid}\\) uses .*: SIGKILL`));
  assert.ok(!log.includes(`(${other.pid})`), "the other view is not touched");
  other.kill("SIGKILL");
  await other.status;
  run("umount", `${bench.root}/elsewhere`);
  console.log(`Filesystem stop with a holder that ignores TERM: ${tookMs} ms`);
});

Deno.test("Filesystem: an obedient holder costs one more try", async () => {
  await using bench = new Bench();
  const resource = `Filesystem::busy::${bench.mountpoint}::tmpfs`;
  await bench.expect(resource, "start ok");
  const polite = await holder(bench.mountpoint);
  await bench.expect(resource, "stop ok");
  assert.equal((await polite.status).signal, "SIGTERM");
});

Deno.test("Filesystem: a stop that cannot be ends at its deadline", async () => {
  await using bench = new Bench();
  const resource = `Filesystem::busy::${bench.mountpoint}::tmpfs`;
  await bench.expect(resource, "start ok");
  // A file that this very process has open: heartbeat does not kill itself.
  const file = Deno.openSync(`${bench.mountpoint}/open`, { write: true, create: true });
  assert.match(await bench.call(resource, "stop", 700), /^timeout: .*not done within 700 ms/);
  assert.equal(await bench.call(resource, "status"), "running");
  file.close();
  await bench.expect(resource, "stop ok");
});

Deno.test("Filesystem: a umount that says yes and does nothing is not called without a pause", async () => {
  const programDirs = ["ROOT/bin", ...THIS_HOST.programDirs];
  await using bench = new Bench({ programDirs });
  const resource = `Filesystem::kept::${bench.mountpoint}::tmpfs`;
  await bench.expect(resource, "start ok");
  bench.script("bin/umount", `echo called >>"${bench.root}/calls"`);
  assert.match(await bench.call(resource, "stop", 700), /^timeout: /);
  const calls = bench.read("calls").split("\n").length - 1;
  assert.ok(calls >= 2 && calls <= 4, `${calls} calls in 700 ms`);
  run("umount", bench.mountpoint);
});

Deno.test("Filesystem: what is wrong is said", async () => {
  await using bench = new Bench();
  const { root, mountpoint } = bench;
  const table: [string, RegExp][] = [
    ["Filesystem::/dev/x", /the argument "mountpoint" is missing/],
    ["Filesystem::/dev/x::mnt", /"mnt" is not a plain absolute path/],
    ["Filesystem::/dev/x::/", /"\/" is not a plain absolute path/],
    ["Filesystem::/dev/x::/a/../b", /is not a plain absolute path/],
    ["Filesystem::a::/b::c::d::e", /"e" is too much/],
    [
      `Filesystem::/dev/nosuch::${mountpoint}::ext4`,
      /exit code 32 from .*mount -t ext4 \/dev\/nosuch .*: /,
    ],
    [`Filesystem::x::${root}/nowhere::tmpfs`, /nowhere.*mount point does not exist/],
    [`Filesystem::LABEL=no-such-label::${mountpoint}`, /LABEL=no-such-label/],
  ];
  for (const [resource, wanted] of table) {
    assert.match(await bench.call(resource, "start"), wanted, resource);
  }
  await bench.expect("Filesystem::/dev/nosuch::/nonexistent::ext4", "stop ok", "status stopped");
});
