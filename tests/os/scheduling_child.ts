/**
 * Raises its own priority and tells what came of it, for `scheduling_test.ts`: policy, real-time
 * priority and nice value of every thread and of a program that it starts, and what it holds in
 * memory.
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

/** Resident constants of the executable, by the kernel's own account. */
function constantsKib(): number {
  const mappings = Deno.readTextFileSync("/proc/self/smaps").split(/\n(?=[0-9a-f]+-)/);
  const constants = mappings.filter((text) =>
    /^\S+ r--/.test(text) && text.includes(Deno.execPath())
  );
  return constants.reduce((sum, text) => sum + Number(/^Rss: +(\d+)/m.exec(text)?.[1]), 0);
}

const reactor = new Reactor(() => {});
reactor.watch(libc.eventfd(0, 0), READABLE, () => {});
const text = raisePriority(10);
const threads = [...Deno.readDirSync("/proc/self/task")].map(({ name }) =>
  schedulingOf(Deno.readTextFileSync(`/proc/self/task/${name}/stat`))
);
const cat = new Deno.Command("cat", { args: ["/proc/self/stat"] }).outputSync();
const constantsBeforeKib = constantsKib();
const memory = lockFileMappings();
const constantsAfterKib = constantsKib();
const locked = Deno.readTextFileSync("/proc/self/status").match(/VmLck:\s+(\d+)/)?.[1];
const mappings = fileMappings(Deno.readTextFileSync("/proc/self/smaps")).length;
console.log(JSON.stringify({
  text,
  again: raisePriority(10),
  threads,
  program: schedulingOf(new TextDecoder().decode(cat.stdout)),
  memory,
  lockedKib: Number(locked),
  mappings,
  constantsBeforeKib,
  constantsAfterKib,
}));
Deno.exit(0);
