/** What a reload changes at once, what it leaves, and what it says about the rest. */
import assert from "node:assert/strict";
import type { HeartbeatConfig } from "../../core/config/heartbeat_config.ts";
import { changesText, disbelief, planReload } from "../../core/runtime/reload_plan.ts";
import type { AuthKey, AuthKeys } from "../../core/types.ts";

function config(change: Partial<HeartbeatConfig> = {}): HeartbeatConfig {
  const signing: AuthKey = { number: 1, method: "sha1", secret: new Uint8Array([1]) };
  return {
    cluster: {
      ...{ self: "ha1", nodes: ["ha1", "ha2"], pingNodes: [], keepaliveMs: 1_000 },
      ...{ warntimeMs: 5_000, deadtimeMs: 10_000, initdeadMs: 30_000, hopFudge: 1 },
      ...{ maxRexmitDelayMs: 250, autoFailback: "on", groups: [] },
      ...{ startDeadlineMs: 1, stopDeadlineMs: 1, statusDeadlineMs: 1 },
    },
    media: [{ kind: "bcast", interface: "eth0", port: 694 }],
    keys: { signing, keys: [signing] },
    log: {
      ...{ logfile: "/l", debugfile: null, facility: null, syslogFormat: true },
      ...{ debugLevel: 0, logBadPackets: true },
    },
    realtime: { enabled: true, priority: 1 },
    generationMethod: "file",
    uuidFrom: "file",
    messageFormat: "classic",
    parameters: {},
    ...change,
  };
}

Deno.test("planReload: nothing changed means nothing to do", () => {
  const plan = planReload(config(), config());
  assert.deepEqual([plan.keys, plan.cluster, plan.waiting], [null, null, []]);
});

Deno.test("planReload: one byte of a key is a new key", () => {
  const signing: AuthKey = { number: 1, method: "sha1", secret: new Uint8Array([2]) };
  const keys = { signing, keys: [signing] };
  const plan = planReload(config(), config({ keys }));
  assert.deepEqual([plan.keys, plan.cluster, plan.waiting], [keys, null, []]);
});

Deno.test("planReload: times and groups go to the engine", () => {
  const cluster = { ...config().cluster, deadtimeMs: 5_000 };
  const plan = planReload(config(), config({ cluster }));
  assert.deepEqual(plan.cluster, cluster);
  assert.deepEqual(plan.running.cluster, cluster);
});

Deno.test("planReload: other nodes leave the whole cluster part as it is", () => {
  const cluster = { ...config().cluster, nodes: ["ha1", "ha3"], deadtimeMs: 5_000 };
  const plan = planReload(config(), config({ cluster }));
  assert.equal(plan.cluster, null);
  assert.deepEqual(plan.running.cluster, config().cluster);
  assert.deepEqual(plan.waiting, [
    "A restart is needed for changes of: node list.",
    "Until then groups and times stay as they are, too.",
  ]);
});

Deno.test("planReload: the same nodes in another order are no change of them", () => {
  const group = { index: 0, key: "ip", node: "ha1", resources: [] };
  const cluster = { ...config().cluster, nodes: ["ha2", "ha1"], groups: [group] };
  const plan = planReload(config(), config({ cluster }));
  assert.deepEqual(plan.cluster?.groups, [group]);
  assert.deepEqual(plan.waiting, []);
});

Deno.test("planReload: another home of a line waits for a restart, and is said until then", () => {
  const groups = (node: string) => {
    const resources = [{ text: "ip", agent: "ip", args: [] }];
    return [{ index: 0, key: "ip", node, resources }];
  };
  const inForce = config({ cluster: { ...config().cluster, groups: groups("ha1") } });
  const next = config({ cluster: { ...config().cluster, groups: groups("ha2") } });
  let running = inForce;
  for (const _ of ["first", "second"]) {
    const plan = planReload(running, next);
    assert.equal(plan.cluster, null);
    assert.deepEqual(plan.running.cluster, inForce.cluster);
    assert.match(plan.waiting.join(), /node of ip changed: .* until then ha1 stays in force$/);
    running = plan.running;
  }
});

Deno.test("planReload: what waits for a restart is said at each reload until then", () => {
  const next = config({ media: [], messageFormat: "netstring" });
  const first = planReload(config(), next);
  const waiting = ["A restart is needed for changes of: media, msgfmt."];
  assert.deepEqual(first.waiting, waiting);
  assert.deepEqual(first.running.media, config().media);
  assert.deepEqual(planReload(first.running, next).waiting, waiting);
});

const ONE: AuthKey = { number: 1, method: "sha1", secret: new Uint8Array([1]) };
const TWO: AuthKey = { number: 2, method: "sha1", secret: new Uint8Array([2]) };
const OTHER_ONE: AuthKey = { ...ONE, secret: new Uint8Array([3]) };
const CRC: AuthKey = { number: 1, method: "crc", secret: new Uint8Array(0) };
const signedBy = (...keys: [AuthKey, ...AuthKey[]]): AuthKeys => ({ signing: keys[0], keys });

for (
  const [what, current, next, reason] of [
    ["dropped", signedBy(ONE), signedBy(TWO), /^ha2 still signs with key 1: list both keys/],
    ["given another secret", signedBy(ONE), signedBy(OTHER_ONE), /^ha2 still signs with key 1/],
    ["kept beside a new one", signedBy(ONE), signedBy(ONE, TWO), null],
    ["kept beside the one that signs", signedBy(ONE, TWO), signedBy(TWO, ONE), null],
    ["crc, and a secret signs", signedBy(CRC), signedBy(TWO, CRC), /stop heartbeat on ha2 first/],
    ["crc, and a secret is listed", signedBy(CRC), signedBy(CRC, TWO), null],
  ] as const
) {
  Deno.test(`disbelief: the key of the living peer is ${what}`, () => {
    const found = disbelief("ha2", 1, current, next);
    if (reason === null) assert.equal(found, null);
    else assert.match(found ?? "", reason);
  });
}

Deno.test("changesText: done and foretold, with nothing named as nothing", () => {
  const changes = { starts: ["ip4"], stops: [], keeps: ["ip", "httpd"] };
  assert.equal(changesText(changes), "Starting here: ip4; stopping: nothing; keeping: ip httpd.");
  assert.equal(
    changesText(changes, "Would "),
    "Would start here: ip4; stop: nothing; keep: ip httpd.",
  );
});
