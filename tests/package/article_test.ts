/**
 * The life of a pair from its packages, on two hosts with the C library and one static shell, no
 * Deno, no python, no ip command: rpm fills one, dpkg the other. The article's pair starts, both are
 * upgraded under it, and at the end the packages go; address and script are never where they should
 * not be.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stage } from "../../.ci/package_recipes.ts";
import { articleFiles } from "../lab/demo/article.ts";
import { HOSTS } from "../lab/demo/stage.ts";
import { FAST_TIMING } from "../lab/demo/timing.ts";
import { Lab } from "../lab/lab.ts";
import { eventually } from "../lab/lab_case.ts";
import { namespacePermission } from "../lab/namespaces.ts";
import { AddressWatch } from "./address_watch.ts";
import { BareHost, HTTPD_CALLS } from "./bare_host.ts";
import { executablesIn, whyNoChroot } from "./chroot.ts";
import { DPKG, RPM, whyNoPackage } from "./package_manager.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/heartbeat", import.meta.url));
const MANAGERS = [RPM, DPKG];
/** Unpacking 100 MB may hold a busy machine up; that must not look like a death here. */
const PATIENT = { deadtime: "8", initdead: "20" };
const TIMING = { ...FAST_TIMING, directives: { ...FAST_TIMING.directives, ...PATIENT } };
const NOBODY: readonly [boolean, boolean] = [false, false];
const ALL: readonly [boolean, boolean] = [true, true];
const LOGROTATE = "/etc/logrotate.d/heartbeat";
const SITE_FILES = ["/etc/ha.d/ha.cf", "/etc/ha.d/haresources", "/etc/ha.d/authkeys"];
const NEW_DEFAULT = "# The next release has this line.\n";

interface Pair {
  readonly ha1: BareHost;
  readonly ha2: BareHost;
  readonly disks: string;
}

async function whyNot(): Promise<string | null> {
  const permission = await namespacePermission();
  if (!permission.allowed) return permission.reason;
  return MANAGERS.map(whyNoPackage).find((reason) => reason !== null) ?? whyNoChroot();
}

const reason = await whyNot();
if (reason !== null) console.log(`skipped: the packages on bare hosts: ${reason}`);

function both({ ha1, ha2 }: Pair): readonly [BareHost, BareHost] {
  return [ha1, ha2];
}

async function served(server: BareHost, other: BareHost, when: string): Promise<void> {
  await eventually(`${server.host.name} serves ${when}`, async () => {
    return (await server.holds()).every((held) => held);
  });
  assert.deepEqual(await other.holds(), NOBODY, when);
}

async function build(lab: Lab): Promise<Pair> {
  const hosts: BareHost[] = [];
  for (const [at, manager] of MANAGERS.entries()) {
    const name = HOSTS[at] ?? "";
    const host = await lab.addHost(name, {
      eth0: { network: "lan", address: `192.168.2.${at + 1}/24` },
      eth1: { network: "cross", address: `10.0.0.${at + 1}/24` },
    });
    hosts.push(await BareHost.build(host, join(lab.disks, name), PROGRAM, manager));
  }
  const [ha1, ha2] = hosts;
  assert.ok(ha1 !== undefined && ha2 !== undefined);
  lab.addSerialCable(ha1.host, ha2.host);
  return { ha1, ha2, disks: lab.disks };
}

/** Installs the package on a bare host, and then the files of the article. */
async function install(one: BareHost): Promise<void> {
  const { manager, root } = one;
  const programs = () =>
    executablesIn(root).filter((path) =>
      !/\.so(?:\.\d+)*$|^\/(?:proc|dev)\//.test(path) &&
      (manager.scripts === null || !path.startsWith(manager.scripts))
    ).sort();
  const before = ["/bin/busybox", `${manager.initDir}/httpd`];
  assert.deepEqual(programs(), before);
  await one.boot();
  const said = await one.install(manager.file);
  assert.match(said, /^heartbeat: no systemd-sysusers, no useradd: add group haclient/m);
  const { haCf, haresources, authkeys } = articleFiles(TIMING);
  one.write("/etc/ha.d/ha.cf", haCf);
  one.write("/etc/ha.d/haresources", haresources);
  one.write("/etc/ha.d/authkeys", authkeys, 0o600);
}

async function start(pair: Pair): Promise<void> {
  for (const one of both(pair)) {
    await install(one);
    assert.match(await one.init("start"), /^Starting High-Availability services: Done\.$/m);
  }
  const { ha1, ha2 } = pair;
  await served(ha1, ha2, "at the beginning");
  assert.match(await ha2.inside("/usr/bin/cl_status hbstatus"), /is running/);
  await eventually("both media are heard", async () => {
    const heard = await ha1.inside("/usr/bin/cl_status listhblinks ha2.bogus.sh.cn");
    return heard.includes("/dev/ttyS0") && heard.includes("eth1");
  });
}

