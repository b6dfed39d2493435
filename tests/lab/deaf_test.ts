/**
 * Real daemons that cannot open a medium, or hear a peer with another key: what they say, what they
 * leave alone, and how they go on. The rules are tried in virtual time (deafness_test.ts
 * and foreign_key_test.ts of tests/engine).
 */
import assert from "node:assert/strict";
import { MAIN_COMMAND } from "../program.ts";
import type { Host } from "./host.ts";
import { Lab } from "./lab.ts";
import { eventually, labTest } from "./lab_case.ts";
import { twoHosts } from "./two_hosts.ts";

const HEARTBEAT = MAIN_COMMAND.map((word) => `"${word}"`).join(" ");
const INITDEAD_S = 2;
const HA_CF = `
keepalive 200ms
deadtime 1
initdead ${INITDEAD_S}
logfile /var/log/ha-log
bcast eth0 eth9
auto_failback off
node ha1 ha2
`;
const SERVICE = `#!/bin/sh
case $2 in
start) touch "/var/tmp/$1" ;;
stop) rm -f "/var/tmp/$1" ;;
status) [ -e "/var/tmp/$1" ] && echo running || { echo stopped; exit 3; } ;;
esac
`;
/** A program that holds the port on all interfaces, as rpcbind may; it says its process id. */
const PORT_HOLDER = 'Deno.listenDatagram({ transport: "udp", hostname: "0.0.0.0", port: 694 }); ' +
  "console.log(Deno.pid); setInterval(() => {}, 1e6);";

/** @returns what frees the port again */
async function holdPort(host: Host): Promise<() => Promise<void>> {
  const holder = host.spawn([Deno.execPath(), "eval", "--unstable-net", PORT_HOLDER]);
  const reader = holder.stdout.getReader();
  const pid = new TextDecoder().decode((await reader.read()).value).trim();
  await reader.cancel();
  return async () => {
    // `nsenter` would not pass a signal on.
    await host.must(`kill -9 ${pid}`);
    await holder.status;
  };
}

async function runs(host: Host): Promise<string> {
  return await host.must("ls /var/tmp | tr '\\n' ' '");
}

/** So long a node waits for nothing at all. */
async function pastInitdead(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, (INITDEAD_S + 1) * 1_000));
}

labTest(
  "media that cannot be opened, and another key: start, status, orders, the way back",
  async () => {
    await using lab = await Lab.open();
    const [ha1, ha2] = await twoHosts(lab, {
      haCf: HA_CF,
      haresources: "ha1 svc::a\nha2 svc::b\n",
      more: (host) => host.write("/etc/ha.d/resource.d/svc", SERVICE, 0o755),
    });
    const status = (host: Host) => host.run(`${HEARTBEAT} status`);

    // One medium is missing: it starts on the other, and takes nothing before somebody says so.
    assert.equal((await ha2.run(`${HEARTBEAT} start`)).code, 0);
    await pastInitdead();
    const waiting = await status(ha2);
    assert.equal(waiting.code, 2, waiting.stdout);
    assert.match(waiting.stdout, /^\S+ DOWN .*\n {2}! bcast eth9:694 is not open .*ENODEV/);
    assert.equal(await runs(ha2), "");
    await ha2.must(`${HEARTBEAT} takeover --wait 10`);
    await eventually("ha2 serves", async () => await runs(ha2) === "a b ");

    // No medium can be opened: deaf.
    const freePort = await holdPort(ha1);
    const started = await ha1.run(`${HEARTBEAT} start`);
    assert.equal(started.code, 1);
    assert.match(started.stderr, /deaf.* bcast eth0:694 \(.*EADDRINUSE.*bcast eth9:694 \(.*ENODEV/);
    await pastInitdead();
    const deaf = await status(ha1);
    assert.equal(deaf.code, 2, deaf.stdout);
    assert.match(deaf.stdout, /^\S+ DOWN .*\n {2}! This node is deaf/);
    assert.equal(await runs(ha1), "");

    // The port is free again: the daemon finds that out and joins.
    await freePort();
    await eventually("ha1 has joined", async () => {
      const { stdout } = await ha1.run(`${HEARTBEAT} status --json`);
      return stdout.includes('"phase": "stable"') && stdout.includes('"word": "DEGRADED"');
    });
    assert.equal(await runs(ha1), "");
    assert.equal(await runs(ha2), "a b ");

    // Another key: the peer is heard, and nothing of it is believed.
    await ha1.must(`${HEARTBEAT} stop`);
    ha1.write("/etc/ha.d/authkeys", "auth 1\n1 sha1 other\n", 0o600);
    const tested = await ha1.run(`${HEARTBEAT} test-media --seconds 1 --wait 2`);
    assert.match(tested.stdout, /bcast eth0:694 +heard, but with another key/);
    assert.equal((await ha1.run(`${HEARTBEAT} start`)).code, 0);
    await pastInitdead();
    const unbelieved = await status(ha1);
    assert.equal(unbelieved.code, 2, unbelieved.stdout);
    assert.match(
      unbelieved.stdout,
      /^\S+ DOWN .*\n {2}! Beats in the name of ha2 come with another key/,
    );
    assert.equal((await ha1.run(`${HEARTBEAT} takeover`)).code, 1);
    assert.equal(await runs(ha1), "");
    await ha1.must(`${HEARTBEAT} takeover --although-key-differs --wait 10`);
    assert.equal(await runs(ha1), "a b ");
    const serving = await status(ha1);
    assert.equal(serving.code, 2, serving.stdout);
    assert.match(serving.stdout, /^\S+ DOWN .*\n {2}! ha2 is heard with another key on eth0/);

    await ha1.must("ip link add eth9 type veth peer name sw9 && ip link set sw9 up");
    await ha1.must("ip link set eth9 up");
    await eventually("eth9 is opened", async () => {
      return (await ha1.must("cat /var/log/ha-log")).includes("bcast eth9:694 is ready");
    });
  },
);
