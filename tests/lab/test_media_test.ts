/**
 * `heartbeat test-media` on two real hosts: what it says of good, cut, noisy and missing media, and
 * that it keeps away from a daemon, here and there.
 */
import assert from "node:assert/strict";
import { HOSTS } from "./demo/stage.ts";
import { LabStage } from "./demo/lab_stage.ts";
import type { RunResult } from "./host.ts";
import type { Timing } from "./demo/timing.ts";
import { eventually, labTest } from "./lab_case.ts";
import { MediaPair } from "./media_pair.ts";

const [ha1, ha2] = HOSTS;
const COMMAND = "/var/lib/heartbeat-lab/heartbeat test-media --seconds 4 --wait 15";
const TIMING: Timing = {
  directives: { keepalive: "200ms", deadtime: "2", initdead: "20", baud: "115200" },
  deadtimeMs: 2_000,
  cellMs: 100,
};

async function onBoth(stage: LabStage): Promise<readonly RunResult[]> {
  return await Promise.all(HOSTS.map((host) => stage.host(host).run(COMMAND)));
}

labTest("test-media on both hosts: good media, then a cut and a silent one", async () => {
  await using stage = await LabStage.open(TIMING);
  for (const host of HOSTS) await stage.powerOn(host);
  for (const { code, stdout, stderr } of await onBoth(stage)) {
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /\n {2}serial \/dev\/ttyS0 115200 {2}both ways, \S+ ms there and back/);
    assert.match(stdout, /\n {2}bcast eth1:694 +both ways, .*, 0 of \d+ lost\n/);
  }
  stage.serial.cut();
  for (const { code, stdout } of await onBoth(stage)) {
    assert.equal(code, 1);
    assert.match(stdout, /serial \/dev\/ttyS0 115200 {2}nothing was heard\n/);
    assert.match(stdout, /bcast eth1:694 +both ways/);
  }
  stage.serial.mend();
  await stage.pull(ha1, "eth1");
  const [here, there] = await onBoth(stage);
  assert.match(here?.stdout ?? "", /eth1:694 +cannot be used on this host: .*no carrier/);
  assert.match(there?.stdout ?? "", /eth1:694 +nothing was heard/);
});

labTest("test-media beside a daemon: refused here, without harm there", async () => {
  await using pair = await MediaPair.boot(TIMING);
  const { stage } = pair;
  const refused = await stage.host(ha1).run(COMMAND);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /the daemon runs \[pid \d+\] and uses these media/);
  await stage.stopHeartbeat(ha2);
  const gone = async () =>
    (await pair.status(ha1)).engine.nodes.find(({ self }) => !self)?.status === "dead";
  await eventually("ha2 is given up", gone);
  const before = await pair.status(ha1);
  const { code, stdout } = await stage.host(ha2).run(COMMAND);
  assert.equal(code, 1);
  assert.match(stdout, /bcast eth1:694 +a daemon beats there, so it answers no test/);
  const after = await pair.status(ha1);
  assert.deepEqual(after.dropped, before.dropped);
  const states = (view: typeof after) =>
    view.engine.nodes.map(({ name, status }) => [name, status]);
  assert.deepEqual(states(after), states(before));
  assert.equal(after.engine.holds, before.engine.holds);
});
