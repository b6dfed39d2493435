/**
 * What a pulled cable and a lost address do to status and to planned moves: two real daemons, which
 * hear each other on eth0, and a service address on an interface of its own, whose cable comes and goes.
 */
import assert from "node:assert/strict";
import { MAIN_COMMAND } from "../program.ts";
import type { Host } from "./host.ts";
import { Lab } from "./lab.ts";
import { eventually, labTest } from "./lab_case.ts";
import { twoHosts } from "./two_hosts.ts";

const HEARTBEAT = MAIN_COMMAND.map((word) => `"${word}"`).join(" ");
const HA_CF = `
keepalive 200ms
deadtime 5
initdead 10
logfile /var/log/ha-log
bcast eth0
auto_failback off
node ha1 ha2
`;
const RESOURCE = "IPaddr::192.168.9.3/24/lan1";
const NO_CABLE = "lan1 has no carrier, and 192.168.9.3 needs it";

/** Pulls the cable of the service interface, or puts it in. */
function cable(host: Host, state: "up" | "down"): Promise<string> {
  return host.must(`ip link set lan1-end ${state}`);
}

async function status(host: Host): Promise<string> {
  const { code, stdout } = await host.run(`${HEARTBEAT} status`);
  return `${code} ${stdout}`;
}

/** Whether the host has the service address. */
async function serves(host: Host): Promise<boolean> {
  return (await host.must("ip -4 -o addr show dev lan1")).includes("192.168.9.3/24");
}

labTest(
  "a lost address, a pulled cable: status says so, and no planned move goes there",
  async () => {
    await using lab = await Lab.open();
    const hosts = await twoHosts(lab, { haCf: HA_CF, haresources: `ha1 ${RESOURCE}\n`, more() {} });
    const [ha1, ha2] = hosts;
    for (const host of hosts) {
      await host.must("ip link add lan1 type veth peer name lan1-end && ip link set lan1 up");
      await cable(host, "up");
    }
    await Promise.all(hosts.map((host) => host.must(`${HEARTBEAT} start`)));
    await eventually("all is well", async () => (await status(ha1)).startsWith("0 "));
    assert.equal(await serves(ha1), true);

    await ha1.must("ip addr flush dev lan1");
    const lost = await status(ha1);
    assert.match(lost, /^2 .*DOWN/);
    assert.match(
      lost.replaceAll(/\s+/g, " "),
      /192\.168\.9\.3 was started here and is gone from this/,
    );
    await ha1.must(`${HEARTBEAT} agent run ${RESOURCE} start`);
    assert.match(await status(ha1), /^0 /);

    await cable(ha1, "down");
    assert.match(
      await status(ha1),
      /^1 .*DEGRADED[^]*! lan1 has no carrier, so that 192\.168\.9\.3/,
    );
    await cable(ha1, "up");

    await cable(ha2, "down");
    const standby = await ha1.run(`${HEARTBEAT} standby`);
    assert.equal(standby.code, 1);
    assert.ok(standby.stderr.includes(`ha2 refuses: ${NO_CABLE}`), standby.stderr);
    assert.equal(await serves(ha1), true);

    await cable(ha2, "up");
    await ha1.must(`${HEARTBEAT} standby --wait 30`);
    assert.deepEqual([await serves(ha1), await serves(ha2)], [false, true]);

    await cable(ha1, "down");
    const takeover = await ha1.run(`${HEARTBEAT} takeover`);
    assert.equal(takeover.code, 1);
    assert.ok(takeover.stderr.includes(NO_CABLE), takeover.stderr);
    assert.equal(await serves(ha2), true);
    await cable(ha1, "up");
    await ha1.must(`${HEARTBEAT} takeover --wait 30`);
    assert.deepEqual([await serves(ha1), await serves(ha2)], [true, false]);
  },
);
