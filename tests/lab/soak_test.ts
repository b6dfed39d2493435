/**
 * What the daemon costs over time: CPU at ten heartbeats a second, and memory, descriptors and
 * threads while it beats fifty times as often as in real life. HB_SOAK_S makes it longer.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import process from "node:process";
import type { Timing } from "./demo/timing.ts";
import { type HostName, HOSTS } from "./demo/stage.ts";
import { labTest } from "./lab_case.ts";
import { MediaPair } from "./media_pair.ts";

const SOAK_MS = Number(Deno.env.get("HB_SOAK_S") ?? 30) * 1000;
const CPU_MS = 20_000;
/** USER_HZ of Linux on every machine that this runs on. */
const TICK_MS = 10;
/** Where the daemon came to rest in a run of five minutes, and a half more. */
const MOST_MIB = 250;
/**
 * The aim is 3 % on a machine with nothing else to do, as in the README. Beside other tests the same
 * work takes a little longer; what doubles it is a mistake. Both are said of a machine on which the
 * yardstick takes as long as below; a slower one takes longer for the daemon's work, too.
 */
const MOST_PERCENT = 5;
const YARDSTICK_MS = 250;
const YARDSTICK_ROUNDS = 10_000;
/** A busy machine keeps more of the runtime's pool at work; a leak would be one of 1500 beats. */
const POOL_THREADS = 8;
/** Longer together than the ten seconds that an idle thread of the runtime's pool lives. */
const LOOKS = 12;
const LOOK_MS = 1_000;
const [ha1] = HOSTS;

/** Ten beats a second, as the limit on CPU is said for. */
const TEN_A_SECOND: Timing = {
  directives: { keepalive: "100ms", deadtime: "3", initdead: "8", baud: "115200" },
  deadtimeMs: 3_000,
  cellMs: 100,
};
/** Fifty a second: half a minute holds 1500, as many as 25 minutes at the usual one. */
const ACCELERATED: Timing = {
  directives: { keepalive: "20ms", deadtime: "3", initdead: "8", baud: "460800" },
  deadtimeMs: 3_000,
  cellMs: 100,
};

/** How many times longer than on that machine a little of everything takes that a daemon does. */
function slowness(): number {
  const packet = { t: "status", src: HOSTS[0], info: "x".repeat(200) };
  const before = process.cpuUsage();
  for (let round = 0; round < YARDSTICK_ROUNDS; round++) {
    const text = JSON.stringify({ ...packet, seq: round });
    createHmac("sha1", "key").update(text).digest("hex");
    JSON.parse(text);
    Deno.statSync("/");
  }
  const { user, system } = process.cpuUsage(before);
  return Math.max(1, (user + system) / 1000 / YARDSTICK_MS);
}

interface Cost {
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly fds: number;
  readonly threads: number;
}

async function cost(pair: MediaPair, name: HostName): Promise<Cost> {
  const script = "p=$(tr -d ' ' </run/heartbeat.pid); cut -d')' -f2- /proc/$p/stat; " +
    "grep -E 'VmRSS|Threads' /proc/$p/status; ls /proc/$p/fd | wc -l";
  const [stat = "", ...rest] = (await pair.stage.host(name).must(script)).split("\n");
  // Field 14 and 15 of proc(5); the two before the name's end are cut off.
  const fields = stat.trim().split(" ");
  const numberAfter = (key: string) =>
    Number(/\d+/.exec(rest.find((line) => line.startsWith(key)) ?? "")?.[0]);
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rssMiB: numberAfter("VmRSS") / 1024,
    threads: numberAfter("Threads"),
    fds: Number(rest.filter((line) => /^\d+$/.test(line))[0]),
  };
}

/**
 * What it holds when nothing passes through: answers, files being written and the threads of the
 * runtime that do so come and go, and a leak is what stays under the least of several looks.
 */
async function leastCost(pair: MediaPair, name: HostName): Promise<Cost> {
  const looks: Cost[] = [];
  for (let look = 0; look < LOOKS; look++) {
    looks.push(await cost(pair, name));
    await pair.stage.sleep(LOOK_MS);
  }
  const least = (read: (look: Cost) => number) => Math.min(...looks.map(read));
  return {
    cpuMs: least(({ cpuMs }) => cpuMs),
    rssMiB: least(({ rssMiB }) => rssMiB),
    fds: least(({ fds }) => fds),
    threads: least(({ threads }) => threads),
  };
}

labTest(
  "one serial and one UDP medium at ten beats a second: a few percent of a core",
  async () => {
    await using pair = await MediaPair.boot(TEN_A_SECOND);
    await pair.stage.sleep(10_000);
    const before = await cost(pair, ha1);
    const beganMs = pair.stage.nowMs();
    await pair.stage.sleep(CPU_MS);
    const after = await cost(pair, ha1);
    const percent = 100 * (after.cpuMs - before.cpuMs) / (pair.stage.nowMs() - beganMs);
    const times = slowness();
    const said = `CPU ${percent.toFixed(2)} % of a core that is ${times.toFixed(1)} times as slow`;
    console.log(`${said}, ${after.rssMiB.toFixed(0)} MiB`);
    assert.ok(percent > 0, "nothing was measured");
    assert.ok(percent < MOST_PERCENT * times, said);
  },
);

labTest(
  `${SOAK_MS / 1000} s of fifty beats a second: descriptors and threads flat, memory bounded`,
  async () => {
    await using pair = await MediaPair.boot(ACCELERATED);
    // The heap settles first: V8 sizes it by what the first seconds use.
    await pair.stage.sleep(SOAK_MS / 3);
    const before = await leastCost(pair, ha1);
    await pair.stage.sleep(SOAK_MS);
    const after = await leastCost(pair, ha1);
    console.log(`before ${JSON.stringify(before)}\nafter  ${JSON.stringify(after)}`);
    assert.equal(after.fds, before.fds);
    assert.ok(
      after.threads <= before.threads + POOL_THREADS,
      `${before.threads} threads, ${after.threads} now`,
    );
    // It grows in steps until the first full collections; tests/runtime/soak_test.ts forces those.
    assert.ok(after.rssMiB < MOST_MIB, `${before.rssMiB} MiB, then ${after.rssMiB} MiB`);
    const { engine, dropped } = await pair.status(ha1);
    assert.deepEqual(dropped, {});
    const links = engine.nodes.find(({ self }) => !self)?.links ?? [];
    for (const { name, quality } of links) {
      console.log(`${name}: ${quality.heard} heard, ${quality.lost} lost`);
      assert.ok(quality.heard > SOAK_MS / 40, name);
    }
  },
);
