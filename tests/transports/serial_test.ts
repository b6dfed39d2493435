/**
 * The serial medium on pseudo-terminals: node-serialport on our binding, the shared reactor and
 * the kernel's own line discipline are all real, only the wire is ours.
 */
import assert from "node:assert/strict";
import { Reactor } from "../../core/os/reactor.ts";
import type { Medium, MediumSink } from "../../transports/contract.ts";
import { createMedium } from "../../transports/create_medium.ts";
import { eventually } from "../eventually.ts";
import { SerialCable } from "../lab/serial_cable.ts";
import type { Cycled } from "./serial_cycles_child.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** As fast as termios goes, where speed is not the question. */
const FAST_BAUD = 4_000_000;
const BEAT = `>>>\nt=status\ninfo=${"x".repeat(200)}\n<<<\n`;

/** How often a medium is opened and closed in search of leaks. */
const CYCLES = 100;

const frameOf = (text: string) => `>>>\nt=ask_resources\ninfo=${text}\n<<<\n`;

/** What a medium told, and the medium. */
class Ear implements MediumSink, Disposable {
  readonly heard: string[] = [];
  readonly told: (readonly [boolean, string])[] = [];
  readonly medium: Medium;

  constructor(reactor: Reactor, device: string, baud = FAST_BAUD, rtscts = false) {
    this.medium = createMedium({ kind: "serial", device, baud, rtscts }, reactor);
    this.medium.open(this);
  }

  received(frame: Uint8Array): void {
    this.heard.push(decoder.decode(frame));
  }

  usable(usable: boolean, reason: string): void {
    this.told.push([usable, reason]);
  }

  get last(): readonly [boolean | undefined, string] {
    return this.told.at(-1) ?? [undefined, ""];
  }

  send(text: string): void {
    this.medium.send(encoder.encode(text));
  }

  async isReady(): Promise<this> {
    await eventually("the port is ready", () => this.last[0] === true);
    return this;
  }

  [Symbol.dispose](): void {
    this.medium.close();
  }
}

/** A test with a reactor and a cable; whatever else it opens it closes itself. */
function cableTest(
  name: string,
  body: (reactor: Reactor, cable: SerialCable) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const reactor = new Reactor((error) => {
      throw error;
    });
    try {
      await using cable = new SerialCable(3);
      await body(reactor, cable);
    } finally {
      await reactor.stop();
    }
  });
}

cableTest("SerialMedium: frames go both ways, whole and in order", async (reactor, cable) => {
  using a = new Ear(reactor, cable.devices[0]);
  using b = new Ear(reactor, cable.devices[1]);
  // Said before the port is open: it waits for that.
  a.send(frameOf("early"));
  // And so does what is said during its break.
  await new Promise((resolve) => setTimeout(resolve, 50));
  a.send(frameOf("in between"));
  await Promise.all([a.isReady(), b.isReady()]);
  assert.equal(a.last[1], `serial ${cable.devices[0]} ${FAST_BAUD} is ready`);
  const numbers = Array.from({ length: 50 }, (_, n) => frameOf(`${n} ${"y".repeat(n * 20)}`));
  for (const frame of numbers) a.send(frame);
  b.send(frameOf("back"));
  b.send(frameOf("back"));
  const wanted = [frameOf("early"), frameOf("in between"), ...numbers];
  await eventually("all arrived", () => b.heard.length >= wanted.length && a.heard.length >= 2);
  assert.deepEqual(b.heard, wanted);
  assert.deepEqual(a.heard, [frameOf("back"), frameOf("back")]);
  assert.equal(a.medium.stats().sentFrames, 52);
  assert.equal(b.medium.stats().receivedFrames, 52);
});

cableTest(
  "SerialMedium: a port in use is refused, and the user is named",
  async (reactor, cable) => {
    using a = await new Ear(reactor, cable.devices[0]).isReady();
    using second = new Ear(reactor, cable.devices[0]);
    await eventually("it was told", () => second.told.length === 1);
    const [usable, reason] = second.last;
    assert.equal(usable, false);
    assert.match(
      reason,
      new RegExp(`^lock "${cable.devices[0]}", which .+ \\(pid ${Deno.pid}\\) uses: EAGAIN`),
    );
    second.send(BEAT);
    assert.deepEqual(second.medium.stats().sendErrors, { EAGAIN: 1 });
    a.medium.close();
    await second.isReady();
  },
);

cableTest(
  "SerialMedium: noise on an idle line does not hurt what follows",
  async (reactor, cable) => {
    using a = await new Ear(reactor, cable.devices[0]).isReady();
    using b = await new Ear(reactor, cable.devices[1]).isReady();
    for (
      const rubbish of ["\0\0", ">>>\nt=status\n", "\xff".repeat(3000), ">>>\n>>>\n", "\n<<<\n"]
    ) {
      cable.disturb(1, encoder.encode(rubbish));
      await new Promise((resolve) => setTimeout(resolve, 5));
      a.send(frameOf(rubbish.length.toString()));
      await eventually("heard", () => b.heard.at(-1) === frameOf(rubbish.length.toString()));
    }
  },
);

