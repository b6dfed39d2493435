/** Operations on real scripts and on made-up agents: each ends with exactly one outcome. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Agent, CONTRACT_VERSION } from "../../agents/contract.ts";
import { createRegistry, type Registry } from "../../agents/registry.ts";
import { Reactor } from "../../core/os/reactor.ts";
import { KILL_AFTER_MS } from "../../core/os/run_program.ts";
import { MAX_WAITING_DEADLINES } from "../../core/runtime/agent_call.ts";
import { createExecutor, type Executor } from "../../core/runtime/executor.ts";
import { MAX_PROGRAMS_AT_ONCE } from "../../core/runtime/program_slots.ts";
import type { Operation, Outcome, Verb } from "../../core/types.ts";
import { eventually } from "../eventually.ts";

interface Bench extends AsyncDisposable {
  readonly root: string;
  readonly log: string[];
  readonly executor: Executor;
  /** Writes resource.d/NAME. */
  script(name: string, text: string, mode?: number): string;
  perform(resource: string, verb: Verb, deadlineMs?: number): Promise<Outcome>;
}

/** @param agent takes the place of every look-up when given */
function bench(agent?: Partial<Agent>): Bench {
  const root = Deno.makeTempDirSync();
  const log: string[] = [];
  const reactor = new Reactor((error) => log.push(`reactor: ${error}`));
  const executor = createExecutor({
    registry: agent === undefined ? directoryRegistry(root) : oneAgent(agent),
    reactor,
    environment: { HA_CURHOST: "ha1" },
    log: (level, text) => void log.push(`${level}: ${text}`),
    output: (agent, pid, line) => void log.push(`${agent}[${pid > 0 ? "pid" : pid}]: ${line}`),
  });
  let id = 0;
  return {
    root,
    log,
    executor,
    script(name, text, mode = 0o755) {
      const path = join(root, name);
      Deno.writeTextFileSync(path, `#!/bin/sh\n${text}\n`);
      Deno.chmodSync(path, mode);
      return path;
    },
    perform(text, verb, deadlineMs = 60_000) {
      const [name = "", ...args] = text.split("::");
      const resource = { text, agent: name, args };
      const operation: Operation = { id: ++id, resource, verb, deadlineMs };
      return executor.perform(operation);
    },
    async [Symbol.asyncDispose]() {
      await executor.close();
      await reactor.stop();
      Deno.removeSync(root, { recursive: true });
    },
  };
}

function directoryRegistry(root: string): Registry {
  return createRegistry({ resourceDir: root, initDirs: [] });
}

function oneAgent(agent: Partial<Agent>): Registry {
  const done = () => Promise.resolve();
  const whole: Agent = {
    name: "test",
    contract: CONTRACT_VERSION,
    summary: "",
    parameters: [],
    start: done,
    stop: done,
    status: () => Promise.resolve("running"),
    ...agent,
  };
  const found = { kind: "found", origin: "built-in", path: "test", why: "", remarks: [] } as const;
  return { find: () => ({ ...found, agent: whole }) };
}

/**
 * Stands in for a process in uninterruptible sleep: traced by a child that never looks, it stays,
 * dead or not, until that child ends. The child's pid goes to the file that is the first argument.
 */
const UNREAPABLE = `
import ctypes, os, sys, time
PTRACE_SEIZE = 0x4206
parent = os.getpid()
if os.fork() == 0:
    os.setsid()
    for fd in range(3): os.close(fd)
    if ctypes.CDLL(None).ptrace(PTRACE_SEIZE, parent, 0, 0) == 0:
        open(sys.argv[1], "w").write(str(os.getpid()))
    time.sleep(60)
time.sleep(60)
`;

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function reasonOf(outcome: Outcome): string {
  return "reason" in outcome ? `${outcome.kind}: ${outcome.reason}` : outcome.kind;
}

