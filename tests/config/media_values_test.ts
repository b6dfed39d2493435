/**
 * Which port and speed each medium goes by: the original 3.0.6 is the referee. What it did with each
 * order of lines (`original_ports.jsonl`) was read off its sockets and its ends of two pseudo
 * terminals.
 */
import assert from "node:assert/strict";
import type { MediumConfig } from "../../core/types.ts";
import { check, codesOf, FACTS } from "./fixture.ts";

interface Captured {
  readonly haCf: string;
  /** Port or speed by interface or device. */
  readonly runs: Readonly<Record<string, number>>;
}

const FACTS_OF_CAPTURE = {
  ...FACTS,
  interfaces: () => ["lo", "eth0", "eth1", "eth2"],
  device: () => "character" as const,
};

const captured: Captured[] = Deno.readTextFileSync(
  new URL("./original_ports.jsonl", import.meta.url),
).trim().split("\n").map((line) => JSON.parse(line));

function checkLines(lines: string) {
  return check({ haCf: `${lines}\nnode ha1 ha2\n` }, { facts: FACTS_OF_CAPTURE });
}

function valueOf(medium: MediumConfig): [string, number] {
  return medium.kind === "serial" ? [medium.device, medium.baud] : [medium.interface, medium.port];
}

for (const { haCf, runs } of captured) {
  Deno.test(`media: ports and speeds as the original's for ${JSON.stringify(haCf)}`, () => {
    const { config, diagnostics } = checkLines(haCf);
    assert.ok(config, JSON.stringify(diagnostics.map(({ title }) => title)));
    assert.deepEqual(Object.fromEntries(config.media.map(valueOf)), runs);
  });
}

Deno.test("media: a value that comes too late is said where it makes a difference, and only there", () => {
  const warned = (lines: string) =>
    checkLines(lines).diagnostics.filter(({ code }) => code === "HB148").map(({ title }) => title);
  assert.deepEqual(warned("bcast eth0\nudpport 700\nucast eth1 10.0.1.2"), [
    '"udpport 700" comes too late for "bcast", which stays at 694',
  ]);
  assert.deepEqual(warned("udp eth0\nucast6 eth1 fe80::2\nudpport 700\nudpport 701"), [
    '"udpport 701" comes too late for "udp", which stays at 694',
    '"udpport 701" comes too late for "ucast6", which stays at 694',
  ]);
  assert.deepEqual(warned("serial /dev/ttyS0\nbaud 9600"), [
    '"baud 9600" comes too late for "serial", which stays at 19200',
  ]);
  assert.deepEqual(
    codesOf(checkLines("serial /dev/ttyS0\nbaud 19200\nbcast eth1\nudpport 694")),
    [],
  );
  assert.deepEqual(codesOf(checkLines("mcast eth0 239.0.0.1 695 1 0\nudpport 700")), []);
  const facts = { ...FACTS_OF_CAPTURE, servicePort: () => 700 };
  assert.deepEqual(
    codesOf(check({ haCf: "bcast eth0\nudpport 700\nnode ha1 ha2" }, { facts })),
    [],
  );
});