cableTest(
  "SerialMedium: 2 % wrong bytes are put right, lost bytes cost a frame",
  async (reactor, cable) => {
    using a = await new Ear(reactor, cable.devices[0]).isReady();
    using b = await new Ear(reactor, cable.devices[1]).isReady();
    cable.behave({ corrupted: 0.02 });
    const frames = Array.from({ length: 100 }, (_, n) => frameOf(`${n} ${"z".repeat(200)}`));
    for (const frame of frames) {
      a.send(frame);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await eventually("the last arrived", () => b.heard.includes(frames.at(-1) ?? ""));
    assert.ok(cable.counts.corrupted > 400, `${cable.counts.corrupted} bytes were made wrong`);
    assert.ok(frames.filter((frame) => b.heard.includes(frame)).length >= 99);
    const untouched = b.heard.length;
    cable.behave({ lost: 0.02 });
    for (const frame of frames) a.send(frame);
    await new Promise((resolve) => setTimeout(resolve, 200));
    cable.behave({});
    a.send(frameOf("after"));
    await eventually("a clean line works", () => b.heard.at(-1) === frameOf("after"));
    assert.ok(b.heard.length > untouched);
  },
);

cableTest("SerialMedium: the line is not overrun, the queue not either", async (reactor, cable) => {
  const baud = 19_200;
  using a = await new Ear(reactor, cable.devices[0], baud).isReady();
  const beganMs = performance.now();
  for (let n = 0; n < 200; n++) a.send(BEAT);
  await eventually("some frames were sent", () => a.medium.stats().sentFrames >= 5);
  const { sentBytes, sentFrames, sendErrors } = a.medium.stats();
  const mostBytes = (performance.now() - beganMs) / 1000 * baud / 10 + BEAT.length;
  assert.ok(sentBytes <= mostBytes, `${sentBytes} bytes were sent, the line takes ${mostBytes}`);
  const queued = 200 - sentFrames - (sendErrors["ENOBUFS"] ?? 0);
  assert.ok(queued * BEAT.length <= 2 * baud / 10, `${queued} frames wait`);
});

cableTest(
  "SerialMedium: a peer that does not read holds up nobody else",
  async (reactor, cable) => {
    await using other = new SerialCable();
    using deaf = await new Ear(reactor, cable.devices[0]).isReady();
    using a = await new Ear(reactor, other.devices[0]).isReady();
    using b = await new Ear(reactor, other.devices[1]).isReady();
    cable.stopReading(0);
    let worstMs = 0;
    const frames = 40;
    for (let n = 0; n < frames; n++) {
      for (let burst = 0; burst < 50; burst++) deaf.send(BEAT + "#".repeat(2000));
      const sentMs = performance.now();
      a.send(frameOf(String(n)));
      await eventually("the other line works", () => b.heard.length === n + 1);
      worstMs = Math.max(worstMs, performance.now() - sentMs);
    }
    // What the deaf one was given would take minutes on its line.
    assert.ok(worstMs < 20_000, `${worstMs} ms for one frame of the other line`);
    assert.ok((deaf.medium.stats().sendErrors["ENOBUFS"] ?? 0) > 0, "frames were dropped");
    await eventually("people are told", () => deaf.last[0] === false);
    assert.match(deaf.last[1], /nothing is taken since 5 s \(EAGAIN\)/);
  },
);

cableTest("SerialMedium: a port that comes, vanishes and comes again", async (reactor, cable) => {
  const folder = await Deno.makeTempDir({ prefix: "heartbeat-serial-" });
  const device = `${folder}/ttyUSB0`;
  try {
    using a = new Ear(reactor, device);
    await eventually("its lack is told", () => a.last[0] === false);
    assert.match(a.last[1], /ENOENT/);
    await Deno.symlink(cable.devices[0], device);
    await a.isReady();
    await cable[Symbol.asyncDispose]();
    await eventually("its loss is told", () => a.last[0] === false);
    assert.match(a.last[1], /EIO/);
    await using again = new SerialCable();
    await Deno.remove(device);
    await Deno.symlink(again.devices[0], device);
    await a.isReady();
    using b = await new Ear(reactor, again.devices[1]).isReady();
    a.send(frameOf("again"));
    await eventually("it carries", () => b.heard.length === 1);
    assert.deepEqual(a.told.map(([usable]) => usable), [false, true, false, true]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

cableTest(
  "SerialMedium: raw 8N1, the speed and flow control asked for, all in the kernel",
  async (reactor, cable) => {
    using _a = await new Ear(reactor, cable.devices[0], 38_400, true).isReady();
    const { stdout } = await new Deno.Command("stty", { args: ["-F", cable.devices[0], "-a"] })
      .output();
    const settings = decoder.decode(stdout);
    for (
      const wanted of ["speed 38400", "cs8", "-parenb", "-cstopb", " crtscts", "-icanon", "-echo"]
    ) {
      assert.ok(settings.includes(wanted), `${wanted} in ${settings}`);
    }
    assert.ok(settings.includes("clocal") && !settings.includes("-clocal"), settings);
  },
);

Deno.test("SerialMedium: opened and closed 100 times, no descriptor or thread is left", async () => {
  const child = new URL("serial_cycles_child.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", child, String(CYCLES)],
  }).output();
  const text = decoder.decode(stdout);
  assert.notEqual(text, "", decoder.decode(stderr));
  const { told, before, after }: Cycled = JSON.parse(text);
  assert.equal(told, 0, "a medium that was closed told something");
  // What the runtime has for itself comes and goes; a leak would be one a round.
  for (const what of ["fds", "tasks"] as const) {
    assert.ok(
      after[what] < before[what] + CYCLES / 2,
      `${before[what]} ${what}, ${after[what]} now`,
    );
  }
});
