/** Real-time scheduling and locked mappings, as far as this host grants them. */
import assert from "node:assert/strict";
import { fileMappings } from "../../core/os/scheduling.ts";

const isRoot = Deno.uid() === 0;
if (!isRoot) console.log("scheduling_test: real-time priority is not tested: needs root");

const SCHED_OTHER = 0;
const SCHED_RR = 2;

interface Told {
  readonly text: string;
  readonly again: string;
  readonly threads: { policy: number; priority: number; nice: number }[];
  readonly program: { policy: number; priority: number; nice: number };
  readonly memory: string;
  readonly lockedKib: number;
  readonly mappings: number;
  readonly constantsBeforeKib: number;
  readonly constantsAfterKib: number;
}

/** Runs the child with some capabilities taken away. */
function run(...dropped: string[]): Told {
  const child = new URL("./scheduling_child.ts", import.meta.url).pathname;
  const bounding = dropped.map((capability) => `-${capability}`).join(",");
  const without = dropped.length === 0 ? [] : ["--inh-caps", bounding, "--bounding-set", bounding];
  const { stdout, stderr } = new Deno.Command("setpriv", {
    args: [...without, Deno.execPath(), "run", "-A", "--no-check", child],
  }).outputSync();
  const decoder = new TextDecoder();
  const line = decoder.decode(stdout);
  assert(line !== "", decoder.decode(stderr));
  return JSON.parse(line) as Told;
}

Deno.test({
  name: "raisePriority: every thread is real-time, a program that is started is not",
  ignore: !isRoot,
  fn() {
    const told = run();
    assert.equal(told.text, "real-time priority 10 (SCHED_RR) on all threads");
    assert.equal(told.again, told.text);
    assert(told.threads.length >= 2);
    for (const { policy, priority } of told.threads) {
      assert.deepEqual([policy, priority], [SCHED_RR, 10]);
    }
    assert.deepEqual(told.program, { policy: SCHED_OTHER, priority: 0, nice: 0 });
  },
});

Deno.test({
  name: "raisePriority: a host that refuses is named, and nothing is thrown",
  ignore: !isRoot,
  fn() {
    const told = run("sys_nice");
    assert.match(told.text, /^no real-time priority: sched_setscheduler: EPERM; nice -20: EACCES;/);
    for (const { policy, nice } of told.threads) assert.deepEqual([policy, nice], [SCHED_OTHER, 0]);
  },
});

Deno.test({
  name: "lockFileMappings: locks file mappings only, and names a refusal",
  ignore: !isRoot,
  fn() {
    const told = run();
    assert.match(told.memory, /^memory: locked \d+ file mappings of \d+ MiB, as used$/);
    assert(told.lockedKib > 1000, `${told.lockedKib} KiB locked`);
    const heapWouldBe = 400_000;
    assert(told.lockedKib < heapWouldBe, `${told.lockedKib} KiB locked`);
  },
});

Deno.test({
  name: "lockFileMappings: what only the start read is given back, and the process lives on",
  ignore: !isRoot,
  fn() {
    for (const told of [run(), run("ipc_lock")]) {
      const { constantsBeforeKib, constantsAfterKib } = told;
      assert(constantsBeforeKib > 10_000, `${constantsBeforeKib} KiB before`);
      assert(constantsAfterKib < constantsBeforeKib / 2, `${constantsAfterKib} KiB after`);
    }
  },
});

/** A mapping as proc(5) describes it; sizes in KiB. */
function smapsEntry(header: string, anonymous = 0, swap = 0): string {
  const sizes = `Size: 132 kB\nRss: 100 kB\nAnonymous: ${anonymous} kB\nSwap:  ${swap} kB`;
  return `${header}\n${sizes}\nVmFlags: rd mr mw me sd`;
}

Deno.test("fileMappings: takes those with an inode, as Linux writes them", () => {
  const smaps = [
    smapsEntry("55d0c0000000-55d0c0021000 r--p 00000000 fe:00 1234   /usr/bin/heartbeat"),
    smapsEntry("7f1c00000000-7f1c00021000 rw-p 00000000 00:00 0 "),
    smapsEntry("7ffd1c2f0000-7ffd1c311000 rw-p 00000000 00:00 0      [stack]"),
    smapsEntry("7f1c10000000-7f1c10001000 r-xp 00026000 fe:00 99     /lib/with a.so (deleted)"),
    "",
  ].join("\n");
  assert.deepEqual(fileMappings(smaps), [
    { start: 0x55d0c0000000n, end: 0x55d0c0021000n, constant: true },
    { start: 0x7f1c10000000n, end: 0x7f1c10001000n, constant: false },
  ]);
});

Deno.test("fileMappings: constant is only what the file can give again, and no code", () => {
  const file = "00000000 fe:00 1234   /usr/bin/heartbeat";
  const isConstant = (access: string, anonymous: number, swap: number) =>
    fileMappings(smapsEntry(`55d0c0000000-55d0c0021000 ${access} ${file}`, anonymous, swap))
      .map(({ constant }) => constant);
  assert.deepEqual(isConstant("r--p", 0, 0), [true]);
  assert.deepEqual(isConstant("r--p", 4, 0), [false], "filled in by the loader, then read-only");
  assert.deepEqual(isConstant("r--p", 0, 4), [false], "the same, swapped out");
  assert.deepEqual(isConstant("rw-p", 0, 0), [false]);
  assert.deepEqual(isConstant("r-xp", 0, 0), [false]);
});
