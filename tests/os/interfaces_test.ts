/** What is known of a network interface, compared with what the runtime knows. */
import assert from "node:assert/strict";
import { readInterface } from "../../core/os/interfaces.ts";

Deno.test("readInterface: loopback is up, running, index 1 and cannot broadcast", () => {
  assert.deepEqual(readInterface("lo"), {
    name: "lo",
    index: 1,
    up: true,
    running: true,
    address: "127.0.0.1",
    broadcast: undefined,
  });
});

Deno.test("readInterface: a name that is no interface, or cannot be one, gives nothing", () => {
  for (const name of ["", "no-such-nic", "name-longer-than-linux-allows"]) {
    assert.equal(readInterface(name), undefined);
  }
});

Deno.test("readInterface: agrees with the runtime about every IPv4 interface of this host", () => {
  const known = Deno.networkInterfaces().filter(({ family }) => family === "IPv4");
  assert(known.length > 0);
  for (const name of new Set(known.map((nic) => nic.name))) {
    const addresses = known.filter((nic) => nic.name === name).map((nic) => nic.address);
    assert(addresses.includes(readInterface(name)?.address ?? "none"), name);
  }
});

Deno.test("readInterface: 200 questions leave no descriptor", () => {
  const openFds = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const before = openFds();
  for (let i = 0; i < 100; i++) {
    readInterface("lo");
    readInterface("no-such-nic");
  }
  assert.equal(openFds(), before);
});
