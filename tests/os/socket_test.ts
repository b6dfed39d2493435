/** Socket addresses byte by byte, and what a socket of ours is like. */
import assert from "node:assert/strict";
import { AF_INET, SOCK_DGRAM } from "../../core/os/abi.ts";
import { errnoNumber } from "../../core/os/errno.ts";
import {
  bindToDevice,
  closeFd,
  openSocket,
  receive,
  sockaddrIn,
  sockaddrIn6,
  sockaddrLl,
  sockaddrUn,
} from "../../core/os/socket.ts";

const hex = (bytes: Uint8Array) => bytes.toHex();

Deno.test("sockaddr builders: byte by byte as Linux lays them out", () => {
  assert.equal(hex(sockaddrIn("10.0.1.255", 694)), "020002b60a0001ff0000000000000000");
  assert.equal(
    hex(sockaddrIn6("fe80::2", 694, 3)),
    "0a0002b600000000fe80000000000000000000000000000203000000",
  );
  assert.equal(hex(sockaddrUn("/a")), "01002f6100");
  assert.equal(hex(sockaddrUn("@a")), "01000061");
  assert.equal(
    hex(sockaddrLl(3, 0x0806, new Uint8Array([255, 255, 255, 255, 255, 254]))),
    "11000806030000000000000" + "6fffffffffffe0000",
  );
});

Deno.test("sockaddr builders: refuse what is no address, and a path that Linux cannot hold", () => {
  assert.throws(() => sockaddrIn("10.0.1", 694), /"10.0.1" is not an IPv4 address/);
  assert.throws(() => sockaddrIn6("10.0.0.1", 694), /"10.0.0.1" is not an IPv6 address/);
  assert.equal(sockaddrUn("/".padEnd(107, "x")).length, 110);
  assert.throws(() => sockaddrUn("/".padEnd(108, "x")), /Linux takes at most 107/);
});

Deno.test("openSocket: scripts do not inherit it and it never waits", () => {
  const fd = openSocket(AF_INET, SOCK_DGRAM);
  try {
    const flags = Deno.readTextFileSync(`/proc/self/fdinfo/${fd}`).match(/flags:\s+(\d+)/)?.[1];
    const CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;
    assert.equal(parseInt(flags ?? "0", 8) & CLOEXEC_NONBLOCK, CLOEXEC_NONBLOCK);
    assert.equal(receive(fd, new Uint8Array(10)), -errnoNumber("EAGAIN"));
    assert.throws(() => bindToDevice(fd, "name-longer-than-linux-allows"), { name: "ENODEV" });
  } finally {
    closeFd(fd);
  }
});
