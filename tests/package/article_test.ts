/**
 * The single file alone: on two hosts with the C library and one static shell, no Deno, no python,
 * no ip command, it starts the article's pair and fails its address and its script over.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { articleFiles } from "../lab/demo/article.ts";
import { HOSTS, SERVICE_ADDRESS } from "../lab/demo/stage.ts";
import { FAST_TIMING } from "../lab/demo/timing.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { eventually } from "../lab/lab_case.ts";
import { namespacePermission } from "../lab/namespaces.ts";
import { executablesIn, makeRoot, whyNoChroot } from "./chroot.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/heartbeat", import.meta.url));
/** Where the bare root lies on a lab host. */
const ROOT = "/var/root";
/** The article's httpd needs perl; this one is up while a file exists. */
const HTTPD = `#!/bin/sh
case "$1" in
  start) touch /run/httpd.up ;;
  stop) rm -f /run/httpd.up ;;
  status) if [ -e /run/httpd.up ]; then echo running; else echo stopped; exit 3; fi ;;
esac
`;

async function whyNot(): Promise<string | null> {
  const permission = await namespacePermission();
  if (!permission.allowed) return permission.reason;
  try {
    Deno.statSync(PROGRAM);
  } catch {
    return `${PROGRAM} is not there; "deno task compile" makes it`;
  }
  return whyNoChroot();
}

const reason = await whyNot();
if (reason !== null) console.log(`skipped: the single file on bare hosts: ${reason}`);

/** Lays the bare root on the host's disk, with the three files and the program. */
async function layRoot(root: string): Promise<void> {
  await makeRoot(root, PROGRAM);
  const { haCf, haresources, authkeys } = articleFiles(FAST_TIMING);
  const write = (path: string, text: string, mode: number) => {
    Deno.mkdirSync(join(root, path, ".."), { recursive: true });
    Deno.writeTextFileSync(join(root, path), text);
    Deno.chmodSync(join(root, path), mode);
  };
  write("etc/ha.d/ha.cf", haCf, 0o644);
  write("etc/ha.d/haresources", haresources, 0o644);
  write("etc/ha.d/authkeys", authkeys, 0o600);
  write("etc/rc.d/init.d/httpd", HTTPD, 0o755);
  Deno.mkdirSync(join(root, "usr/sbin"), { recursive: true });
  Deno.mkdirSync(join(root, "usr/bin"), { recursive: true });
  Deno.copyFileSync(PROGRAM, join(root, "usr/sbin/heartbeat"));
  Deno.symlinkSync("heartbeat", join(root, "usr/sbin/hb_standby"));
  Deno.symlinkSync("../sbin/heartbeat", join(root, "usr/bin/cl_status"));
}

async function boot(host: Host): Promise<void> {
  await host.powerOn();
  await host.must(`mount -t proc proc ${ROOT}/proc && mount --rbind /dev ${ROOT}/dev`);
}

function inRoot(host: Host, command: string): Promise<string> {
  // With a clean environment: nothing of this machine's search path may help.
  return host.must(`env -i PATH=/bin:/usr/bin:/usr/sbin chroot ${ROOT} ${command}`);
}

Deno.test({
  name: "the single file on bare hosts: the article's pair starts, and address and script move",
  ignore: reason !== null,
  fn: async () => {
    await using lab = await Lab.open();
    const hosts: Host[] = [];
    const roots: string[] = [];
    for (const [index, name] of HOSTS.entries()) {
      const host = await lab.addHost(name, {
        eth0: { network: "lan", address: `192.168.2.${index + 1}/24` },
        eth1: { network: "cross", address: `10.0.0.${index + 1}/24` },
      });
      const root = join(lab.disks, name, ROOT);
      await layRoot(root);
      hosts.push(host);
      roots.push(root);
    }
    const [ha1, ha2] = hosts;
    const [root1 = "", root2 = ""] = roots;
    assert.ok(ha1 !== undefined && ha2 !== undefined);
    lab.addSerialCable(ha1, ha2);
    // Before /proc and /dev are mounted, all that could run there.
    const programs = executablesIn(root1).filter((path) => !/\.so(?:\.\d+)*$/.test(path));
    assert.deepEqual(programs.sort(), [
      ...["/bin/busybox", "/etc/rc.d/init.d/httpd", "/usr/sbin/heartbeat"],
    ]);

    const serves = async (host: Host) => (await host.addresses()).includes(SERVICE_ADDRESS);
    const isUp = (host: Host) => host.run(`test -e ${ROOT}/run/httpd.up`).then(({ code }) => !code);
    const logs = () =>
      [root1, root2].map((root) => Deno.readTextFileSync(join(root, "var/log/ha-log"))).join("\n");
    for (const host of [ha1, ha2]) {
      await boot(host);
      await inRoot(host, "/usr/sbin/heartbeat");
    }
    try {
      await eventually("ha1 serves", async () => await serves(ha1) && await isUp(ha1));
      assert.deepEqual([await serves(ha2), await isUp(ha2)], [false, false]);
      assert.match(await inRoot(ha2, "/usr/bin/cl_status hbstatus"), /is running/);

      const links = () => inRoot(ha1, "/usr/bin/cl_status listhblinks ha2.bogus.sh.cn");
      await eventually("both media are heard", async () => {
        const heard = await links();
        return heard.includes("/dev/ttyS0") && heard.includes("eth1");
      });

      await inRoot(ha1, "/usr/sbin/hb_standby");
      await eventually(
        "ha2 serves after standby",
        async () => await serves(ha2) && await isUp(ha2),
      );
      assert.deepEqual([await serves(ha1), await isUp(ha1)], [false, false]);

      await ha2.powerOff();
      await eventually("ha1 took over", async () => await serves(ha1) && await isUp(ha1));
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\n${logs()}`);
    }
    await inRoot(ha1, "/usr/sbin/heartbeat -k");
    assert.deepEqual([await serves(ha1), await isUp(ha1)], [false, false]);
  },
});
