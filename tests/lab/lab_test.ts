/**
 * The lab itself: hosts that are really apart, die at once, keep their disks, and leave nothing
 * behind. Every later scenario stands on these promises.
 */
import assert from "node:assert/strict";
import type { Host } from "./host.ts";
import { Lab } from "./lab.ts";
import { eventually, labTest } from "./lab_case.ts";

const LAN = "lan";

async function twoHosts(lab: Lab): Promise<readonly [Host, Host]> {
  const one = await lab.addHost("one.example", {
    eth0: { network: LAN, address: "192.168.2.1/24" },
  });
  const two = await lab.addHost("two.example", {
    eth0: { network: LAN, address: "192.168.2.2/24" },
  });
  await one.powerOn();
  await two.powerOn();
  return [one, two];
}

function processExists(pid: number): boolean {
  try {
    return Deno.statSync(`/proc/${pid}`).isDirectory;
  } catch {
    return false;
  }
}

function directoryExists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

labTest("Lab: each host has its own name, addresses, processes and files", async () => {
  await using lab = await Lab.open();
  const [one, two] = await twoHosts(lab);
  assert.equal((await one.must("uname -n")).trim(), "one.example");
  assert.equal((await two.must("uname -n")).trim(), "two.example");
  assert.ok((await one.addresses()).includes("192.168.2.1"));
  assert.ok(!(await one.addresses()).includes("192.168.2.2"));
  one.write("/etc/ha.d/ha.cf", "node one\n");
  assert.equal(await one.must("cat /etc/ha.d/ha.cf"), "node one\n");
  assert.notEqual((await two.run("cat /etc/ha.d/ha.cf")).code, 0);
  await one.must("setsid sleep 60 >/dev/null 2>&1 &");
  const sleeps = async () => (await one.run("grep -l sleep /proc/[0-9]*/comm")).code === 0;
  await eventually("one has a sleeper", sleeps);
  assert.notEqual((await two.run("grep -l sleep /proc/[0-9]*/comm")).code, 0);
});

labTest("Lab: hosts reach each other over the switch, and not when a cable is pulled", async () => {
  await using lab = await Lab.open();
  const [one, two] = await twoHosts(lab);
  const listen = "use Socket; socket(S,AF_INET,SOCK_STREAM,0); setsockopt(S,SOL_SOCKET," +
    "SO_REUSEADDR,1); bind(S,pack_sockaddr_in(80,INADDR_ANY)) or die; listen(S,9); sleep 60";
  await two.must(`perl -e '${listen}' >/dev/null 2>&1 &`);
  await eventually("two listens on port 80", () => two.listens(80));
  assert.ok(!one.listens(80));
  const reach = "timeout 1 bash -c '</dev/tcp/192.168.2.2/80'";
  await eventually("one reaches two", async () => (await one.run(reach)).code === 0);
  await lab.pull(two, "eth0");
  assert.equal((await two.must("cat /sys/class/net/eth0/carrier")).trim(), "0");
  assert.notEqual((await one.run(reach)).code, 0);
  await lab.plug(two, "eth0");
  await eventually("the cable carries again", async () => (await one.run(reach)).code === 0);
});

labTest(
  "Host: a power loss ends every process at once; the disk stays, /run does not",
  async () => {
    await using lab = await Lab.open();
    const [one, two] = await twoHosts(lab);
    await one.must("echo kept >/var/lib/heartbeat/x; echo lost >/run/x");
    // Deaf to every signal but KILL, in a session of its own, as a daemon would be.
    const child = one.spawn(["setsid", "sh", "-c", "trap '' TERM INT HUP; sleep 60; sleep 60"]);
    const macBefore = await one.must("cat /sys/class/net/eth0/address");
    const pid = one.pid;
    await one.powerOff();
    assert.ok(!processExists(pid));
    await child.status;
    await child.stdout.cancel();
    assert.deepEqual(await one.addresses(), []);
    assert.ok((await two.addresses()).includes("192.168.2.2"), "the other host is untouched");
    await one.powerOn();
    assert.equal(await one.must("cat /var/lib/heartbeat/x"), "kept\n");
    assert.notEqual((await one.run("cat /run/x")).code, 0);
    assert.equal(await one.must("cat /sys/class/net/eth0/address"), macBefore);
  },
);

labTest(
  "Host: orphans are reaped, so that a dead process is never mistaken for a live one",
  async () => {
    await using lab = await Lab.open();
    const [one] = await twoHosts(lab);
    const orphan =
      "perl -e 'if (my $p = fork) { print $p; exit } close STDOUT; close STDERR; sleep 60'";
    const pid = (await one.must(orphan)).trim();
    await one.must(`kill -0 ${pid} && kill -9 ${pid}`);
    await eventually(
      "the orphan is gone",
      async () => (await one.run(`kill -0 ${pid}`)).code !== 0,
    );
  },
);

labTest("Lab: close leaves neither processes nor files", async () => {
  const lab = await Lab.open();
  const [one, two] = await twoHosts(lab);
  const pids = [one.pid, two.pid];
  await lab.close();
  assert.deepEqual(pids.filter(processExists), []);
  assert.ok(!directoryExists(lab.disks));
});

labTest("Lab: the death of the process that opened it ends all of it", async () => {
  const script = `
    import { Lab } from "${import.meta.resolve("./lab.ts")}";
    const lab = await Lab.open();
    const host = await lab.addHost("one", {});
    await host.powerOn();
    await Deno.stdout.write(new TextEncoder().encode(JSON.stringify([host.pid, lab.disks])));
    await new Promise(() => setInterval(() => {}, 1000));
  `;
  const opener = new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    stdout: "piped",
  }).spawn();
  const reader = opener.stdout.getReader();
  const { value } = await reader.read();
  const [pid, disks]: [number, string] = JSON.parse(new TextDecoder().decode(value));
  assert.ok(processExists(pid));
  opener.kill("SIGKILL");
  await opener.status;
  await reader.cancel();
  await eventually("the host's first process is gone", () => !processExists(pid));
  await eventually("the disks are gone", () => !directoryExists(disks));
});
