/** All media as one: what leaves, what comes, and what is dropped, on media of memory. */
import assert from "node:assert/strict";
import { Media, type MediaOptions } from "../../core/runtime/media.ts";
import type { AuthKeys, Message } from "../../core/types.ts";
import { encodeNetstring } from "../../core/wire/netstring.ts";
import { decodeFrame } from "../../core/wire/decode.ts";
import { MAX_FRAME_BYTES as MAX_WIRE_BYTES } from "../../core/wire/limits.ts";
import { MAX_FRAME_BYTES, type Medium, type MediumSink } from "../../transports/contract.ts";

function keysOf(secret: string): AuthKeys {
  const signing = { number: 1, method: "sha1", secret: new TextEncoder().encode(secret) } as const;
  return { signing, keys: [signing] };
}

const KEYS = keysOf("secret");

class MemoryMedium implements Medium {
  readonly sent: Uint8Array[] = [];
  received = { frames: 0, bytes: 0 };
  sink: MediumSink | undefined;
  constructor(readonly kind: string, readonly name: string) {}
  get title(): string {
    return `${this.kind} ${this.name}`;
  }
  open(sink: MediumSink): void {
    this.sink = sink;
    sink.usable(true, "up", true);
  }
  send(frame: Uint8Array): void {
    this.sent.push(frame);
  }
  close(): void {
    this.sink = undefined;
  }
  stats() {
    const { frames: receivedFrames, bytes: receivedBytes } = this.received;
    return { sentFrames: 0, sentBytes: 0, receivedFrames, receivedBytes, sendErrors: {} };
  }
  /** As a wire to which this frame came. */
  hear(frame: Uint8Array): void {
    this.received.frames++;
    this.received.bytes += frame.length;
    this.sink?.received(frame);
  }
}

const text = (name: string, value: string) => ({ type: 0, name, value }) as const;

function status(...more: Message): Message {
  return [
    ...[text("t", "status"), text("src", "node1"), text("seq", "1"), text("hg", "5")],
    ...[text("ts", "6b03"), ...more, text("ttl", "3")],
  ];
}

function assemble(media: readonly Medium[], options: Partial<MediaOptions> = {}) {
  const said: string[] = [];
  const heard: [string, Message][] = [];
  const all = new Media({
    media,
    keys: KEYS,
    messageFormat: "classic",
    logBadPackets: true,
    log: (level, line) => said.push(`${level}: ${line}`),
    self: "us",
    received: (link, message) => heard.push([link, message]),
    others: ["ha2"],
    unverified: ({ medium, source, cause, isBeat }) =>
      said.push(`unverified ${medium} ${source} ${cause} ${isBeat}`),
    reported: ({ medium, usable, reason }) => said.push(`${medium} ${usable} ${reason}`),
    ...options,
  });
  all.open();
  return { all, said, heard };
}

Deno.test("Media: sends netstring on networks and classic on serial lines, ld before ttl", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const tty = new MemoryMedium("serial", "/dev/ttyS0");
  const { all } = assemble([eth, tty]);
  all.send(status());
  const [network] = eth.sent;
  const [serial] = tty.sent;
  assert.ok(network !== undefined && serial !== undefined);
  for (const [frame, format] of [[network, "netstring"], [serial, "classic"]] as const) {
    const decoded = decodeFrame(frame, KEYS);
    assert.ok(decoded.kind === "message");
    assert.equal(decoded.format, format);
    const names = decoded.message.map((field) => field.name);
    assert.deepEqual(names, ["t", "src", "seq", "hg", "ts", "ld", "ttl"]);
  }
  const inner = /\(0\)auth=1 [0-9a-f]{40},/;
  assert.match(new TextDecoder().decode(network), inner);
  all.close();
  const plain = assemble([eth], { messageFormat: "netstring" });
  plain.all.send(status());
  assert.doesNotMatch(new TextDecoder().decode(eth.sent.at(-1)), inner);
});

Deno.test("Media: NS_ messages carry no ld", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all } = assemble([eth]);
  all.send([text("t", "NS_ackmsg"), text("src", "node1"), text("ts", "1"), text("ttl", "3")]);
  assert.doesNotMatch(new TextDecoder().decode(eth.sent[0]), /ld=/);
});

Deno.test("Media: ld is the text of /proc/loadavg", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all } = assemble([eth]);
  all.send(status());
  assert.match(
    new TextDecoder().decode(eth.sent[0]),
    /\(0\)ld=\d+\.\d\d \d+\.\d\d \d+\.\d\d \d+\/[1-9]\d* [1-9]\d*,/,
  );
});

