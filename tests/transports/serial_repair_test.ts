/** Frames with their repair lines through seeded noise. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_REPAIRABLE_BYTES, repairLine, RepairReader } from "../../transports/serial_repair.ts";
import { Chance } from "../sim/chance.ts";

const text = (length: number, chance: Chance) =>
  Uint8Array.from({ length }, () => chance.whole(32, 126));

function withRepair(frame: Uint8Array): Uint8Array {
  const line = repairLine(frame);
  assert.ok(line);
  return new Uint8Array([...frame, ...line]);
}

function corrupt(bytes: Uint8Array, part: number, chance: Chance): Uint8Array {
  return bytes.map((byte) => chance.happens(part) ? byte ^ chance.whole(1, 255) : byte);
}

Deno.test("RepairReader: of 1000 heartbeats with 2 % wrong bytes at most one is lost", () => {
  const chance = new Chance(7, "noise");
  const frames = Array.from({ length: 1000 }, () => text(chance.whole(220, 300), chance));
  const wanted = new Set(frames.map(String));
  let restored = 0;
  let hurt = 0;
  const reader = new RepairReader((frame) => {
    assert.ok(wanted.delete(String(frame)), "what is handed out was sent, and comes once");
    restored++;
  });
  for (const frame of frames) {
    const arrived = corrupt(withRepair(frame), 0.02, chance);
    if (frame.some((byte, at) => arrived[at] !== byte)) hurt++;
    reader.push(arrived);
  }
  assert.ok(hurt > 950, `only ${hurt} frames were hurt: the test shows nothing`);
  assert.ok(restored >= hurt - 1, `${restored} of ${hurt}`);
});

Deno.test("RepairReader: a frame that came whole is not handed out again", () => {
  const reader = new RepairReader(() => assert.fail("it was whole"));
  const line = withRepair(text(250, new Chance(2, "whole")));
  reader.push(line);
  // A wrong byte in the parity alone hurts no frame.
  line[line.length - 5] = 0;
  reader.push(line);
});

Deno.test("RepairReader: in any pieces, and behind any noise, the frame comes once", () => {
  const noise = fc.uint8Array({ maxLength: 6000 });
  const frame = fc.uint8Array({ minLength: 1, maxLength: MAX_REPAIRABLE_BYTES });
  fc.assert(
    fc.property(noise, frame, fc.integer({ min: 1, max: 997 }), (before, sent, piece) => {
      const heard: Uint8Array[] = [];
      const reader = new RepairReader((one) => heard.push(one));
      const bytes = new Uint8Array([...before, ...withRepair(sent)]);
      bytes[before.length] = (bytes[before.length] ?? 0) ^ 1;
      for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.slice(at, at + piece));
      assert.deepEqual(heard, [sent]);
    }),
  );
});

Deno.test("repairLine: one line of plain characters that no reader takes for a frame", () => {
  const line = new TextDecoder().decode(repairLine(text(300, new Chance(1, "line"))));
  assert.match(line, /^~[\w~-]+\n$/);
  assert.equal(repairLine(new Uint8Array(MAX_REPAIRABLE_BYTES + 1)), undefined);
});
