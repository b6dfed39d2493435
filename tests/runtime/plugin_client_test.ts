/**
 * Plugin hosts in real processes: good plugins work, hostile ones hurt neither the beat nor their
 * neighbours, and every end has a name.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Measured } from "./hostile_child.ts";
import { eventually } from "../eventually.ts";
import { openPluginBench, said } from "./plugin_bench.ts";

const CHILD = fileURLToPath(new URL("hostile_child.ts", import.meta.url));
/**
 * Three beats at the fastest pace that is recommended. A plugin in the beat's way would hold it up
 * for its whole deadline; what the host of a virtual machine takes away is less.
 */
const MAX_LATE_MS = 300;
/** Below 200 ms on a quiet machine; what is looked for is a host that never comes back. */
const MAX_BACK_MS = 20_000;
/** More than a flood may log: 50 lines a second, and two for each program, one of which begins every 5 ms. */
const MAX_LOG_LINES_PER_MS = 0.6;
/** Long enough for a misdeed that takes a process or two, on a busy machine too. */
const DEADLINE_MS = 4_000;
/** To fill memory that a virtual machine has to get from its host first. */
const FILLING_MS = 180_000;

const HOSTILE: readonly (readonly [resource: string, outcome: RegExp, deadlineMs?: number])[] = [
  ["hostile::loop", /^timeout: .* within 4000 ms; plugin .*hostile.ts did not end .* was killed$/],
  ["hostile::never", /^timeout: .* within 4000 ms; plugin .* did not end .* was killed$/],
  ["hostile::exit", /^failed: plugin .* called process.exit\(3\)$/],
  ["hostile::deno-exit", /^failed: plugin .* called Deno.exit\(4\)$/],
  ["hostile::abort", /^failed: plugin .* crashed its host \(SIGABRT\)$/],
  [
    "hostile::unhandled",
    /^failed: .* left a rejection unhandled: nobody looks .*hostile.ts:\d+\)$/,
  ],
  ["hostile::timer-throw", /^failed: .* threw where nobody catches: thrown in .*hostile.ts:\d+\)$/],
  ["hostile::heap", /^failed: .* needed more memory than a plugin host may have/, FILLING_MS],
  ["hostile::memory", /^failed: Array buffer allocation failed \(.*hostile.ts:\d+\)$/, FILLING_MS],
  ["hostile::ffi", /^failed: .* crashed its host \(SIGSEGV\)$/],
  ["hostile::print", /^timeout: .* was killed$/],
  ["hostile::log", /^timeout: .* was killed$/],
  ["hostile::programs", /^timeout: .* within 4000 ms; /],
  ["hostile::program", /^timeout: .* its process group was ended by KILL; .*"busy"$/],
  ["unloadable", /^failed: \/.*\/unloadable.ts:2: cannot be loaded$/],
  ["network", /^failed: .*network.ts:1: a plugin may import .* not "npm:left-pad@1.3.0"$/],
  ["remote", /^failed: .*remote.ts:1: a plugin may import .* not "https:\/\/example.org\/x.ts"$/],
  ["loops_at_load", /^timeout: .*loops_at_load.ts did not end .* was killed$/],
];

async function measure(hostile: typeof HOSTILE): Promise<Measured[]> {
  const words = hostile.map(([resource, , ms = DEADLINE_MS]) => `${resource}=${ms}`);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", CHILD, ...words],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stderr));
  return text.decode(stdout).trim().split("\n").map((line): Measured => JSON.parse(line));
}

const isLate = (one: Measured | undefined) =>
  one !== undefined && one.realtime && one.latestMs >= MAX_LATE_MS;

Deno.test("hostile plugins: a named outcome each, the beat in time, the host back", async () => {
  const measured = await measure(HOSTILE);
  assert.equal(measured.length, HOSTILE.length);
  if (measured.some(({ realtime }) => !realtime)) {
    console.log("lateness is not judged: no real-time priority for this user");
  }
  for (const [index, [resource, wanted]] of HOSTILE.entries()) {
    const one = measured[index];
    assert.ok(one);
    assert.match(one.outcome, wanted);
    assert.ok(one.backMs < MAX_BACK_MS, `${resource}: back after ${one.backMs} ms`);
    const mostLines = MAX_LOG_LINES_PER_MS * (one.tookMs + 1_000);
    assert.ok(one.logLines < mostLines, `${resource}: ${one.logLines} log lines`);
  }
  // Other tests run real-time daemons beside this one. What a plugin itself delays, it delays again.
  const late = HOSTILE.filter((_, index) => isLate(measured[index]));
  if (late.length === 0) return;
  const again = await measure(late);
  assert.deepEqual(again.filter(isLate), [], "late twice");
});

