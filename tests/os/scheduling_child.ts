/**
 * Raises its own priority and tells what came of it, for `scheduling_test.ts`: policy, real-time
 * priority and nice value of every thread and of a program that it starts.
 */
import { libc } from "../../core/os/libc.ts";
import { Reactor, READABLE } from "../../core/os/reactor.ts";
import { fileMappings, lockFileMappings, raisePriority } from "../../core/os/scheduling.ts";

/** Fields of /proc/…/stat after the name: nice 19, rt_priority 40, policy 41 (counted from 1). */
function schedulingOf(stat: string): { policy: number; priority: number; nice: number } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]);
  return { policy: field(41), priority: field(40), nice: field(19) };
}

const reactor = new Reactor(() => {});
reactor.watch(libc.eventfd(0, 0), READABLE, () => {});
const text = raisePriority(10);
const threads = [...Deno.readDirSync("/proc/self/task")].map(({ name }) =>
  schedulingOf(Deno.readTextFileSync(`/proc/self/task/${name}/stat`))
);
const cat = new Deno.Command("cat", { args: ["/proc/self/stat"] }).outputSync();
const memory = lockFileMappings();
const locked = Deno.readTextFileSync("/proc/self/status").match(/VmLck:\s+(\d+)/)?.[1];
const mappings = fileMappings(Deno.readTextFileSync("/proc/self/maps")).length;
console.log(JSON.stringify({
  text,
  again: raisePriority(10),
  threads,
  program: schedulingOf(new TextDecoder().decode(cat.stdout)),
  memory,
  lockedKib: Number(locked),
  mappings,
}));
Deno.exit(0);
