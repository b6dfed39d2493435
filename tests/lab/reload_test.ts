/**
 * Changed files and two real daemons: what a reload must refuse, and what it says when it cannot do
 * all. The rules themselves are tried in virtual time (tests/engine).
 */
import assert from "node:assert/strict";
import { MAIN_COMMAND } from "../program.ts";
import type { Host } from "./host.ts";
import { Lab } from "./lab.ts";
import { eventually, labTest } from "./lab_case.ts";
import { twoHosts } from "./two_hosts.ts";

const HEARTBEAT = MAIN_COMMAND.map((word) => `"${word}"`).join(" ");
const DEADTIME_S = 2;
const HA_CF = `
keepalive 200ms
deadtime ${DEADTIME_S}
initdead 4
logfile /var/log/ha-log
bcast eth0
auto_failback off
node ha1 ha2
`;
/** A service that runs as long as its file is there. */
const SERVICE = `#!/bin/sh
case $2 in
start) touch "/var/tmp/$1" ;;
stop) rm -f "/var/tmp/$1" ;;
status) [ -e "/var/tmp/$1" ] && echo running || { echo stopped; exit 3; } ;;
esac
`;

async function pair(lab: Lab, haresources: string): Promise<readonly [Host, Host]> {
  const more = (host: Host) => host.write("/etc/ha.d/resource.d/svc", SERVICE, 0o755);
  const hosts = await twoHosts(lab, { haCf: HA_CF, haresources, more });
  await Promise.all(hosts.map((host) => host.must(`${HEARTBEAT} start`)));
  await eventually("both are there", async () => {
    const said = await Promise.all(hosts.map((host) => host.run(`${HEARTBEAT} status --json`)));
    return said.every(({ stdout }) => stdout.includes('"phase": "stable"'));
  });
  return hosts;
}

async function runsOn(host: Host): Promise<string[]> {
  return (await host.must("ls /var/tmp")).split("\n").filter((name) => name !== "");
}

labTest("a reload that drops the peer's key is refused; step by step it changes", async () => {
  await using lab = await Lab.open();
  const [ha1, ha2] = await pair(lab, "ha1 svc::a\nha2 svc::b\n");
  const keys = (host: Host, text: string) => {
    host.write("/etc/ha.d/authkeys", text, 0o600);
    return host.run(`${HEARTBEAT} reload`);
  };
  const refused = await keys(ha1, "auth 2\n2 sha1 other\n");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Not reloaded, .*: ha2 still signs with key 1: list both keys/);
  for (
    const text of [
      "auth 1\n1 sha1 lab\n2 sha1 other\n",
      "auth 2\n1 sha1 lab\n2 sha1 other\n",
      "auth 2\n2 sha1 other\n",
    ]
  ) {
    for (const host of [ha1, ha2]) {
      const { code, stderr } = await keys(host, text);
      assert.equal(code, 0, stderr);
      // The first beat with the new key.
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  await new Promise((resolve) => setTimeout(resolve, (DEADTIME_S + 1) * 1_000));
  assert.deepEqual([await runsOn(ha1), await runsOn(ha2)], [["a"], ["b"]]);
  for (const host of [ha1, ha2]) {
    assert.doesNotMatch(await host.must("cat /var/log/ha-log"), /is dead|Packet dropped/);
  }
});

labTest(
  "a line is edited, the daemon dies and the peer takes over: what ran is stopped",
  async () => {
    await using lab = await Lab.open();
    const [ha1, ha2] = await pair(lab, "ha1 svc::a\n");
    await eventually("a runs", async () => (await runsOn(ha1)).includes("a"));
    for (const host of [ha1, ha2]) host.write("/etc/ha.d/haresources", "ha1 svc::a svc::c\n");
    await ha1.must("kill -9 $(cat /run/heartbeat.pid)");
    await eventually("ha2 has taken over", async () => (await runsOn(ha2)).includes("a"));
    await ha1.must(`${HEARTBEAT} start`);
    await eventually("ha1 runs nothing", async () => (await runsOn(ha1)).length === 0);
    assert.match(await ha1.must("cat /var/log/ha-log"), /svc::a is gone from haresources/);
    assert.deepEqual(await runsOn(ha2), ["a"]);
  },
);
