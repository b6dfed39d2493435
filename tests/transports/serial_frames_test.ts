/** What a line brings, cut into frames, and what waits for it, kept short; without any line. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_FRAME_BYTES } from "../../transports/contract.ts";
import { FrameParser } from "../../transports/serial_frames.ts";
import { SendQueue } from "../../transports/serial_queue.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Feeds a parser in pieces of a size; what it found, as text. */
async function parse(bytes: Uint8Array, piece = bytes.length || 1): Promise<string[]> {
  const found: string[] = [];
  const parser = new FrameParser((frame) => found.push(decoder.decode(frame)));
  for (let at = 0; at < bytes.length; at += piece) parser.write(bytes.slice(at, at + piece));
  await new Promise((resolve) => parser.end(resolve));
  await new Promise((resolve) => setTimeout(resolve));
  return found;
}

const frameOf = (text: string) => `>>>\nt=status\ninfo=${text}\n<<<\n`;

Deno.test("FrameParser: frames in pieces of any size come whole and in order", async () => {
  const texts = fc.array(fc.stringMatching(/^[ -~]{0,40}$/), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 60 }), async (values, piece) => {
      const frames = values.map(frameOf);
      assert.deepEqual(await parse(encoder.encode(frames.join("")), piece), frames);
    }),
  );
});

Deno.test("FrameParser: noise and half messages cost no frame that is whole", async () => {
  const rubbish = fc.uint8Array({ maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(rubbish, fc.nat(30), async (noise, cut) => {
      const half = encoder.encode(frameOf("half")).slice(0, cut);
      const bytes = new Uint8Array([...noise, ...half, 10, ...encoder.encode(frameOf("whole"))]);
      assert.equal((await parse(bytes)).at(-1), frameOf("whole"));
    }),
  );
});

Deno.test("FrameParser: a frame whose first line feed was eaten is found", async () => {
  assert.deepEqual(await parse(encoder.encode(`\0\xff${frameOf("a")}`)), [frameOf("a")]);
});

Deno.test("FrameParser: a value that looks like a marker divides nothing", async () => {
  const frame = frameOf("a <<< b >>>");
  assert.deepEqual(await parse(encoder.encode(frame + frame)), [frame, frame]);
});

Deno.test("FrameParser: endless noise without a marker is not kept", () => {
  const parser = new FrameParser(() => {});
  for (let i = 0; i < 100; i++) parser.write(new Uint8Array(4096).fill(120));
  assert.equal(parser.buffer.length, MAX_FRAME_BYTES);
});

Deno.test("SendQueue: the oldest heartbeat goes first, then the oldest of the others", () => {
  const beat = (n: number) => encoder.encode(`>>>\nt=status\nn=${n}\n`);
  const word = (n: number) => encoder.encode(`>>>\nt=resrce\nn=${n}\n`);
  const queue = new SendQueue(4 * beat(1).length);
  const dropped = [word(1), beat(1), word(2), beat(2), beat(3), word(3), word(4), word(5)]
    .map((frame) => queue.push(frame));
  assert.deepEqual(dropped, [0, 0, 0, 0, 1, 1, 1, 1]);
  const rest = [];
  for (let frame = queue.shift(); frame !== undefined; frame = queue.shift()) {
    rest.push(decoder.decode(frame).replace(/>>>|\n|t=/g, ""));
  }
  assert.deepEqual(rest, ["resrcen=2", "resrcen=3", "resrcen=4", "resrcen=5"]);
  assert.ok(queue.isEmpty);
});

Deno.test("SendQueue: a frame longer than the queue passes alone", () => {
  const queue = new SendQueue(10);
  assert.equal(queue.push(new Uint8Array(100)), 0);
  assert.equal(queue.push(new Uint8Array(5)), 1);
  assert.equal(queue.shift()?.length, 5);
});

Deno.test("SendQueue: the newest heartbeat stays, even when it is the only one", () => {
  const beat = encoder.encode(">>>\nt=status\n");
  const word = new Uint8Array(beat.length);
  const queue = new SendQueue(2 * beat.length);
  assert.deepEqual([word, word, beat].map((frame) => queue.push(frame)), [0, 0, 1]);
  queue.shift();
  assert.equal(queue.shift(), beat);
});
