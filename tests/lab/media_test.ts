/**
 * Media that back each other up, on real kernels: the article's pair with its serial cable and its
 * second network. Any one of them may go; the pair must neither move nor split, and must say so.
 */
import assert from "node:assert/strict";
import { HOSTS } from "./demo/stage.ts";
import type { Timing } from "./demo/timing.ts";
import { eventually, labTest } from "./lab_case.ts";
import { MediaPair, SERIAL_LINK } from "./media_pair.ts";

const [ha1, ha2] = HOSTS;
const TIMING: Timing = {
  directives: { keepalive: "200ms", deadtime: "2", initdead: "20", baud: "115200" },
  deadtimeMs: 2_000,
  cellMs: 100,
};
/**
 * What it costs to look into a log or a kernel of the lab on a slow machine. Missed altogether, a
 * death would be noticed after initdead or never.
 */
const LOOKING_MS = 6_000;

/** 19200 baud and a heartbeat a second, five times as fast. */
const FIVEFOLD: Timing = {
  directives: { keepalive: "200ms", deadtime: "2", initdead: "20", baud: "115200" },
  deadtimeMs: 2_000,
  cellMs: 50,
};
const FIVEFOLD_BAUD = 5 * 19_200;
const NOISE_MS = Number(Deno.env.get("HB_NOISE_S") ?? 60) * 1000;

labTest("one medium cut for 3 deadtimes: nothing moves, the log names the link", async () => {
  await using pair = await MediaPair.boot(TIMING);
  const { stage } = pair;
  const media = [
    { link: "eth1", cut: () => stage.pull(ha1, "eth1"), mend: () => stage.plug(ha1, "eth1") },
    { link: SERIAL_LINK, cut: () => stage.serial.cut(), mend: () => stage.serial.mend() },
  ];
  for (const { link, cut, mend } of media) {
    const holders = pair.holdersDuring(3 * TIMING.deadtimeMs);
    const deadMs = await pair.untilLogged(ha2, `Link ${ha1}:${link} dead.`, cut);
    assert.ok(deadMs < TIMING.deadtimeMs + LOOKING_MS, `${link} dead after ${deadMs} ms`);
    assert.deepEqual(await holders, [ha1], await stage.evidence());
    const upMs = await pair.untilLogged(ha2, `Link ${ha1}:${link} up.`, mend);
    assert.ok(upMs < TIMING.deadtimeMs + LOOKING_MS, `${link} up after ${upMs} ms`);
  }
  await stage.pull(ha1, "eth0");
  assert.deepEqual(await pair.holdersDuring(3 * TIMING.deadtimeMs), [ha1]);
  await stage.plug(ha1, "eth0");
  for (const host of HOSTS) assert.equal(await pair.logged(host, "is dead"), 0);
});

labTest("all media cut at once: takeover after deadtime, not before", async () => {
  await using pair = await MediaPair.boot(TIMING);
  const { stage } = pair;
  const beganMs = stage.nowMs();
  stage.serial.cut();
  await stage.pull(ha1, "eth1");
  await eventually("ha2 took over", async () => (await pair.holders()).includes(ha2));
  const tookMs = stage.nowMs() - beganMs;
  // The last beat came some time before the cut, on a busy machine more than one interval.
  assert.ok(tookMs > TIMING.deadtimeMs / 2, `after ${tookMs} ms`);
  assert.ok(tookMs < TIMING.deadtimeMs + LOOKING_MS, `after ${tookMs} ms`);
});

labTest("status: each link with its state, loss and gaps; cl_status in its old words", async () => {
  await using pair = await MediaPair.boot(TIMING);
  const { stage } = pair;
  for (const host of HOSTS) {
    await eventually(`all is well on ${host}`, async () => await pair.verdict(host) === "OK, 0");
  }
  await stage.pull(ha1, "eth1");
  const says = async (link: string) =>
    (await stage.host(ha1).run(`/var/lib/heartbeat-lab/cl_status hblinkstatus ${ha2} ${link}`))
      .stdout;
  await eventually("eth1 is dead", async () => (await says("eth1")) === "dead\n");
  assert.equal(await says(SERIAL_LINK), "up\n");
  await stage.sleep(8_000);
  await stage.plug(ha1, "eth1");
  await eventually("eth1 is up", async () => (await says("eth1")) === "up\n");
  await stage.sleep(8_000);
  const links = (await pair.status(ha1)).engine.nodes.find(({ name }) => name === ha2)?.links ?? [];
  assert.deepEqual(links.map(({ name }) => name).sort(), [SERIAL_LINK, "eth1"]);
  for (const { name, status, late, quality } of links) {
    assert.deepEqual([status, late], ["up", false], name);
    const gaps = quality.gaps.reduce((sum, { count }) => sum + count, 0);
    assert.ok(gaps > 30, `${name}: ${gaps} gaps`);
    if (name === "eth1") {
      // Forty at the pace of this pair; a busy machine may be slower.
      assert.ok(quality.lost >= 20, `${quality.lost} lost in 8 s without a cable`);
      assert.ok(quality.worstGapMs > 8_000, `${quality.worstGapMs} ms`);
    } else {
      assert.equal(quality.lost, 0, name);
      assert.ok(quality.worstGapMs < 2_000, `${quality.worstGapMs} ms`);
    }
  }
});

labTest("only a serial line of 19200 baud with 2 % wrong bytes: nobody dies", async () => {
  await using pair = await MediaPair.boot(FIVEFOLD, "serial");
  const { stage } = pair;
  stage.serial.behave({ baud: FIVEFOLD_BAUD, corrupted: 0.02 });
  const seen = await pair.holdersDuring(NOISE_MS);
  const evidence = await stage.evidence();
  assert.deepEqual(seen, [ha1], evidence);
  const { corrupted, carried } = stage.serial.counts;
  assert.ok(corrupted > 0.015 * carried && corrupted > 1_000, `${corrupted} of ${carried} wrong`);
  for (const host of HOSTS) {
    for (const text of ["is dead", "dead.", "is not known", "bad node", "replay"]) {
      assert.equal(await pair.logged(host, text), 0, `${host}: ${text}\n${evidence}`);
    }
    const { dropped, engine } = await pair.status(host);
    assert.ok(Object.values(dropped).reduce((sum, count) => sum + count, 0) > 100);
    const quality = engine.nodes.find(({ self }) => !self)?.links[0]?.quality;
    assert.ok(quality !== undefined && quality.heard > NOISE_MS / 200 / 2, "it hardly beat");
    assert.ok(quality.heard > 9 * quality.lost, `${quality.heard} heard, ${quality.lost} lost`);
    console.log(
      `${host}: ${quality.heard} heard, ${quality.lost} lost, worst gap ` +
        `${Math.round(quality.worstGapMs)} ms; ${corrupted} of ${carried} bytes were wrong`,
    );
  }
});
