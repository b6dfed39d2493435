/**
 * The RPM and the .deb: their files are those of `heartbeat install`, their scripts only reload
 * the service manager, and unpacked into an empty root the program starts there.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };
import { makeRoot, whyNoChroot } from "./chroot.ts";

const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const PROGRAM = join(DIST, "heartbeat");
const DEBIAN_ARCHITECTURE = Deno.build.arch === "x86_64" ? "amd64" : "arm64";
const RPM = join(DIST, `heartbeat-${manifest.version}-1.${Deno.build.arch}.rpm`);
const DEB = join(DIST, `heartbeat_${manifest.version}-1_${DEBIAN_ARCHITECTURE}.deb`);
const SAMPLES = ["authkeys.sample", "ha.cf.sample", "haresources.sample"];

/** Errors of rpmlint that stand, each with its reason. */
const EXPLAINED: readonly (readonly [error: RegExp, reason: string])[] = [
  [/logrotate-log-dir-not-packaged \/var\/log/, "the host's own directory"],
  [/bad-manual-page-folder .*\/ha\.cf\.5/, "the page of the file ha.cf, not a section cf"],
  [/non-readable \/etc\/ha\.d\/authkeys\.sample/, "a key made from it must not be readable"],
  [/no-signature|no-packager-tag/, "who releases it signs it"],
  [/missing-dependency-to-logrotate/, "a host without logrotate works, too"],
];

function missing(path: string, task: string): boolean {
  try {
    Deno.statSync(path);
    return false;
  } catch {
    console.log(`skipped: ${path} is not there; "${task}" makes it`);
    return true;
  }
}

async function outputOf(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, `${program} ${args.join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

async function withRoot(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "hb-package-" });
  try {
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** What `heartbeat install` writes below an empty root, in the order of names. */
async function installed(root: string, initDir: string): Promise<string[]> {
  Deno.mkdirSync(join(root, initDir), { recursive: true });
  const said = await outputOf(PROGRAM, "install", "--dry-run", "--root", root);
  return linesOf(said).map((line) => line.replace(/^would write +/, "")).sort();
}

const noRpm = missing(RPM, "deno task package");
const noDeb = missing(DEB, "deno task package");

Deno.test("rpm: exactly the files of heartbeat install", { ignore: noRpm }, async () => {
  await withRoot(async (root) => {
    const listed = linesOf(await outputOf("rpm", "-qpl", RPM)).sort();
    assert.deepEqual(listed, await installed(root, "/etc/rc.d/init.d"));
  });
});

Deno.test(
  "rpm: what the administrator may change is config(noreplace)",
  { ignore: noRpm },
  async () => {
    const query = "[%{FILENAMES} %{FILEFLAGS:fflags} %{FILEMODES:octal}\n]";
    const files = linesOf(await outputOf("rpm", "-qp", "--qf", query, RPM));
    const config = files.filter((line) => / cn /.test(line)).map((line) => line.split(" ")[0]);
    const samples = SAMPLES.map((name) => `/etc/ha.d/${name}`);
    assert.deepEqual(config, [...samples, "/etc/logrotate.d/heartbeat"]);
    assert.ok(files.some((line) => /authkeys\.sample cn 0?100600$/.test(line)));
  },
);

Deno.test("rpm: its scripts only reload the service manager", { ignore: noRpm }, async () => {
  const scripts = linesOf(await outputOf("rpm", "-qp", "--scripts", "--triggers", RPM));
  const commands = scripts.filter((line) => !/^post(?:un)?install scriptlet/.test(line));
  assert.deepEqual(new Set(commands), new Set(["systemctl daemon-reload >/dev/null 2>&1 || :"]));
  assert.equal(commands.length, 2);
});

Deno.test(
  "rpm: newer than the last original, signed for this libc",
  { ignore: noRpm },
  async () => {
    assert.equal(
      await outputOf("rpm", "-qp", "--qf", "%{EPOCH}:%{VERSION}", RPM),
      `2:${manifest.version}`,
    );
    const needs = await outputOf("rpm", "-qp", "--requires", RPM);
    const glibc = [...needs.matchAll(/GLIBC_2\.(\d+)/g)].map((hit) => Number(hit[1]));
    assert.ok(Math.max(...glibc) <= 28, `RHEL 8 has 2.28, this wants 2.${Math.max(...glibc)}`);
  },
);

const noLint = noRpm || missing("/usr/bin/rpmlint", "apt-get install rpmlint");
Deno.test("rpm: rpmlint has no error without a reason", { ignore: noLint }, async () => {
  const { stdout } = await new Deno.Command("rpmlint", { args: [RPM] }).output();
  const errors = linesOf(new TextDecoder().decode(stdout)).filter((line) => / E: /.test(line));
  const unexplained = errors.filter((line) => !EXPLAINED.some(([known]) => known.test(line)));
  assert.deepEqual(unexplained, []);
});

Deno.test(
  "deb: exactly the files of heartbeat install, its scripts only reload",
  { ignore: noDeb },
  async () => {
    await withRoot(async (root) => {
      const listing = linesOf(await outputOf("dpkg-deb", "-c", DEB));
      const paths = listing.map((line) => / \.(\/\S*?)\/?(?: ->.*)?$/.exec(line)?.[1] ?? "");
      const ours = await installed(root, "/etc/init.d");
      for (const path of ours) assert.ok(paths.includes(path), `${path} is missing`);
      // What is beside them are the directories that lead there.
      const surplus = paths.filter((path) => !ours.includes(path));
      for (const path of surplus) {
        assert.ok(
          path === "" || path === "/" || ours.some((one) => one.startsWith(`${path}/`)),
          path,
        );
      }
      assert.match(
        listing.join("\n"),
        /^-rw------- root\/root .*\.\/etc\/ha\.d\/authkeys\.sample$/m,
      );
      for (const script of ["postinst", "postrm"]) {
        const text = await outputOf("dpkg-deb", "-I", DEB, script);
        const commands = linesOf(text).filter((line) => !/^#|^set -e$|^if |^fi$/.test(line));
        assert.deepEqual(commands, ["    systemctl daemon-reload >/dev/null 2>&1 || true"]);
      }
    });
  },
);

const reason = whyNoChroot();
if (reason !== null) console.log(`skipped: packages are not started in a fresh root: ${reason}`);

async function startsIn(root: string): Promise<void> {
  // The program finds itself through /proc.
  const enter = 'mount -t proc proc "$0/proc" && exec chroot "$0" sh -c "$1"';
  const script = "heartbeat --version; cl_status hbstatus";
  const unshare = ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", enter, root, script];
  const { code, stdout, stderr } = await new Deno.Command("unshare", { args: unshare }).output();
  const said = new TextDecoder().decode(stdout);
  assert.equal(code, 1, new TextDecoder().decode(stderr));
  assert.ok(said.startsWith(`heartbeat ${manifest.version} (Deno `), said);
  assert.ok(said.endsWith("\nHeartbeat is stopped on this machine.\n"), said);
}

Deno.test(
  "rpm: put into a fresh root, it starts there",
  { ignore: noRpm || reason !== null },
  async () => {
    await withRoot(async (root) => {
      await makeRoot(root, PROGRAM);
      await outputOf("rpm", "--root", root, "--nodeps", "--noscripts", "-i", RPM);
      await startsIn(root);
    });
  },
);

Deno.test(
  "deb: put into a fresh root, it starts there",
  { ignore: noDeb || reason !== null },
  async () => {
    await withRoot(async (root) => {
      await makeRoot(root, PROGRAM);
      await outputOf("dpkg-deb", "-x", DEB, root);
      await startsIn(root);
    });
  },
);
