/** Filesystem on a real kernel; run by filesystem_test.ts in a mount namespace of its own. */
import assert from "node:assert/strict";
import { readMounts } from "../../../core/os/mounts.ts";
import { THIS_HOST } from "../../../agents/host.ts";
import { eventually } from "../../eventually.ts";
import { Bench, labelled, noLoop, run } from "./filesystem_bench.ts";

/** Of SIGTERM, 15, in the masks of /proc/PID/status. */
const TERM_BIT = 1 << 14;

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

Deno.test("Filesystem: who opens a file every 0.1 s does not keep it", async () => {
  await using bench = new Bench();
  const resource = `Filesystem::busy::${bench.mountpoint}::tmpfs`;
  await bench.expect(resource, "start ok");
  const file = `${bench.mountpoint}/file`;
  Deno.writeTextFileSync(file, "");
  const users = new Deno.Command("sh", {
    args: ["-c", `sleep 60 <"$0" & echo; while :; do sleep 0.1; sleep 60 <"$0" & done`, file],
    stdin: "null",
    stderr: "null",
    stdout: "piped",
  }).spawn();
  const begun = users.stdout.getReader();
  await begun.read();
  await begun.cancel();
  try {
    await bench.expect(resource, "stop ok", "status stopped");
  } finally {
    users.kill("SIGKILL");
    await users.status;
  }
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

Deno.test("Filesystem: symbolic links in the mount point are followed by all three verbs", async () => {
  await using bench = new Bench();
  const { root, mountpoint } = bench;
  Deno.symlinkSync(mountpoint, `${root}/link`);
  await bench.lives(`Filesystem::linked::${root}/link::tmpfs`, () => assert.ok(bench.at()));
  assert.ok(!bench.at());
  Deno.mkdirSync(`${mountpoint}/sub`);
  await bench.lives(`Filesystem::linked::${root}/link/sub::tmpfs`, () => {
    assert.ok(bench.at("/sub"));
  });
  assert.ok(!bench.at("/sub"));
});

Deno.test("Filesystem: a missing mount point is made, also behind a link", async () => {
  await using bench = new Bench();
  const { root, mountpoint } = bench;
  Deno.symlinkSync(mountpoint, `${root}/link`);
  await bench.lives(`Filesystem::made::${root}/link/new/deep::tmpfs`, () => {
    assert.ok(bench.at("/new/deep"));
  });
  const { mode } = Deno.statSync(`${mountpoint}/new/deep`);
  assert.equal((mode ?? 0) & 0o777, 0o755);
  assert.match(bench.log.join("\n"), /info: Filesystem: made the missing mount point .*new\/deep/);
});

Deno.test("Filesystem: what is mounted over it hides it and does not keep it; what is below stays", async () => {
  await using bench = new Bench();
  const { mountpoint } = bench;
  const resource = `Filesystem::ours::${mountpoint}::tmpfs`;
  const sources = () =>
    readMounts().filter((mount) => mount.mountpoint === mountpoint).map(({ source }) => source);
  run("mount", "-t", "tmpfs", "below", mountpoint);
  run("mount", "-t", "tmpfs", "ours", mountpoint);
  await bench.expect(resource, "status running");
  run("mount", "-t", "tmpfs", "over", mountpoint);
  for (const verb of ["status", "start"] as const) {
    assert.match(await bench.call(resource, verb), /^failed: .*over is mounted (over|there)/);
  }
  await bench.expect(resource, "stop ok");
  assert.deepEqual(sources(), ["below"]);
  await bench.expect(resource, "status stopped", "stop ok");
  assert.deepEqual(sources(), ["below"]);
  run("umount", mountpoint);
});

Deno.test(
  "Filesystem: a label that moved or is gone proves nothing: not called stopped",
  {
    ignore: noLoop !== undefined,
  },
  async () => {
    await using bench = new Bench();
    const label = `hb${Deno.pid}/a`;
    const link = `/dev/disk/by-label/hb${Deno.pid}\\x2fa`;
    const resource = `Filesystem::LABEL=${label}::${bench.mountpoint}::ext2`;
    const device = labelled(`${bench.root}/one.img`, label);
    const other = labelled(`${bench.root}/two.img`, label);
    Deno.mkdirSync("/dev/disk/by-label", { recursive: true });
    const leadTo = (target?: string) => {
      if (target === undefined) run("rm", "-f", link);
      else run("ln", "-sfn", target, link);
    };
    try {
      leadTo(device);
      await bench.expect(resource, "start ok", "start ok");
      for (const target of [device, undefined, other]) {
        leadTo(target);
        await bench.expect(resource, "status running", "start ok");
      }
      await bench.expect(resource, "stop ok", "status stopped");
      assert.ok(!bench.at());
      // By hand, so that no note of a start tells which one it is.
      run("mount", device, bench.mountpoint);
      leadTo(device);
      await bench.expect(resource, "status running");
      await bench.expect(`Filesystem::${device}::${bench.mountpoint}::ext2`, "status running");
      await bench.expect(`Filesystem::${other}::${bench.mountpoint}::ext2`, "stop ok");
      for (const target of [undefined, other]) {
        leadTo(target);
        for (const verb of ["status", "stop", "start"] as const) {
          assert.match(await bench.call(resource, verb), /^failed: .*(may still|is mounted)/, verb);
        }
        assert.ok(bench.at());
      }
      leadTo(device);
      await bench.expect(resource, "start ok");
      leadTo();
      await bench.expect(resource, "status running", "stop ok", "status stopped");
      assert.ok(!bench.at());
    } finally {
      leadTo();
      run("losetup", "-d", device, other);
    }
  },
);

Deno.test("Filesystem: a slash at the end of a server's directory makes no other one", async () => {
  await using bench = new Bench();
  for (
    const [shown, device] of [["srv:/export", "srv:/export/"], ["//srv/share/", "//srv/share"]]
  ) {
    // As the kernel would list it; there is no server here.
    run("mount", "-t", "tmpfs", shown ?? "", bench.mountpoint);
    const resource = `Filesystem::${device}::${bench.mountpoint}::nfs`;
    await bench.expect(`Filesystem::name::${bench.mountpoint}::tmpfs`, "status stopped", "stop ok");
    for (const verb of ["status", "stop"] as const) {
      const sameServer = `Filesystem::10.0.0.1:/export::${bench.mountpoint}::nfs`;
      assert.match(await bench.call(sameServer, verb), /^failed: .*it may still run here/);
    }
    await bench.expect(resource, "status running", "stop ok", "status stopped");
    assert.ok(!bench.at());
  }
});

Deno.test("Filesystem: a start that cannot be seen afterwards fails and leaves nothing", async () => {
  await using bench = new Bench({ programDirs: ["ROOT/bin", ...THIS_HOST.programDirs] });
  const resource = `Filesystem::bucket::${bench.mountpoint}::tmpfs`;
  bench.script("bin/mount", "exit 0");
  assert.match(await bench.call(resource, "start"), /ended well, but nothing is mounted there/);
  // As programs for FUSE do, it calls its file system something else.
  bench.script("bin/mount", `PATH=/bin:/usr/bin:/sbin mount -t tmpfs s3fs "${bench.mountpoint}"`);
  await bench.lives(resource);
  Deno.removeSync(`${bench.root}/markers`, { recursive: true });
  Deno.writeTextFileSync(`${bench.root}/markers`, "no directory");
  assert.match(await bench.call(resource, "start"), /"s3fs" would not be known again as bucket: /);
  assert.ok(!bench.at());
  await bench.expect(resource, "status stopped", "stop ok");
});

Deno.test("Filesystem: a link that leads elsewhere now does not hide what is mounted", async () => {
  await using bench = new Bench();
  const link = `${bench.root}/link`;
  const resource = `Filesystem::linked::${link}::tmpfs`;
  Deno.mkdirSync(`${bench.root}/elsewhere`);
  run("ln", "-s", bench.mountpoint, link);
  await bench.expect(resource, "start ok");
  run("ln", "-sfn", `${bench.root}/elsewhere`, link);
  await bench.expect(resource, "status running", "stop ok", "status stopped");
  assert.ok(!bench.at());
});

Deno.test("Filesystem: what is wrong is said", async () => {
  await using bench = new Bench();
  const { root, mountpoint } = bench;
  Deno.writeTextFileSync(`${root}/file`, "");
  Deno.symlinkSync(`${root}/nowhere`, `${root}/dangling`);
  const table: [string, RegExp][] = [
    ["Filesystem::/dev/x", /the argument "mountpoint" is missing/],
    ["Filesystem::/dev/x::mnt", /"mnt" is not a plain absolute path/],
    ["Filesystem::/dev/x::/", /"\/" is not a plain absolute path/],
    ["Filesystem::/dev/x::/a/../b", /is not a plain absolute path/],
    ["Filesystem::a::/b::c::d::e", /"e" is too much/],
    [
      `Filesystem::/dev/nosuch::${mountpoint}::ext4`,
      /exit code 32 from .*mount of \/dev\/nosuch on .*: /,
    ],
    [`Filesystem::x::${root}/file/in::tmpfs`, /Not a directory.*file\/in/],
    [`Filesystem::x::${root}/dangling::tmpfs`, /cannot make the mount point .*dangling: /],
    [`Filesystem::LABEL=no-such-label::${mountpoint}`, /LABEL=no-such-label/],
  ];
  for (const [resource, wanted] of table) {
    assert.match(await bench.call(resource, "start"), wanted, resource);
  }
  await bench.expect("Filesystem::/dev/nosuch::/nonexistent::ext4", "stop ok", "status stopped");
});
