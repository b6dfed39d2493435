/** The notices to a service manager that watches: only when asked, often enough, and to an end. */
import assert from "node:assert/strict";
import { keepServiceWatchdog } from "../../core/runtime/service_watchdog.ts";

/** Notices that a manager's socket got within `lengthMs`. */
async function noticesWithin(
  lengthMs: number,
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const directory = await Deno.makeTempDir({ prefix: "hb-notify-" });
  const path = `${directory}/socket`;
  // python3 stands in for the manager: Deno has no stable datagram socket of this kind.
  const script = "import socket,sys\ns=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n" +
    's.bind(sys.argv[1])\nprint("bound",flush=True)\n' +
    "while True: print(s.recv(99).decode(),flush=True)\n";
  const manager = new Deno.Command("python3", {
    args: ["-c", script, path],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = manager.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value ?? "", /^bound/);
  Deno.env.set("NOTIFY_SOCKET", path);
  const stop = keepServiceWatchdog((name) => environment[name]);
  await new Promise((resolve) => setTimeout(resolve, lengthMs));
  stop();
  Deno.env.delete("NOTIFY_SOCKET");
  manager.kill("SIGKILL");
  let said = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) said += read.value;
  await manager.status;
  await Deno.remove(directory, { recursive: true });
  return said.split("WATCHDOG=1").length - 1;
}

Deno.test("service watchdog: three notices in each period that the manager asks for", async () => {
  const count = await noticesWithin(2_000, { WATCHDOG_USEC: "300000" });
  // One a period would be six; a busy machine may swallow some of the twenty.
  assert.ok(count >= 9 && count <= 20, String(count));
});

Deno.test("service watchdog: silent when nobody asked, or another process was asked", async () => {
  assert.equal(await noticesWithin(200, {}), 0);
  const other = { WATCHDOG_USEC: "30000", WATCHDOG_PID: String(Deno.pid + 1) };
  assert.equal(await noticesWithin(200, other), 0);
});