Deno.test("perform: start, status, stop of a script, in the original's words", async () => {
  await using b = bench();
  const flag = join(b.root, "flag");
  const path = b.script(
    "svc",
    `case "$2" in start) echo hello; touch ${flag};; stop) rm -f ${flag};;\n` +
      `status) [ -e ${flag} ] && echo running || { echo stopped; exit 3; };; esac`,
  );
  assert.equal((await b.perform("svc::a b", "status")).kind, "stopped");
  assert.equal((await b.perform("svc::a b", "start")).kind, "ok");
  assert.equal((await b.perform("svc::a b", "status")).kind, "running");
  assert.equal((await b.perform("svc::a b", "stop")).kind, "ok");
  assert.equal((await b.perform("svc::a b", "announce")).kind, "ok");
  const start = b.log.indexOf(`info: Running ${path} a b start`);
  assert.deepEqual(b.log.slice(start, start + 4), [
    `info: Running ${path} a b start`,
    `debug: Starting ${path} a b start`,
    "svc[pid]: hello",
    `debug: ${path} a b start done. RC=0`,
  ]);
  assert.ok(b.log.includes(`debug: Running ${path} a b status`));
});

Deno.test("perform: a failure names resource, path, verb, exit code and last line", async () => {
  await using b = bench();
  const path = b.script("svc", "echo first; echo cannot bind port 80 >&2; exit 6");
  assert.deepEqual(await b.perform("svc::a", "start"), {
    kind: "failed",
    reason: `Return code 6 from ${path} start: cannot bind port 80`,
  });
  b.script("mute", "exit 1");
  assert.match(
    reasonOf(await b.perform("mute", "stop")),
    /Return code 1 .*, which printed nothing$/,
  );
});

Deno.test("perform: an agent without a required argument is not called", async () => {
  const calls: string[] = [];
  const note = (word: string) => () =>
    new Promise<undefined>((done) => done(void calls.push(word)));
  await using b = bench({
    parameters: [
      { name: "o", required: false, doc: "" },
      { name: "p", required: true, doc: "" },
    ],
    start: note("start"),
    validate: ([, p]) => p === "bad" ? "p is bad" : undefined,
  });
  assert.equal(
    reasonOf(await b.perform("reqp::o", "start")),
    'refused: the argument "p" is missing',
  );
  assert.equal(
    reasonOf(await b.perform("reqp::o::bad", "start")),
    "refused: p is bad",
  );
  assert.deepEqual(calls, []);
  assert.equal(reasonOf(await b.perform("reqp::o::p", "start")), "ok");
  assert.deepEqual(calls, ["start"]);
});

Deno.test("perform: the environment is clean and says what scripts need", async () => {
  await using b = bench();
  b.script("svc", "env >$0.env");
  await b.perform("svc", "start");
  const names = Deno.readTextFileSync(join(b.root, "svc.env")).trim().split("\n")
    .map((line) => line.split("=")[0] ?? "").filter((name) => !/^(PWD|_|SHLVL|OLDPWD)$/.test(name));
  assert.deepEqual(names.sort(), ["HA_CURHOST", "HOME", "LC_ALL", "OCF_ROOT", "PATH", "TERM"]);
});

Deno.test("perform: an unknown status is a failure; a contradiction is a warning", async () => {
  await using b = bench();
  b.script("odd", "echo where is my config; exit 4");
  assert.match(
    reasonOf(await b.perform("odd", "status")),
    /^failed: cannot tell from .*\/odd status: exit code 4 .*: where is my config$/,
  );
  b.script("liar", "echo liar is not running");
  assert.equal((await b.perform("liar", "status")).kind, "stopped");
  assert.match(
    b.log.join("\n"),
    /warn: liar: .*\/liar status: exit code 0, but it says "liar is not/,
  );
});

