/** Filesystem and who else has its device; run by filesystem_test.ts in a mount namespace of its own. */
import assert from "node:assert/strict";
import { eventually } from "../../eventually.ts";
import { Bench, labelled, noLoop, run } from "./filesystem_bench.ts";

/** A process in a mount namespace of its own, which keeps a copy of every mount. */
async function insider(): Promise<Deno.ChildProcess> {
  const own = Deno.readLinkSync("/proc/self/ns/mnt");
  const child = new Deno.Command("unshare", {
    args: ["--mount", "--propagation", "private", "sleep", "60"],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await eventually("it has a namespace of its own", () => {
    const isAsleep = Deno.readTextFileSync(`/proc/${child.pid}/comm`) === "sleep\n";
    return isAsleep && Deno.readLinkSync(`/proc/${child.pid}/ns/mnt`) !== own;
  });
  return child;
}

Deno.test("Filesystem: not stopped while another mount namespace has the device", {
  ignore: noLoop !== undefined,
}, async () => {
  await using bench = new Bench();
  const { root, mountpoint } = bench;
  const device = labelled(`${root}/disk.img`, "x");
  const resource = `Filesystem::${device}::${mountpoint}::ext2`;
  const inUse = (pid: number) =>
    new RegExp(
      `^failed: .* is unmounted, but ${device} is still in use: ` +
        `sleep \\(${pid}\\) in another mount namespace, on ${mountpoint}$`,
    );
  await bench.expect(resource, "start ok");
  const one = await insider();
  try {
    assert.match(await bench.call(resource, "stop"), inUse(one.pid));
    assert.ok(!bench.at());
    assert.match(await bench.call(resource, "status"), inUse(one.pid));
    const stopping = bench.call(resource, "stop");
    one.kill("SIGKILL");
    assert.equal(await stopping, "ok", "it ends as soon as the device is free");
    await bench.expect(resource, "status stopped", "stop ok");
  } finally {
    await one[Symbol.asyncDispose]();
    run("losetup", "-d", device);
  }
});

Deno.test("Filesystem: other mounts of the device are no hindrance where they are meant", {
  ignore: noLoop !== undefined,
}, async () => {
  await using bench = new Bench();
  const { root } = bench;
  const device = labelled(`${root}/disk.img`, "x");
  const [one = "", other = ""] = ["one", "other"].map((name) =>
    `Filesystem::${device}::${root}/${name}::ext2`
  );
  Deno.mkdirSync(`${root}/ha.d`);
  const name = (haresources: string, fstab: string) => {
    Deno.writeTextFileSync(`${root}/ha.d/haresources`, haresources);
    Deno.writeTextFileSync(`${root}/fstab`, fstab);
  };
  try {
    await bench.expect(one, "start ok");
    for (
      const [haresources, fstab] of [
        [`ha1 ${one} \\\n  ${other}\n`, ""],
        [`ha1 ${other} OCF::Filesystem::device=${device}::directory=${root}/one/\n`, ""],
        ["", `${device}\t${root}/one ext2 noauto 0 0\n`],
      ]
    ) {
      name(haresources ?? "", fstab ?? "");
      await bench.expect(other, "start ok", "stop ok", "status stopped");
    }
    name(`# ${one}\n`, `${device} ${root}/other ext2 noauto 0 0\n`);
    await bench.expect(other, "start ok");
    assert.match(await bench.call(other, "stop", 2000), /^timeout: /);
    assert.match(
      await bench.call(other, "status"),
      /still in use: it is mounted on .*\/one$/,
    );
    await bench.expect(one, "stop ok");
    await bench.expect(other, "status stopped", "stop ok");
  } finally {
    run("losetup", "-d", device);
  }
});