Deno.test("Media: a signed packet arrives with the name of its link", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all, heard } = assemble([eth]);
  all.send(status());
  eth.sink?.received(eth.sent[0] ?? new Uint8Array());
  assert.equal(heard[0]?.[0], "eth0");
  assert.equal(heard[0]?.[1].find((field) => field.name === "src")?.value, "node1");
});

Deno.test("Media: a flood of bad packets is counted whole and logged three times", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all, said, heard } = assemble([eth]);
  const forger = assemble([eth], { keys: keysOf("guess") });
  forger.all.send(status());
  const forged = eth.sent[0] ?? new Uint8Array();
  all.open();
  said.length = 0;
  for (let i = 0; i < 1_000; i++) eth.sink?.received(forged);
  eth.sink?.received(new TextEncoder().encode("hello"));
  assert.deepEqual(all.dropped, { "bad-signature": 1_000, "not-a-frame": 1 });
  assert.equal(heard.length, 0);
  assert.equal(said.filter((line) => line.includes("bad-signature")).length, 3);
  assert.match(said.at(-1) ?? "", /^warn: Packet dropped \(not-a-frame\) on bcast eth0: /);
  all.close();
});

Deno.test("Media: a beat of another node with another key is reported, with its medium", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all, said, heard } = assemble([eth]);
  const beat = status().map((field) => field.name === "src" ? text("src", "ha2") : field);
  eth.hear(encodeNetstring(beat, keysOf("guess"), { innerAuth: false }));
  assert.ok(said.includes("unverified eth0 ha2 bad-signature true"), said.join("\n"));
  assert.deepEqual(heard, []);
  all.close();
});

Deno.test("Media: log_badpack off counts and stays silent", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all, said } = assemble([eth], { logBadPackets: false });
  said.length = 0;
  eth.sink?.received(new Uint8Array([1, 2, 3]));
  assert.deepEqual(all.dropped, { "not-a-frame": 1 });
  assert.deepEqual(said, []);
});

Deno.test("Media: new keys count from the next packet in both directions", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all, heard } = assemble([eth]);
  all.send(status());
  all.keys = keysOf("rolled");
  all.send(status());
  for (const frame of eth.sent) eth.sink?.received(frame);
  assert.equal(heard.length, 1);
  assert.equal(all.dropped["bad-signature"], 1);
});

Deno.test("Media: a message that no frame can hold is dropped and counted, not thrown", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all } = assemble([eth]);
  all.send(status(text("info", "x".repeat(300_000))));
  assert.equal(eth.sent.length, 0);
  assert.deepEqual(all.dropped, { unsendable: 1 });
});

Deno.test("Media: status shows each medium with its state and reason", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all, said } = assemble([eth]);
  eth.sink?.usable(false, "eth0: ENETDOWN", true);
  const [view] = all.views;
  assert.equal(view?.usable, false);
  assert.equal(view?.reason, "eth0: ENETDOWN");
  assert.equal(view?.title, "bcast eth0");
  assert.deepEqual(said, ["eth0 true up", "eth0 false eth0: ENETDOWN"]);
});

Deno.test("Media: one that says nothing for a second holds up no start, and is not open", async () => {
  const eth = new MemoryMedium("bcast", "eth0");
  eth.open = () => {};
  const { all } = assemble([eth]);
  await all.tried;
  const [view] = all.views;
  assert.deepEqual([view?.open, view?.reason], [false, "is still being opened"]);
  all.close();
});

Deno.test("Media: a frame that a medium cuts is longer than any that is read", () => {
  assert.equal(MAX_FRAME_BYTES, MAX_WIRE_BYTES);
  const eth = new MemoryMedium("bcast", "eth0");
  const { all } = assemble([eth]);
  eth.sink?.received(new Uint8Array(MAX_FRAME_BYTES + 1));
  assert.deepEqual(all.dropped, { oversized: 1 });
});

Deno.test("Media: our own broadcasts, which come back, are not counted as received", () => {
  const eth = new MemoryMedium("bcast", "eth0");
  const { all, heard } = assemble([eth], { self: "node1" });
  all.send(status());
  const [own] = eth.sent;
  assert.ok(own !== undefined);
  eth.hear(own);
  assert.equal(heard.length, 1, "who sends in our name is still seen");
  assert.equal(all.views[0]?.stats.receivedFrames, 0);
  const foreign = status().map((field) => field.name === "src" ? text("src", "node2") : field);
  eth.hear(encodeNetstring(foreign, KEYS, { innerAuth: false }));
  assert.equal(all.views[0]?.stats.receivedFrames, 1);
  assert.ok((all.views[0]?.stats.receivedBytes ?? 0) < eth.received.bytes);
});