Deno.test("perform: missing script, missing x bit, bad interpreter, bad address", async () => {
  await using b = bench();
  b.script("noexec", "exit 0", 0o644);
  Deno.writeTextFileSync(join(b.root, "badint"), "#!/no/such/thing\n", { mode: 0o755 });
  Deno.chmodSync(join(b.root, "badint"), 0o755);
  const table: [string, RegExp][] = [
    ["nosuch", /^missing: Cannot locate resource script nosuch: looked for/],
    ["noexec", /^missing: .*noexec is not executable \(fix: chmod \+x/],
    ["badint", /^missing: the interpreter "\/no\/such\/thing" in the first line/],
    ["IPaddr::10.1", /^refused: "10\.1" is not an IPv4 address; wanted/],
  ];
  for (const [resource, wanted] of table) {
    assert.match(reasonOf(await b.perform(resource, "start")), wanted);
  }
});

/** A shell has begun its script by then, on a busy machine too. */
const SPEAKS_WITHIN_MS = 2_000;

Deno.test("perform: at the deadline a hung script gets TERM; the outcome says so", async () => {
  await using b = bench();
  b.script("hung", "echo waiting for the disk; sleep 60");
  assert.match(
    reasonOf(await b.perform("hung::a", "start", SPEAKS_WITHIN_MS)),
    /^timeout: not done within 2000 ms; .* by (TERM|KILL); .*"waiting for the disk"$/,
  );
});

Deno.test("perform: a script that ignores TERM is killed two seconds later", async () => {
  await using b = bench();
  b.script("stubborn", "trap '' TERM; while :; do sleep 1; done");
  const began = performance.now();
  const reason = reasonOf(await b.perform("stubborn", "stop", SPEAKS_WITHIN_MS));
  assert.match(
    reason,
    /^timeout: .* within 2000 ms; its process group was ended by KILL; it printed/,
  );
  const tookMs = performance.now() - began;
  // By itself it would never end.
  const leastMs = SPEAKS_WITHIN_MS + KILL_AFTER_MS;
  assert.ok(tookMs > leastMs - 10 && tookMs < leastMs + 30_000, `took ${tookMs} ms`);
  // On a busy machine the killed group is collected a moment after the outcome.
  await new Promise((resolve) => setTimeout(resolve, 500));
});

Deno.test("perform: an agent that never returns is abandoned at the deadline", async () => {
  await using b = bench({ start: () => new Promise<void>(() => {}) });
  assert.deepEqual(await b.perform("test", "start", 50), {
    kind: "timeout",
    reason: "not done within 50 ms; the agent did not return and was abandoned",
  });
});

Deno.test("perform: an agent that throws at once, later, or oddly is a failure", async () => {
  const throwers: [() => Promise<void>, string][] = [
    [() => {
      throw new Error("at once");
    }, "failed: at once"],
    [() => Promise.reject(new Error("later")), "failed: later"],
    [() => Promise.reject("a string"), "failed: a string"],
  ];
  for (const [start, wanted] of throwers) {
    await using b = bench({ start });
    assert.equal(reasonOf(await b.perform("test", "start")), wanted);
  }
});

Deno.test("perform: programs that an agent did not wait for end with its call", async () => {
  await using b = bench({
    start(context) {
      context.run("/bin/sleep", ["60"]).catch(() => {});
      return new Promise((resolve) => setTimeout(resolve, 50));
    },
  });
  assert.equal((await b.perform("test", "start")).kind, "ok");
  const line = "debug: /bin/sleep 60 done. RC=143";
  await eventually("its end is logged", () => b.log.includes(line));
});

Deno.test("perform: a missing program of an agent is an outcome of its own kind", async () => {
  await using b = bench({ start: async (context) => void await context.run("/no/such/prog", []) });
  assert.equal(
    reasonOf(await b.perform("test", "start")),
    "missing: cannot start /no/such/prog: ENOENT (No such file or directory)",
  );
});

Deno.test("perform: missing says that nothing was changed, so not behind a program that ran", async () => {
  await using b = bench({
    start: async (context) => {
      await context.run("/bin/true", []);
      await context.run("/no/such/prog", []);
    },
  });
  assert.match(reasonOf(await b.perform("test", "start")), /^failed: cannot start/);
});

Deno.test("perform: four programs at once, in order; waiting costs no deadline", async () => {
  await using b = bench();
  const trace = join(b.root, "trace");
  b.script("svc", `echo "+ $1" >>${trace}; sleep 2; echo "- $1" >>${trace}`);
  const names = Array.from({ length: 12 }, (_, i) => `n${i}`);
  // Three rounds of 2 s each pass; a clock that ran while waiting would end the last ones.
  const outcomes = await Promise.all(
    names.map((name) => b.perform(`svc::${name}`, "start", 5_000)),
  );
  assert.deepEqual(outcomes.map(({ kind }) => kind), names.map(() => "ok"));
  let atOnce = 0;
  let most = 0;
  const order: string[] = [];
  for (const line of Deno.readTextFileSync(trace).trim().split("\n")) {
    atOnce += line.startsWith("+") ? 1 : -1;
    most = Math.max(most, atOnce);
    if (line.startsWith("+")) order.push(line.slice(2));
  }
  assert.equal(most, MAX_PROGRAMS_AT_ONCE);
  const round = (name: string) => Math.floor(Number(name.slice(1)) / MAX_PROGRAMS_AT_ONCE);
  assert.deepEqual(order.map(round), names.map(round));
});

Deno.test("perform: who gets no place for its program ends with an outcome too", async () => {
  await using b = bench();
  const began = join(b.root, "began");
  b.script("svc", `echo x >>${began}; sleep 60`);
  const holders = Array.from({ length: MAX_PROGRAMS_AT_ONCE }, () => b.perform("svc", "start"));
  const allRun = () => exists(began) && Deno.statSync(began).size >= 2 * MAX_PROGRAMS_AT_ONCE;
  await eventually("all places are taken", allRun);
  assert.equal(
    reasonOf(await b.perform("svc::late", "start", 50)),
    `timeout: waited ${50 * MAX_WAITING_DEADLINES} ms for a place for its ` +
      "program, which others held",
  );
  await b.executor.close();
  await Promise.all(holders);
});

const PYTHON = "/usr/bin/python3";
/** Four pythons start and hold on to one another within this, on a busy machine too. */
const TRACED_WITHIN_MS = 10_000;
const canBeStuck = exists(PYTHON);
if (!canBeStuck) console.log(`executor_test: processes that cannot end: needs ${PYTHON}`);

Deno.test({
  name: "perform: programs that survive KILL cost their own calls only, not the places of others",
  ignore: !canBeStuck,
  async fn() {
    await using b = bench();
    const stuck = b.script("stuck", "");
    Deno.writeTextFileSync(stuck, `#!${PYTHON} -IS\n${UNREAPABLE}`);
    b.script("good", "exit 0");
    const calls = Array.from(
      { length: MAX_PROGRAMS_AT_ONCE },
      (_, i) => b.perform(`stuck::${b.root}/tracer${i}`, "stop", TRACED_WITHIN_MS),
    );
    try {
      for (const outcome of await Promise.all(calls)) {
        assert.match(reasonOf(outcome), /^timeout: .* got TERM and KILL and is still not gone$/);
      }
      assert.equal((await b.perform("good", "start")).kind, "ok");
      const said = b.log.filter((line) => line.startsWith("crit: Abandoned: process "));
      assert.equal(said.length, MAX_PROGRAMS_AT_ONCE);
      assert.match(said.at(-1) ?? "", / is still not gone; 4 since the start of heartbeat$/);
    } finally {
      for (let i = 0; i < calls.length; i++) {
        Deno.kill(Number(Deno.readTextFileSync(`${b.root}/tracer${i}`)), "SIGKILL");
      }
    }
    const pids = b.log.flatMap((line) => /^crit: .* process (\d+)/.exec(line)?.[1] ?? []);
    const isThere = (pid: string) => exists(`/proc/${pid}/stat`);
    await eventually("none is left", () => !pids.some(isThere));
  },
});

Deno.test("perform: output of a flood reaches the log bounded", async () => {
  await using b = bench();
  b.script("flood", "yes 'a line' | head -n 300000");
  assert.equal((await b.perform("flood", "start")).kind, "ok");
  const lines = b.log.filter((line) => line.startsWith("flood[pid]: "));
  assert.equal(lines.length, 201);
  assert.match(lines.at(-1) ?? "", /… \d+ more lines$/);
});

Deno.test("close: running operations end with an outcome, later ones are refused", async () => {
  await using b = bench();
  b.script("hung", "sleep 60");
  const running = b.perform("hung", "start");
  await new Promise((resolve) => setTimeout(resolve, 50));
  await b.executor.close();
  assert.match(
    reasonOf(await running),
    /^failed: given up, heartbeat ends; .* by (TERM|KILL)/,
  );
  assert.equal(reasonOf(await b.perform("hung", "start")), "failed: heartbeat ends");
});
