/**
 * A process that holds media inside a network namespace, for the tests of `transports/`: sockets
 * belong to the namespace of the process that makes them. Arguments: one medium each, as JSON.
 * Commands and events are one JSON object a line on stdin and stdout (see `lab.ts`).
 */
import process from "node:process";
import { Reactor } from "../../core/os/reactor.ts";
import type { MediumConfig } from "../../core/types.ts";
import type { Medium, MediumSink } from "../../transports/contract.ts";
import { createMedium } from "../../transports/create_medium.ts";
import type { ChildCommand, ChildEvent } from "./lab.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const reactor = new Reactor((error) => tell({ event: "error", text: String(error) }));
const media = Deno.args.map((text) => createMedium(JSON.parse(text) as MediumConfig, reactor));
const echoing = new Set<number>();
let pong: (() => void) | undefined;

function tell(event: ChildEvent): void {
  const line = encoder.encode(`${JSON.stringify(event)}\n`);
  for (let at = 0; at < line.length;) at += Deno.stdout.writeSync(line.subarray(at));
}

function sink(medium: number): MediumSink {
  return {
    received(frame) {
      if (pong !== undefined) return pong();
      if (echoing.has(medium)) return media[medium]?.send(frame);
      tell({ event: "received", medium, text: decoder.decode(frame) });
    },
    usable: (usable, reason) => tell({ event: "usable", medium, usable, reason }),
  };
}

/** Sockets, epolls and eventfds: what Deno opens beside them comes and goes. */
function countFds(): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (/^(socket|anon_inode):/.test(Deno.readLinkSync(`/proc/self/fd/${name}`))) count++;
    } catch (error) {
      const wasTheDirectoryItself = error instanceof Deno.errors.NotFound;
      if (!wasTheDirectoryItself) throw error;
    }
  }
  return count;
}
const countTasks = () => [...Deno.readDirSync("/proc/self/task")].length;

/** Frames there and back, one at a time: µs of each round trip, and CPU of this process. */
async function measure(medium: Medium, rounds: number, bytes: number): Promise<ChildEvent> {
  const frame = new Uint8Array(bytes).fill(0x61);
  const roundTripsUs: number[] = [];
  const cpuBefore = process.cpuUsage();
  for (let i = 0; i < rounds; i++) {
    const from = performance.now();
    await new Promise<void>((done, lost) => {
      const timer = setTimeout(() => lost(new Error(`frame ${i} did not come back`)), 1000);
      pong = () => {
        clearTimeout(timer);
        done();
      };
      medium.send(frame);
    });
    roundTripsUs.push((performance.now() - from) * 1000);
  }
  pong = undefined;
  const cpu = process.cpuUsage(cpuBefore);
  return { event: "measured", roundTripsUs, cpuUs: cpu.user + cpu.system };
}

async function obey(command: ChildCommand): Promise<void> {
  const medium = media["medium" in command ? command.medium : 0];
  if (medium === undefined) throw new Error("no such medium");
  switch (command.do) {
    case "open":
      return medium.open(sink(command.medium));
    case "close":
      return medium.close();
    case "send":
      return medium.send(encoder.encode(command.text.repeat(command.times ?? 1)));
    case "stats":
      return tell({ event: "stats", ...medium.stats() });
    case "echo":
      echoing.add(command.medium);
      return;
    case "cycle":
      for (let i = 0; i < command.times; i++) {
        medium.open({ received: () => {}, usable: () => {} });
        medium.close();
      }
      return;
    case "count":
      return tell({ event: "counted", fds: countFds(), tasks: countTasks() });
    case "measure":
      return tell(await measure(medium, command.rounds, command.bytes));
    case "stop-reactor":
      await reactor.stop();
      return tell({ event: "counted", fds: countFds(), tasks: countTasks() });
  }
}

let rest = "";
for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) await obey(JSON.parse(line) as ChildCommand);
}
for (const medium of media) medium.close();
await reactor.stop();
