/** Whether an address would find its place here, asked of this host's own kernel. */
import assert from "node:assert/strict";
import { addressWithoutPlace } from "../../../agents/builtin/address_check.ts";

Deno.test("addressWithoutPlace: an interface that does not exist, with those that do", () => {
  for (
    const [agent, ...args] of [
      ["IPaddr", "198.51.100.7/24/nosuch0"],
      ["IPaddr2", "198.51.100.7/24/nosuch0:1"],
      ["IPv6addr", "2001:db8", "5/64/nosuch0"],
    ]
  ) {
    const { problem, help } = addressWithoutPlace(agent ?? "", args) ?? {};
    assert.equal(problem, 'interface "nosuch0" does not exist');
    assert.match(help ?? "", /^this host has (.*, )?lo\b/);
  }
});

Deno.test("addressWithoutPlace: an address that no connected route covers", () => {
  // A documentation network (RFC 5737): no host is connected to it.
  const { problem, help } = addressWithoutPlace("IPaddr", ["203.0.113.7"]) ?? {};
  assert.equal(problem, "no interface covers it: no directly connected route leads there");
  assert.match(help ?? "", /^name the interface: 203\.0\.113\.7\/24\/eth0 \(this host has /);
});

Deno.test("addressWithoutPlace: silent about what has a place, or is no address", () => {
  assert.equal(addressWithoutPlace("IPaddr", ["203.0.113.7/24/lo"]), null);
  assert.equal(addressWithoutPlace("IPaddr", ["203.0.113.700"]), null);
  assert.equal(addressWithoutPlace("IPaddr", []), null);
  assert.equal(addressWithoutPlace("Delay", ["203.0.113.7"]), null);
});
