/** Who has the UDP port of a medium, asked of the real kernel on loopback. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { pathsUnder } from "../../core/runtime/paths.ts";
import { portHolder } from "../../core/runtime/port_holder.ts";
import { withDirectory } from "../with_directory.ts";

/** Binds any free port of loopback, in a process of its own, under a name of its own. */
const HOLDER = `
import process from "node:process";
import { createSocket } from "node:dgram";
process.title = Deno.args[0];
const socket = createSocket("udp4");
socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
`;

async function withHolder(
  name: string,
  body: (port: number, pid: number) => void,
): Promise<void> {
  await withDirectory(async (directory) => {
    const script = join(directory, "holder.ts");
    Deno.writeTextFileSync(script, HOLDER);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, name],
      stdout: "piped",
    }).spawn();
    try {
      const { value } = await child.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
      body(Number(value), child.pid);
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
  });
}

const paths = pathsUnder("/nowhere");
const onPort = (port: number) => ({
  kind: "ucast" as const,
  interface: "lo",
  host: "127.0.0.1",
  port,
});

Deno.test("portHolder: names the program that has the port, on the interface that is meant", async () => {
  await withHolder("squatter", (port, pid) => {
    assert.deepEqual(portHolder(paths, onPort(port)), { program: "squatter", pid });
    const bcast = { kind: "bcast" as const, interface: "lo", port };
    assert.deepEqual(portHolder(paths, bcast), { program: "squatter", pid });
    assert.equal(portHolder(paths, { ...bcast, interface: "nosuch0" }), null);
  });
});

Deno.test("portHolder: a port that heartbeat has is not taken", async () => {
  await withHolder("heartbeat", (port) => assert.equal(portHolder(paths, onPort(port)), null));
});

Deno.test("portHolder: a port is free again when its socket is closed", async () => {
  const socket = createSocket("udp4");
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.bind(0, "127.0.0.1", resolve);
  await promise;
  const { port } = socket.address();
  assert.equal(portHolder(paths, onPort(port))?.pid, Deno.pid);
  const closed = Promise.withResolvers<void>();
  socket.close(closed.resolve);
  await closed.promise;
  assert.equal(portHolder(paths, onPort(port)), null);
});
