/**
 * The RPM and the .deb: their files are those of `heartbeat install`, their scripts make the users
 * and reload the service manager and nothing more, and installed into an empty root the program
 * starts there.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../../package.json" with { type: "json" };
import { makeRoot, whyNoChroot } from "./chroot.ts";
import * as managers from "./package_manager.ts";
import type { PackageManager } from "./package_manager.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/heartbeat", import.meta.url));
const RPM = managers.RPM.file;
const DEB = managers.DPKG.file;
const SAMPLES = ["authkeys.sample", "ha.cf.sample", "haresources.sample"];

/** Errors of rpmlint that stand, each with its reason. */
const EXPLAINED: readonly (readonly [error: RegExp, reason: string])[] = [
  [/logrotate-log-dir-not-packaged \/var\/log/, "the host's own directory"],
  [
    /bad-manual-page-folder .*\/(?:ha\.cf|heartbeat\.toml)\.5/,
    "named after files, no sections cf, toml",
  ],
  [/non-readable \/etc\/ha\.d\/authkeys\.sample/, "a key made from it must not be readable"],
  [/no-signature|no-packager-tag/, "who releases it signs it"],
  [/missing-dependency-to-logrotate/, "a host without logrotate works, too"],
];

/** What the scripts of both packages do: commands without words that only guard or join them. */
const SCRIPT_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  postinst: [
    "if command -v systemd-sysusers >/dev/null 2>&1; then",
    "systemd-sysusers heartbeat.conf || :",
    "elif command -v groupadd >/dev/null 2>&1 && command -v useradd >/dev/null 2>&1; then",
    "groupadd -f -r haclient || :",
    "id hacluster >/dev/null 2>&1 ||",
    "useradd -r -M -g haclient -d /var/lib/heartbeat -s /usr/sbin/nologin \\",
    '-c "Heartbeat clients" hacluster || :',
    "else",
    'echo "heartbeat: no systemd-sysusers, no useradd: add group haclient and its user hacluster" >&2',
    "fi",
    "systemctl daemon-reload >/dev/null 2>&1 || :",
  ],
  // Asks, and never acts.
  prerm: [
    "case ${1:-} in",
    "0 | remove)",
    "if /usr/sbin/heartbeat -s >/dev/null 2>&1; then",
    'echo "heartbeat: it runs here; stop it first (heartbeat -k), then remove the package" >&2',
    "exit 1",
    "fi",
    ";;",
    "esac",
  ],
  postrm: ["systemctl daemon-reload >/dev/null 2>&1 || :"],
};
const RPM_SCRIPTS: Readonly<Record<string, string>> = {
  postinst: "postinstall",
  prerm: "preuninstall",
  postrm: "postuninstall",
};

/** Says why a test is skipped. */
function skipped(reason: string | null): boolean {
  if (reason !== null) console.log(`skipped: ${reason}`);
  return reason !== null;
}

