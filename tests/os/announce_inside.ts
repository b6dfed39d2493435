/** Frames as they arrive at the other end of the cable; run by announce_test.ts in a namespace. */
import assert from "node:assert/strict";
import { announceAddress, arpFrame } from "../../core/os/announce.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import { ArpListener } from "./arp_listener.ts";
import { ip } from "../transports/lab.ts";

const VIP = Uint8Array.of(10, 77, 0, 100);

Deno.test("announceAddress: one request and one reply leave the interface, byte for byte", () => {
  using kernel = new Rtnetlink();
  const { index, hardwareAddress } = kernel.link("hb0");
  using listener = new ArpListener(kernel.link("hb1").index);
  announceAddress(index, hardwareAddress, VIP);
  const wanted = [1, 2].map((operation) =>
    arpFrame(operation === 1 ? 1 : 2, hardwareAddress, VIP).toHex()
  );
  assert.deepEqual(listener.heard(), wanted);
});

Deno.test("announceAddress: an interface that is down or gone is named", () => {
  using kernel = new Rtnetlink();
  const { index, hardwareAddress } = kernel.link("hb0");
  ip("link", "set", "hb0", "down");
  assert.throws(
    () => announceAddress(index, hardwareAddress, VIP),
    /announce 10\.77\.0\.100 on interface \d+: ENETDOWN/,
  );
  assert.throws(
    () => announceAddress(9999, hardwareAddress, VIP),
    /interface 9999: (ENXIO|ENODEV)/,
  );
});