Deno.test("a good plugin: enum, import, program, log, deadline, validate, status", async () => {
  await using bench = openPluginBench();
  const { dir, log } = bench;
  assert.equal(said(await bench.perform(`good::${dir}/a b ü`, "status")), "stopped");
  assert.equal(said(await bench.perform(`good::${dir}/a b ü`, "start", 54_321)), "ok");
  assert.equal(Deno.readTextFileSync(`${dir}/a b ü`), "up\n");
  assert.equal(said(await bench.perform(`good::${dir}/a b ü`, "status")), "running");
  assert.equal(said(await bench.perform(`good::${dir}/a b ü`, "announce")), "ok");
  assert.equal(said(await bench.perform(`good::${dir}/a b ü`, "stop")), "ok");
  assert.equal(said(await bench.perform(`good::${dir}/a b ü`, "stop")), "ok");
  assert.equal(
    said(await bench.perform("good", "start")),
    'refused: the argument "file" is missing',
  );
  assert.ok(log.includes("info: good: it is up"), log.join("\n"));
  assert.ok(log.includes("info: good: it had 54321 ms"), log.join("\n"));
  assert.match(
    said(await bench.perform("good::/no/such/dir/x", "start")),
    /^failed: .*\(\/.*good.ts:\d+\)$/,
  );
  assert.deepEqual((await bench.client.describe(`${dir}/good.ts`)).extras, ["validate"]);
});

Deno.test("run: a name is looked up in the system's directories, not in a PATH of the plugin", async () => {
  await using bench = openPluginBench();
  const page = Deno.readTextFileSync(new URL("../../agents/README.md", import.meta.url));
  const [, example = ""] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
  assert.ok(example.includes('succeed(context, "pumpctl", "on"'), page);
  bench.write("pump.ts", example);
  assert.equal(
    said(await bench.perform("pump::1", "start")),
    "missing: cannot start pumpctl: it is in none of " +
      "/usr/local/sbin, /usr/local/bin, /usr/sbin, /usr/bin, /sbin, /bin",
  );
  bench.write("env", "#!/bin/sh\necho not the one of the system\nexit 1\n");
  Deno.chmodSync(`${bench.dir}/env`, 0o755);
  const call = `context.run("env", [], { PATH: ${JSON.stringify(bench.dir)} })`;
  bench.write("named.ts", example.replace(/context\.run\(.*?\]\)/, call));
  assert.equal(said(await bench.perform("named::1", "status")), "running", bench.log.join("\n"));
  assert.ok(bench.log.includes(`named: PATH=${bench.dir}`), bench.log.join("\n"));
});

Deno.test("a host's words: an unknown one ends it, an answer to another call is nobody's", async () => {
  await using bench = openPluginBench();
  const forger = (words: string) =>
    bench.write(
      "forger.ts",
      `import { CONTRACT_VERSION } from "heartbeat";
const agent = { name: "forger", contract: CONTRACT_VERSION, summary: "lies", parameters: [] };
const done = () => Promise.resolve();
const status = async () => {
  Deno.writeTextFileSync("/proc/self/fd/3", '${words}\\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  return "stopped";
};
export default { ...agent, start: done, stop: done, status };
`,
    );
  forger('{"kind":"done","id":99,"status":"running"}');
  assert.equal(said(await bench.perform("forger", "status")), "stopped", bench.log.join("\n"));
  bench.client.prepare([forger('{"kind":"word of tomorrow"}')], 1);
  assert.match(
    said(await bench.perform("forger", "status")),
    /^failed: .* broke the protocol of its host, and was killed$/,
  );
});

Deno.test("prepare: no plugin, no process; else one host a group, at most four", async () => {
  await using bench = openPluginBench();
  bench.client.prepare([], 0);
  assert.equal(bench.client.pids.length, 0);
  bench.client.prepare([`${bench.dir}/good.ts`], 2);
  assert.equal(bench.client.pids.length, 2);
  bench.client.prepare([`${bench.dir}/good.ts`], 9);
  await bench.client.describe(`${bench.dir}/good.ts`);
  await eventually("the first two end by themselves", () => bench.client.pids.length <= 4);
  assert.equal(bench.client.pids.filter(isAlive).length, 4);
});

Deno.test("groups: one that loops does not keep another waiting", async () => {
  await using bench = openPluginBench();
  bench.client.prepare([`${bench.dir}/hostile.ts`, `${bench.dir}/good.ts`], 2);
  await bench.perform(`good::${bench.dir}/f`, "status");
  const ended: string[] = [];
  const loop = bench.perform("hostile::loop", "start", 8_000).finally(() => ended.push("loop"));
  await delay(100);
  assert.equal(said(await bench.perform(`good::${bench.dir}/f`, "start")), "ok");
  assert.deepEqual(ended, [], "it waited for the loop to be ended");
  assert.match(said(await loop), /^timeout: /);
});

