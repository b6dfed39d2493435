/**
 * What a takeover costs beside what others would pay, in one run: an address and its announcement
 * through the kernel or through `ip`, and a script by posix_spawn or by the alternatives. Works in
 * a network namespace of its own (`deno task bench`, as root).
 */
import { announceAddress } from "../../core/os/announce.ts";
import { Reactor } from "../../core/os/reactor.ts";
import { Rtnetlink } from "../../core/os/rtnetlink.ts";
import { runProgram } from "../../core/os/run_program.ts";
import { ip, labReason } from "../transports/lab.ts";

const INSIDE = "HEARTBEAT_BENCH_INSIDE";
const reason = labReason();

if (reason !== undefined) {
  console.log(`skipped: ${reason}`);
} else if (Deno.env.get(INSIDE) === undefined) {
  runInside();
} else {
  registerAddress();
  registerPrograms();
}

function runInside(): void {
  const namespace = `hbb${Deno.pid}`;
  ip("netns", "add", namespace);
  try {
    ip("-n", namespace, "link", "add", "hb0", "type", "veth", "peer", "name", "hb1");
    ip("-n", namespace, "link", "set", "hb0", "up");
    ip("-n", namespace, "link", "set", "hb1", "up");
    const file = new URL(import.meta.url).pathname;
    const { code } = new Deno.Command("ip", {
      args: ["netns", "exec", namespace, Deno.execPath(), "bench", "-A", "--no-check", file],
      env: { [INSIDE]: "1" },
      stdout: "inherit",
      stderr: "inherit",
    }).outputSync();
    if (code !== 0) throw new Error(`the bench inside the namespace ended with code ${code}`);
  } finally {
    ip("netns", "del", namespace);
  }
}

function registerAddress(): void {
  const kernel = new Rtnetlink();
  const { index, hardwareAddress } = kernel.link("hb0");
  const address = Uint8Array.of(10, 77, 0, 100);
  const wanted = { interfaceIndex: index, address, prefixLength: 24, label: "hb0:0" };
  const group = "address";
  Deno.bench({
    name: "rtnetlink: add, ARP request and reply, delete",
    group,
    baseline: true,
    fn() {
      kernel.addAddress(wanted);
      announceAddress(index, hardwareAddress, address);
      kernel.deleteAddress(wanted);
    },
  });
  Deno.bench({
    name: "ip: addr add, addr del",
    group,
    fn() {
      ip("addr", "add", "10.77.0.100/24", "dev", "hb0");
      ip("addr", "del", "10.77.0.100/24", "dev", "hb0");
    },
  });
}

function registerPrograms(): void {
  const group = "script until its exit status";
  const script = Deno.makeTempFileSync();
  Deno.writeTextFileSync(script, "#!/bin/sh\nexit 0\n");
  Deno.chmodSync(script, 0o755);
  const reactor = new Reactor((error) => {
    throw error;
  });
  const signal = new AbortController().signal;
  Deno.bench({
    name: "runProgram (posix_spawn, own session, output captured)",
    group,
    baseline: true,
    fn: async () => void await runProgram(reactor, { program: script, args: [], env: {}, signal }),
  });
  Deno.bench({
    name: "Deno.Command detached",
    group,
    fn: async () => void await command(script, [], true),
  });
  Deno.bench({
    name: "Deno.Command setsid -w",
    group,
    fn: async () => void await command("setsid", ["-w", script], false),
  });
}

async function command(program: string, args: string[], detached: boolean): Promise<void> {
  const child = new Deno.Command(program, {
    args,
    detached,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await child.status;
  await child.stdout.cancel();
  await child.stderr.cancel();
}