/** @returns why something that is not there cannot be used */
function absence(path: string, cure: string): string | null {
  try {
    Deno.statSync(path);
    return null;
  } catch {
    return `${path} is not there; "${cure}" makes it`;
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
async function installed(root: string, { directories }: PackageManager): Promise<string[]> {
  for (const path of directories) Deno.mkdirSync(join(root, path), { recursive: true });
  const said = await outputOf(PROGRAM, "install", "--dry-run", "--root", root);
  return linesOf(said).map((line) => line.replace(/^would write +/, "")).sort();
}

function commandsOf(script: string): string[] {
  return linesOf(script).map((line) => line.trim()).filter((line) => !line.startsWith("#"));
}

const noRpm = skipped(managers.whyNoPackage(managers.RPM));
const noDeb = skipped(managers.whyNoPackage(managers.DPKG));

Deno.test("rpm: exactly the files of heartbeat install", { ignore: noRpm }, async () => {
  await withRoot(async (root) => {
    const listed = linesOf(await outputOf("rpm", "-qpl", RPM)).sort();
    assert.deepEqual(listed, await installed(root, managers.RPM));
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

Deno.test(
  "rpm: its scripts make users and reload the service manager, nothing more",
  { ignore: noRpm },
  async () => {
    const said = await outputOf("rpm", "-qp", "--scripts", "--triggers", "--filetriggers", RPM);
    const parts = said.split(/^(\w+) scriptlet \(using \/bin\/sh\):\n/m);
    assert.equal(parts[0], "");
    const scripts = Object.entries(RPM_SCRIPTS).flatMap(([script, title]) => [
      title,
      SCRIPT_COMMANDS[script],
    ]);
    const found = parts.slice(1).map((part, at) => at % 2 === 0 ? part : commandsOf(part));
    assert.deepEqual(found, scripts);
  },
);

Deno.test("rpm: wants glibc, libgcc and a shell, nothing else", { ignore: noRpm }, async () => {
  const needs = linesOf(await outputOf("rpm", "-qp", "--requires", RPM));
  const ours = /^(?:rpmlib\(|config\(heartbeat\) |rtld\(GNU_HASH\)$)/;
  const libraries = /^(?:ld-linux-\S+|lib(?:c|m|dl|rt|pthread|gcc_s))\.so\.\d+\(/;
  const others = needs.filter((need) => !ours.test(need) && !libraries.test(need));
  assert.deepEqual([...new Set(others)], ["/bin/sh"]);
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

const noLint = noRpm || skipped(absence("/usr/bin/rpmlint", "apt-get install rpmlint"));
Deno.test("rpm: rpmlint has no error without a reason", { ignore: noLint }, async () => {
  const { stdout } = await new Deno.Command("rpmlint", { args: [RPM] }).output();
  const errors = linesOf(new TextDecoder().decode(stdout)).filter((line) => / E: /.test(line));
  const unexplained = errors.filter((line) => !EXPLAINED.some(([known]) => known.test(line)));
  assert.deepEqual(unexplained, []);
});

Deno.test(
  "deb: exactly the files of heartbeat install, and the scripts of the RPM",
  { ignore: noDeb },
  async () => {
    await withRoot(async (root) => {
      const listing = linesOf(await outputOf("dpkg-deb", "-c", DEB));
      const paths = listing.map((line) => / \.(\/\S*?)\/?(?: ->.*)?$/.exec(line)?.[1] ?? "");
      const ours = await installed(root, managers.DPKG);
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
      const control = await outputOf("dpkg-deb", "-I", DEB);
      const scripts = [...control.matchAll(/^ .* \* +(\S+) +#!\/bin\/sh$/gm)].map(([, name]) =>
        name
      );
      assert.deepEqual(scripts.sort(), Object.keys(SCRIPT_COMMANDS).sort());
      for (const [script, commands] of Object.entries(SCRIPT_COMMANDS)) {
        assert.deepEqual(commandsOf(await outputOf("dpkg-deb", "-I", DEB, script)), commands);
      }
    });
  },
);

const noZsh = skipped(absence("/usr/bin/zsh", "apt-get install zsh")) ||
  skipped(absence("/etc/debian_version", "a Debian host"));
Deno.test(
  "deb: the zsh of Debian finds the completion where it looks by default",
  { ignore: noDeb || noZsh },
  async () => {
    const fpath = linesOf(await outputOf("/usr/bin/zsh", "-fc", "print -l $fpath"));
    const listing = await outputOf("dpkg-deb", "-c", DEB);
    const [, directory = ""] = / \.(\/\S*)\/_heartbeat$/m.exec(listing) ?? [];
    assert.ok(fpath.includes(directory), `${directory} is none of ${fpath.join(", ")}`);
  },
);

const noRoot = skipped(whyNoChroot());

async function startsIn(root: string): Promise<void> {
  const script = "heartbeat --version; cl_status hbstatus";
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: inside(root, `exec chroot "${root}" sh -c "${script}"`),
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.equal(code, 1, new TextDecoder().decode(stderr));
  assert.ok(said.startsWith(`heartbeat ${manifest.version} (Deno `), said);
  assert.ok(said.endsWith("\nHeartbeat is stopped on this machine.\n"), said);
}

/** Arguments of `unshare` for a shell that has a /proc below the root: programs look there. */
function inside(root: string, script: string): string[] {
  const command = `mount -t proc proc "${root}/proc" && ${script}`;
  return ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", command];
}

const SYSUSERS = ["/usr/bin/systemd-sysusers"];
const SHADOW = ["/usr/sbin/groupadd", "/usr/sbin/useradd"];

for (
  const [kind, manager, tools] of [
    ["rpm", managers.RPM, SYSUSERS],
    ["deb", managers.DPKG, SHADOW],
  ] as const
) {
  const noTools = tools.map((tool) => absence(tool, "apt-get install")).find((why) => why !== null);
  Deno.test({
    name: `${kind}: installed into a fresh root, it starts there, has its users, and goes again`,
    ignore: skipped(managers.whyNoPackage(manager)) || noRoot || skipped(noTools ?? null),
    fn: () =>
      withRoot(async (root) => {
        await makeRoot(root, PROGRAM, tools);
        await manager.prepare(root);
        Deno.writeTextFileSync(join(root, "etc/passwd"), "root:x:0:0::/:/bin/sh\n");
        Deno.writeTextFileSync(join(root, "etc/group"), "root:x:0:\n");
        const users = () =>
          ["passwd", "group"].map((name) => Deno.readTextFileSync(join(root, "etc", name)));
        const change = (command: string) => outputOf("unshare", ...inside(root, command));

        await change(manager.install(root, manager.file));
        await startsIn(root);
        const [passwd = "", group = ""] = users();
        const number = /^haclient:[x!*]*:(\d+):/m.exec(group)?.[1];
        assert.ok(number !== undefined, group);
        const line =
          `^hacluster:[x!]:\\d+:${number}:Heartbeat clients:/var/lib/heartbeat:\\S*/nologin$`;
        assert.match(passwd, new RegExp(line, "m"));

        await change(manager.install(root, manager.file));
        assert.deepEqual(users(), [passwd, group]);

        Deno.writeTextFileSync(join(root, "etc/ha.d/ha.cf"), "node ha1 ha2\n");
        await change(manager.remove(root));
        assert.throws(() => Deno.statSync(join(root, "usr/sbin/heartbeat")), Deno.errors.NotFound);
        assert.equal(Deno.readTextFileSync(join(root, "etc/ha.d/ha.cf")), "node ha1 ha2\n");
        assert.deepEqual(users(), [passwd, group]);
      }),
  });
}
