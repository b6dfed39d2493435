/** Addresses, links and routes against the real kernel; run by rtnetlink_test.ts in a namespace. */
import assert from "node:assert/strict";
import { addressText } from "../../core/os/address_message.ts";
import { SystemError } from "../../core/os/errno.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import { readInterface } from "../../core/os/interfaces.ts";
import { loadConfiguration } from "../../core/runtime/load_config.ts";
import { pathsUnder } from "../../core/runtime/paths.ts";
import { ip } from "../transports/lab.ts";

const VIP = Uint8Array.of(10, 77, 0, 100);
const V6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);

function errnoOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    if (error instanceof SystemError) return error.name;
    throw error;
  }
  return "none";
}

Deno.test("addAddress: the kernel shows label, broadcast and prefix; again is EEXIST", () => {
  using kernel = new Rtnetlink();
  const wanted = {
    interfaceIndex: kernel.link("hb0").index,
    address: VIP,
    prefixLength: 24,
    broadcast: Uint8Array.of(10, 77, 0, 255),
    label: "hb0:web",
  };
  kernel.addAddress(wanted);
  assert.match(
    ip("-o", "addr", "show", "dev", "hb0"),
    /inet 10\.77\.0\.100\/24 brd 10\.77\.0\.255 scope global secondary hb0:web/,
  );
  const listed = kernel.addresses(4).find(({ address }) => addressText(address) === "10.77.0.100");
  assert.deepEqual(listed, { ...wanted, secondary: true });
  assert.equal(errnoOf(() => kernel.addAddress(wanted)), "EEXIST");
  kernel.deleteAddress(wanted);
  assert.doesNotMatch(ip("addr", "show", "dev", "hb0"), /10\.77\.0\.100/);
  assert.equal(errnoOf(() => kernel.deleteAddress(wanted)), "EADDRNOTAVAIL");
});

Deno.test("addAddress: an IPv6 address is usable at once, no duplicate address detection", () => {
  using kernel = new Rtnetlink();
  const wanted = { interfaceIndex: kernel.link("hb0").index, address: V6, prefixLength: 64 };
  kernel.addAddress(wanted);
  const shown = ip("-6", "-o", "addr", "show", "dev", "hb0");
  assert.match(shown, /inet6 fd00::9\/64 scope global nodad/);
  assert.doesNotMatch(
    shown.split("\n").find((line) => line.includes("fd00::9")) ?? "",
    /tentative/,
  );
  assert.ok(
    kernel.addresses(6).some(({ address }) => addressText(address) === "fd00:0:0:0:0:0:0:9"),
  );
  kernel.deleteAddress(wanted);
  assert.doesNotMatch(ip("-6", "addr", "show", "dev", "hb0"), /fd00::9/);
});

Deno.test("errors: no such interface is ENODEV, and the message names the call", () => {
  using kernel = new Rtnetlink();
  assert.throws(
    () => kernel.link("nosuch0"),
    /look up interface nosuch0: ENODEV \(No such device\)/,
  );
  assert.throws(
    () => kernel.addAddress({ interfaceIndex: 9999, address: VIP, prefixLength: 24 }),
    /add address 10\.77\.0\.100\/24: ENODEV/,
  );
});

Deno.test("addresses: a list of several datagrams is complete", () => {
  using kernel = new Rtnetlink();
  const interfaceIndex = kernel.link("hb1").index;
  const many = Array.from({ length: 3000 }, (_, i) => Uint8Array.of(10, 99, i >> 8, i & 255));
  for (const address of many) kernel.addAddress({ interfaceIndex, address, prefixLength: 32 });
  const listed = new Set(kernel.addresses(4).map(({ address }) => addressText(address)));
  assert.deepEqual(many.map(addressText).filter((text) => !listed.has(text)), []);
  ip("addr", "flush", "dev", "hb1");
});

Deno.test("links: names, numbers and who speaks ARP", () => {
  using kernel = new Rtnetlink();
  const links = new Map(kernel.links().map((link) => [link.name, link]));
  assert.equal(links.get("lo")?.speaksArp, false);
  assert.deepEqual(links.get("hb0"), kernel.link("hb0"));
  assert.deepEqual(kernel.link(kernel.link("hb0").index), kernel.link("hb0"));
  assert.equal(links.get("hb0")?.speaksArp, true);
  assert.equal(
    Array.from(kernel.link("hb0").hardwareAddress, (b) => b.toString(16).padStart(2, "0")).join(
      ":",
    ),
    Deno.readTextFileSync("/sys/class/net/hb0/address").trim(),
  );
});

Deno.test("links: every other name, and the first one's addresses behind each", () => {
  for (const alias of ["alias0", "alias1"]) {
    ip("link", "property", "add", "dev", "hb0", "altname", alias);
  }
  using kernel = new Rtnetlink();
  const link = kernel.link("alias1");
  assert.deepEqual([link.name, link.altNames], ["hb0", ["alias0", "alias1"]]);
  assert.deepEqual(kernel.link("lo").altNames, []);
  assert.deepEqual(readInterface("alias1"), { ...readInterface("hb0"), name: "alias1" });
  assert.equal(readInterface("alias1")?.broadcast, "10.77.0.255");
  const names = loadConfiguration(pathsUnder("/nonexistent"), {
    texts: { "ha.cf": "bcast alias1 alias2\n" },
  }).diagnostics.filter(({ code }) => code === "HB142").map(({ title }) => title);
  assert.deepEqual(names, ['Cannot find the interface "alias2" on this host']);
});

Deno.test("link: down, up without a cable, up", () => {
  using kernel = new Rtnetlink();
  const state = () => {
    const { up, running } = kernel.link("hb0");
    return { up, running };
  };
  assert.deepEqual(state(), { up: true, running: true });
  ip("link", "set", "hb1", "down");
  assert.deepEqual(state(), { up: true, running: false });
  ip("link", "set", "hb0", "down");
  assert.deepEqual(state(), { up: false, running: false });
  kernel.setUp(kernel.link("hb0").index);
  ip("link", "set", "hb1", "up");
  assert.deepEqual(state(), { up: true, running: true });
});

Deno.test("route: connected subnet, router, nothing, forbidden, own", () => {
  using kernel = new Rtnetlink();
  const interfaceIndex = kernel.link("hb0").index;
  const connected = { interfaceIndex, prefixLength: 24, connected: true };
  assert.deepEqual(kernel.route(VIP), connected);
  assert.equal(kernel.route(Uint8Array.of(8, 8, 8, 8)), undefined);
  assert.equal(kernel.route(Uint8Array.of(10, 77, 0, 1)), undefined);
  ip("route", "add", "10.77.0.64/26", "dev", "hb1");
  const narrower = { interfaceIndex: kernel.link("hb1").index, prefixLength: 26, connected: true };
  assert.deepEqual(kernel.route(VIP), narrower);
  ip("route", "del", "10.77.0.64/26", "dev", "hb1");
  ip("route", "add", "default", "via", "10.77.0.254");
  const router = { interfaceIndex, prefixLength: 0, connected: false };
  assert.deepEqual(kernel.route(Uint8Array.of(8, 8, 8, 8)), router);
  ip("route", "add", "unreachable", "8.8.8.0/24");
  assert.equal(kernel.route(Uint8Array.of(8, 8, 8, 8)), undefined);
  ip("route", "flush", "root", "0.0.0.0/0", "table", "main", "type", "unreachable");
  ip("route", "del", "default");
});