Deno.test("groups: more than there are kept hosts wait for nobody, and their hosts end", async () => {
  await using bench = openPluginBench();
  bench.client.prepare([`${bench.dir}/hostile.ts`, `${bench.dir}/good.ts`], 6);
  await bench.perform(`good::${bench.dir}/f`, "status");
  const slow = Array.from({ length: 5 }, () => bench.perform("hostile::never", "start", 12_000));
  await delay(100);
  const ended: string[] = [];
  void Promise.race(slow).then(() => ended.push("slow"));
  assert.equal(said(await bench.perform(`good::${bench.dir}/f`, "start")), "ok");
  assert.deepEqual(ended, [], "it waited for one of five to be ended");
  for (const one of await Promise.all(slow)) assert.match(said(one), /^timeout: .* was killed$/);
  await eventually("four are kept", () => bench.client.pids.filter(isAlive).length === 4);
});

Deno.test("an innocent call in a host that another plugin spoiled: repeated, not failed", async () => {
  await using bench = openPluginBench();
  const agent = (name: string, start: string) =>
    'import { type Agent, succeed } from "heartbeat";\nimport { existsSync } from "node:fs";\n' +
    `export default { name: "${name}", contract: 1, summary: "s", parameters: [],\n` +
    `  ${start},\n  stop: () => Promise.resolve(),\n` +
    '  status: () => Promise.resolve("running" as const) } satisfies Agent;\n';
  // Leaves a bomb behind that goes off in the middle of the call that comes next.
  const begun = `${bench.dir}/begun`;
  const bomb = `if (existsSync("${begun}")) throw new Error("late bomb");`;
  bench.write("bomber.ts", agent("bomber", `async start() { setInterval(() => { ${bomb} }, 10) }`));
  const script = `: >${begun}; sleep 2`;
  const start = `start: async (c) => void await succeed(c, "/bin/sh", "-c", "${script}")`;
  bench.write("innocent.ts", agent("innocent", start));
  assert.equal(said(await bench.perform("bomber", "start")), "ok");
  assert.equal(said(await bench.perform("innocent", "start")), "ok", bench.log.join("\n"));
  const told = bench.log.find((line) => line.includes("repeated in a host"));
  assert.match(told ?? bench.log.join("\n"), /late bomb \(\/.*bomber.ts:4\); repeated in a host/);
  // The program of the first try ended before the second began.
  const programs = bench.log.filter((line) => /^debug: (Starting )?\/bin\/sh .*/.test(line));
  assert.deepEqual(programs.map((line) => line.includes("Starting")), [true, false, true, false]);
});

Deno.test("prepare again: changed files count, and not before", async () => {
  await using bench = openPluginBench();
  const agent = (word: string) =>
    'import { CONTRACT_VERSION } from "heartbeat";\nconst ok = () => Promise.resolve();\n' +
    `export default { name: "v", contract: CONTRACT_VERSION, summary: "${word}",\n` +
    "  parameters: [], start: ok, stop: ok, status: ok };\n";
  const path = bench.write("v.js", agent("first"));
  bench.client.prepare([path], 1);
  assert.equal((await bench.client.describe(path)).summary, "first");
  bench.write("v.js", agent("second"));
  assert.equal((await bench.client.describe(path)).summary, "first");
  bench.client.prepare([path], 1);
  assert.equal((await bench.client.describe(path)).summary, "second");
  assert.match(said(await bench.perform("v", "status")), /it answered undefined, wanted "running"/);
});

Deno.test("close: no host is left", async () => {
  let pids: readonly number[] = [];
  {
    await using bench = openPluginBench();
    bench.client.prepare([`${bench.dir}/hostile.ts`], 2);
    const loop = bench.perform("hostile::loop", "start");
    await delay(300);
    pids = bench.client.pids;
    assert.equal(pids.length, 2);
    void loop;
  }
  assert.deepEqual(pids.filter(isAlive), []);
});

Deno.test("the death of the daemon ends its hosts, even one in an endless loop", async () => {
  const script = `
    import { openPluginBench } from "${import.meta.resolve("./plugin_bench.ts")}";
    const bench = openPluginBench();
    await bench.client.describe(bench.dir + "/good.ts");
    void bench.perform("hostile::loop", "start", 60000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    console.log(JSON.stringify([bench.client.pids[0], bench.dir]));
  `;
  const args = ["eval", script];
  const daemon = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  const reader = daemon.stdout.getReader();
  const { value } = await reader.read();
  const [pid, dir]: [number, string] = JSON.parse(new TextDecoder().decode(value));
  assert.ok(isAlive(pid));
  daemon.kill("SIGKILL");
  await daemon.status;
  await reader.cancel();
  await eventually("the host ends", () => !isAlive(pid));
  Deno.removeSync(dir, { recursive: true });
});

/** A zombie is dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
