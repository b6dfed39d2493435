/**
 * The built-in agents, and an OCF agent of the distribution, on a lab host of their own: each keeps
 * the promises of `heartbeat agent test`, run there as an administrator would.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "./lab.ts";
import { labTest } from "./lab_case.ts";

const MAIN = join(import.meta.dirname ?? ".", "../../main.ts");

/** Of one agent: some thirty calls, some of which are given up in the middle. */
const LIMIT_MS = 240_000;

/** Words of the command line → promises that must have been put to the test. */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  "IPaddr 192.168.2.9": ["start", "stop", "status", "order"],
  "IPaddr2 192.168.2.9/24/eth0": ["start", "stop", "status", "order"],
  "IPv6addr fd00:1::9/64/eth0": ["start", "stop", "status", "order"],
  "Filesystem tmpfs /var/lib/mounted tmpfs": ["start", "stop", "status", "stop-after-failure"],
  "IPsrcaddr 192.168.2.8": ["start", "stop", "status", "order"],
  "SendArp 192.168.2.8 eth0": ["start", "stop", "status", "order"],
  "Delay 0.3": ["start", "stop", "status", "deadline", "cancellation"],
  "MailTo nobody@localhost": ["start", "stop", "status", "order"],
};

/** The same for those that lean on files of the distribution. */
const LEANING = {
  "/usr/sbin/nft": {
    words: "portblock tcp 81 block",
    promises: ["start", "stop", "status", "stop-after-failure"],
    from: "nftables",
  },
  "/usr/lib/ocf/resource.d/heartbeat/Dummy": {
    words: "OCF::Dummy",
    promises: ["start", "stop", "status", "order"],
    from: "resource-agents",
  },
  "/usr/lib/ocf/resource.d/heartbeat/IPaddr2": {
    // On a fast machine its start is too short to be given up: Delay above stands for that.
    words: "OCF::IPaddr2 ip=192.168.2.7 nic=eth0",
    promises: ["start", "stop", "status", "order"],
    from: "resource-agents",
  },
} as const;

labTest("heartbeat agent test: the agents that we ship keep their promises", async () => {
  await using lab = await Lab.open();
  const host = await lab.addHost("ha1", {
    eth0: { network: "lan", address: "192.168.2.1/24" },
  });
  await host.powerOn();
  await host.must(
    "mkdir -p /var/lib/mounted; ip -6 addr add fd00:1::1/64 dev eth0 nodad; " +
      "ip addr add 192.168.2.8/24 dev eth0; ip route add default via 192.168.2.254",
  );
  const resources: Record<string, readonly string[]> = { ...RESOURCES };
  for (const [path, { words, promises, from }] of Object.entries(LEANING)) {
    if (existsSync(path)) resources[words] = promises;
    else console.log(`${words} is not tested: there is no ${path} (package ${from})`);
  }
  for (const [words, wanted] of Object.entries(resources)) {
    const command = `"${Deno.execPath()}" run -A "${MAIN}" agent test --json ${words}`;
    const { code, stdout, stderr } = await host.run(command, LIMIT_MS);
    assert.equal(code, 0, `${words}: ${stdout}${stderr}`);
    const { verdicts }: { verdicts: { name: string; result: string }[] } = JSON.parse(stdout);
    const kept = verdicts.filter(({ result }) => result === "kept").map(({ name }) => name);
    for (const name of wanted) assert.ok(kept.includes(name), `${words}: ${name} in ${stdout}`);
  }
});