/** Makes the package of the next release, whose default of one file is another. */
async function nextRelease({ manager }: BareHost, scratch: string): Promise<string> {
  Deno.mkdirSync(scratch, { recursive: true });
  const tree = await stage(join(scratch, "tree"), manager.directories);
  Deno.writeTextFileSync(join(tree.root, LOGROTATE), NEW_DEFAULT, { append: true });
  return await manager.make(tree, { output: scratch, scratch, release: 2, isPacked: false });
}

/** Both hosts get the next release while they run, and nothing moves. */
async function upgrade(pair: Pair): Promise<void> {
  for (const one of both(pair)) {
    const { host, manager } = one;
    const disk = join(pair.disks, host.name);
    const file = await nextRelease(one, join(disk, "var/tmp/next"));
    const edited = one.read(LOGROTATE).replace(/rotate \d+/, "rotate 52");
    one.write(LOGROTATE, edited);
    const kept = [LOGROTATE, ...SITE_FILES].map((path) => one.read(path));
    const before = await one.daemon();
    const calls = one.read(HTTPD_CALLS);
    const watch = await AddressWatch.begin(host, disk);

    await one.install(file.slice(disk.length));

    assert.deepEqual(await watch.end(), [], `addresses of ${host.name}`);
    assert.deepEqual(await one.daemon(), { pid: before.pid, isReplaced: true });
    const isMove = (call: string) => call === "start" || call === "stop";
    const moves = one.read(HTTPD_CALLS).slice(calls.length).split("\n").filter(isMove);
    assert.deepEqual(moves, [], `calls of httpd on ${host.name}`);
    assert.deepEqual([LOGROTATE, ...SITE_FILES].map((path) => one.read(path)), kept);
    assert.ok(one.read(LOGROTATE + manager.newDefault).endsWith(NEW_DEFAULT));
    // The new program and the old daemon understand each other.
    assert.match(await one.inside("/usr/bin/cl_status hbstatus"), /is running/);
    await one.init("reload");
    await eventually("the log says so", () => / Configuration unchanged\.$/m.test(one.log));
  }
  await served(pair.ha1, pair.ha2, "after the upgrade");
}

/** As an administrator brings the new program in: one node at a time, while it serves nothing. */
async function restartOneByOne(pair: Pair): Promise<void> {
  const { ha1, ha2 } = pair;
  await eventually("ha1 is asked to hand over", () => ha1.obeys("/usr/sbin/hb_standby"));
  await served(ha2, ha1, "after standby");
  await ha1.init("restart");
  // auto_failback on: even what was handed over by order goes home to a node that was away.
  await served(ha1, ha2, "after its restart");
  await eventually("ha2 is asked to hand over", () => ha2.obeys("/usr/sbin/hb_standby"));
  await served(ha1, ha2, "after standby of the other");
  await ha2.init("restart");
  await served(ha1, ha2, "after the restart of the other");
  for (const one of both(pair)) assert.equal((await one.daemon()).isReplaced, false);
}

/** Who serves loses neither daemon nor files by a removal. */
async function refuseRemoval(pair: Pair): Promise<void> {
  for (const one of both(pair)) {
    const before = await one.daemon();
    const { code, stdout } = await one.removePackage();
    assert.notEqual(code, 0);
    assert.match(stdout, /^heartbeat: it runs here; stop it first \(heartbeat -k\)/m);
    assert.deepEqual(await one.daemon(), before);
  }
  assert.deepEqual(await pair.ha1.holds(), ALL);
}

async function failOver({ ha1, ha2 }: Pair): Promise<void> {
  await ha1.host.powerOff();
  await eventually("ha2 serves after the death of ha1", async () => {
    return (await ha2.holds()).every((held) => held);
  });
}

async function remove(one: BareHost): Promise<void> {
  assert.equal((await one.holds())[0], false);
  const kept = SITE_FILES.map((path) => one.read(path));
  const { code, stdout } = await one.removePackage();
  assert.equal(code, 0, stdout);
  assert.throws(() => one.read("/usr/sbin/heartbeat"), Deno.errors.NotFound);
  assert.deepEqual(SITE_FILES.map((path) => one.read(path)), kept);
}

Deno.test({
  name: "the packages on bare hosts: the article's pair starts, is upgraded, and fails over",
  ignore: reason !== null,
  fn: async () => {
    await using lab = await Lab.open();
    const pair = await build(lab);
    try {
      await start(pair);
      await upgrade(pair);
      await restartOneByOne(pair);
      await refuseRemoval(pair);
      await failOver(pair);
      await pair.ha2.init("stop");
      // The dead host is back; the pid file of its last life does not hold the removal up.
      await pair.ha1.boot();
      for (const one of both(pair)) await remove(one);
    } catch (cause) {
      const logs = both(pair).map(({ host, log }) => `${host.name}:\n${log}`);
      throw new Error(`the logs were\n${logs.join("\n")}`, { cause });
    }
  },
});
