/** Whether a serial line is fast enough for the beats that it has to carry. */
import assert from "node:assert/strict";
import { BEAT_BYTES } from "../../core/config/serial_lines.ts";
import { findDirective } from "../../core/config/directives.ts";
import { openLine } from "../../core/os/termios.ts";
import type { Message } from "../../core/types.ts";
import { encodeClassic } from "../../core/wire/classic.ts";
import { SerialCable } from "../lab/serial_cable.ts";
import { check, codesOf, GOOD_HA_CF } from "./fixture.ts";
import { closeFd } from "../../core/os/socket.ts";

Deno.test("BEAT_BYTES: a heartbeat with a long name and sha256 is not longer", () => {
  const text = (name: string, value: string) => ({ type: 0, name, value }) as const;
  const beat: Message = [
    ...[text("t", "status"), text("st", "active"), text("dt", "84d0"), text("protocol", "1")],
    ...[text("native", "1"), text("src", "n".repeat(20))],
    { type: 1, name: "srcuuid", value: new Uint8Array(16) },
    ...[text("seq", "ffffff"), text("hg", "6b036b01"), text("ts", "6b036b00")],
    ...[text("ld", "10.26 10.23 10.14 12/1105 41416"), text("ttl", "3")],
  ];
  const key = { number: 1, method: "sha256", secret: new Uint8Array([1]) } as const;
  const frame = encodeClassic(beat, { signing: key, keys: [key] }, { trailingNul: false });
  assert.ok(frame.length <= BEAT_BYTES, `${frame.length} bytes`);
  assert.ok(frame.length > BEAT_BYTES * 0.9, `${frame.length} bytes: the estimate is too careful`);
});

Deno.test("checkSerialLines: the shortest keepalive that it names is accepted, less is not", () => {
  const at = (keepalive: string) =>
    codesOf(check({
      haCf: GOOD_HA_CF.replace("keepalive 1", `keepalive ${keepalive}`) + "serial /dev/ttyS0\n",
    }));
  assert.deepEqual(at("219ms"), []);
  assert.deepEqual(at("218ms"), ["HB146"]);
});

Deno.test("checkSerialLines: without a serial line no speed and no number of nodes is judged", () => {
  const haCf = GOOD_HA_CF.replace("keepalive 1", "keepalive 10ms").replace("ha2", "ha2 ha3");
  assert.deepEqual(codesOf(check({ haCf: `${haCf}baud 9600\n`, haresources: "" })), []);
});

Deno.test("baud: the kernel knows every speed of the table", async () => {
  await using cable = new SerialCable();
  const syntax = findDirective("baud")?.syntax;
  assert.ok(syntax?.kind === "choice");
  const speeds = [...syntax.values, ...syntax.ours ?? []].map(Number);
  assert.equal(speeds.length, 30);
  for (const baud of speeds) {
    closeFd(openLine(cable.devices[0], { baud, rtscts: false }, true));
  }
});
