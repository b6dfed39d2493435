/**
 * A whole cluster on real kernels: the article's three files, two daemons, one client. Each scenario
 * is judged by the page, the kernels' addresses and the listening sockets; no log is believed.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ACTS, playAct } from "./demo/acts.ts";
import { LabStage } from "./demo/lab_stage.ts";
import { type HostName, HOSTS, SERVICE_ADDRESS } from "./demo/stage.ts";
import { FAST_TIMING, type Timing } from "./demo/timing.ts";
import { Watch } from "./demo/watch.ts";
import { eventually, labTest } from "./lab_case.ts";

const [ha1, ha2] = HOSTS;
/** Fast, but no pause that the host of a virtual machine makes looks like a death. */
const BRISK_TIMING: Timing = {
  directives: { ...FAST_TIMING.directives, deadtime: "1500ms" },
  deadtimeMs: 1_500,
  cellMs: FAST_TIMING.cellMs,
};
/** Slow enough that a killed daemon is back before its peer gives it up, on a slow machine too. */
const PATIENT_TIMING: Timing = {
  directives: { keepalive: "200ms", deadtime: "10", initdead: "20", baud: "115200" },
  deadtimeMs: 10_000,
  cellMs: 100,
};
/** The last announcement of a takeover has gone out. */
const ANNOUNCED_MS = 7_000;
const KILL_DAEMON = "kill -9 $(cat /run/heartbeat.pid)";
const CHECK_PACKET = join(import.meta.dirname ?? ".", "../wire/check_packet.py");

/** Both hosts up, ha1 the owner, as after the demo's first act. */
async function runningCluster(timing: Timing): Promise<readonly [LabStage, Watch]> {
  const stage = await LabStage.open(timing);
  const watch = new Watch();
  stage.onAnswer((answer) => watch.add(answer));
  const [coldStart] = ACTS;
  assert.ok(coldStart);
  const { problems } = await playAct(coldStart, stage, watch);
  if (problems.length > 0) {
    const evidence = await stage.evidence();
    await stage.close();
    assert.deepEqual(problems, [], evidence);
  }
  return [stage, watch];
}

async function holders(stage: LabStage): Promise<readonly HostName[]> {
  const held = await Promise.all(HOSTS.map(async (host) => (await stage.truth(host)).holdsAddress));
  return HOSTS.filter((_, index) => held[index]);
}

/** Watches both kernels for a while; every different set of holders that was seen, in order. */
async function holdersDuring(stage: LabStage, lengthMs: number): Promise<readonly string[]> {
  const seen: string[] = [];
  const endMs = stage.nowMs() + lengthMs;
  while (stage.nowMs() < endMs) {
    const now = (await holders(stage)).join(" and ") || "nobody";
    if (seen.at(-1) !== now) seen.push(now);
    await stage.sleep(20);
  }
  return seen;
}

function soleOwner(stage: LabStage, watch: Watch, owner: HostName): () => Promise<boolean> {
  return async () =>
    (await holders(stage)).join() === owner && watch.answering(stage.nowMs()) === owner;
}

labTest("the demo's acts: each ends with the right owner, and only that one", async () => {
  await using stage = await LabStage.open(BRISK_TIMING);
  const watch = new Watch();
  stage.onAnswer((answer) => watch.add(answer));
  for (const act of ACTS) {
    const { problems } = await playAct(act, stage, watch);
    assert.deepEqual(problems, [], `${act.title}\n${await stage.evidence()}`);
  }
});

labTest(
  "heartbeat killed and restarted within deadtime: the address stays where it is",
  async () => {
    const [stage, watch] = await runningCluster(PATIENT_TIMING);
    await using _closing = stage;
    const beganMs = stage.nowMs();
    const server = await stage.host(ha1).must("cat /run/httpd.pid");
    await stage.host(ha1).must(KILL_DAEMON);
    const seen = holdersDuring(stage, 2 * PATIENT_TIMING.deadtimeMs);
    await stage.startHeartbeat(ha1);
    assert.deepEqual(await seen, [ha1], await stage.evidence());
    for (const change of watch.changesSince(beganMs)) assert.equal(change.after, ha1);
    // Neither was the service stopped and started again, however quickly.
    assert.equal(await stage.host(ha1).must("cat /run/httpd.pid"), server);
    assert.deepEqual(await stage.truth(ha2), { holdsAddress: false, runsService: false });
    // The new life knows what the old one held: it can hand it over.
    await stage.standby(ha1);
    await eventually("ha2 is the only owner", soleOwner(stage, watch, ha2));
  },
);

labTest(
  "heartbeat killed and restarted too late: gives up what it still runs, then gets it back",
  async () => {
    const [stage, watch] = await runningCluster(BRISK_TIMING);
    await using _closing = stage;
    await stage.host(ha1).must(KILL_DAEMON);
    await eventually("ha2 took over", async () => (await stage.truth(ha2)).holdsAddress);
    await stage.startHeartbeat(ha1);
    await eventually("it went home to ha1", soleOwner(stage, watch, ha1));
    await stage.sleep(3 * BRISK_TIMING.deadtimeMs);
    assert.deepEqual(await holders(stage), [ha1], await stage.evidence());
  },
);

labTest(
  "all heartbeat cables pulled and put back: both take over, then the preferred node is left",
  async () => {
    const [stage] = await runningCluster(BRISK_TIMING);
    await using _closing = stage;
    stage.serial.cut();
    await stage.pull(ha1, "eth1");
    await eventually("both hold the address", async () => (await holders(stage)).length === 2);
    stage.serial.mend();
    await stage.plug(ha1, "eth1");
    await eventually("one holds it", async () => (await holders(stage)).length === 1);
    await stage.sleep(3 * BRISK_TIMING.deadtimeMs);
    assert.deepEqual(await holders(stage), [ha1], await stage.evidence());
  },
);

labTest("heartbeat stop on both: nothing is left running or held", async () => {
  const [stage] = await runningCluster(BRISK_TIMING);
  await using _closing = stage;
  for (const host of [ha2, ha1]) await stage.stopHeartbeat(host);
  for (const host of HOSTS) {
    assert.deepEqual(await stage.truth(host), { holdsAddress: false, runsService: false });
    const ours = /main\.ts|dist\/heartbeat|httpd/;
    const command = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '";
    const processes = async () => (await stage.host(host).run(command)).stdout;
    await eventually(`${host} runs nothing of it`, async () => !ours.test(await processes()));
  }
});

labTest(
  "the wire: an independent program decodes our packets and finds every digest right",
  async () => {
    const [stage] = await runningCluster(BRISK_TIMING);
    await using _closing = stage;
    const capture = "tcpdump -i eth1 -c 20 -w /var/tmp/beats.pcap udp port 694 2>&1";
    await stage.host(ha2).must(capture);
    // The key of the article's line `1 sha1 sha1 myAuthkey` is its third word; the fourth is ignored.
    const check = `python3 ${CHECK_PACKET} sha1 sha1 /var/tmp/beats.pcap`;
    const packets = (await stage.host(ha2).must(check)).trim().split("\n");
    assert.equal(packets.length, 20);
    for (const name of HOSTS) assert.ok(packets.some((packet) => packet.includes(name)), name);
  },
);

labTest("gratuitous ARP: the neighbours learn the new place at once", async () => {
  const [stage, watch] = await runningCluster(BRISK_TIMING);
  await using _closing = stage;
  const mac = async (host: HostName) =>
    (await stage.host(host).must("cat /sys/class/net/eth0/address")).trim();
  const neighbour = () => stage.client.must(`ip neigh show ${SERVICE_ADDRESS}`);
  assert.match(await neighbour(), new RegExp(await mac(ha1)));
  await stage.powerOff(ha1);
  await eventually("ha2 answers", soleOwner(stage, watch, ha2));
  assert.match(await neighbour(), new RegExp(await mac(ha2)));
  // Long after the takeover a switch that was off comes back: the neighbours are told once more.
  await stage.pull(ha2, "eth0");
  await stage.sleep(ANNOUNCED_MS);
  const replies = `arp[7] = 2 and ether broadcast and ether src ${await mac(ha2)}`;
  const heard = stage.client.run(`timeout 20 tcpdump -nn -i eth0 -c 1 '${replies}'`);
  await eventually("tcpdump listens", async () => {
    return (await stage.client.run("pgrep -x tcpdump")).code === 0;
  });
  await stage.plug(ha2, "eth0");
  assert.match((await heard).stdout, new RegExp(`Reply ${SERVICE_ADDRESS} is-at`));
});
