/** The loop with a scripted engine: order, timers, re-entrancy and what waits for the disk. */
import assert from "node:assert/strict";
import { Driver, type DriverParts, NOTE_WAIT_MS } from "../../core/runtime/driver.ts";
import type { Effect } from "../../core/engine/effects.ts";
import type { Event, MediumReport } from "../../core/engine/events.ts";
import type { Message, Operation, Outcome } from "../../core/types.ts";
import { eventually } from "../eventually.ts";

function message(type: string): Message {
  return [{ type: 0, name: "t", value: type }];
}

function operation(id: number): Operation {
  const resource = { text: "httpd", agent: "httpd", args: [] };
  return { id, resource, verb: "start", deadlineMs: 1_000 };
}

/** A driver around `step`, and everything that it did, in order. */
function drive(step: (event: Event) => Effect[], parts: Partial<DriverParts> = {}) {
  const did: string[] = [];
  const driver: Driver = new Driver({
    step: (event) => {
      did.push(`event ${event.kind}`);
      return step(event);
    },
    send: (sent) => did.push(`send ${sent[0]?.value}`),
    perform: (ordered) => {
      did.push(`run ${ordered.id}`);
      return Promise.resolve<Outcome>({ kind: "ok" });
    },
    log: (level, text) => did.push(`${level} ${text}`),
    storeGroups: () => Promise.resolve(),
    storeGeneration: () => Promise.resolve(),
    storeFreshness: () => Promise.resolve(),
    exit: (clean) => did.push(`exit ${clean}`),
    failed: (error) => did.push(`failed ${error}`),
    ...parts,
  });
  return { driver, did };
}

function start(driver: Driver): void {
  driver.start(
    { generation: 1, uuid: new Uint8Array(16), held: [], removed: [], newest: [] },
    () => {},
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("Driver: effects of a step are performed in order, outcomes come back as events", async () => {
  const { driver, did } = drive((event) =>
    event.kind === "start"
      ? [
        { kind: "log", level: "info", text: "hello" },
        { kind: "send", message: message("status") },
        { kind: "run", operation: operation(5) },
      ]
      : [{ kind: "log", level: "info", text: JSON.stringify(event).replace(/"at".*?},/, "") }]
  );
  start(driver);
  await pause(0);
  assert.deepEqual(did, [
    "event start",
    "info hello",
    "send status",
    "run 5",
    "event operation",
    'info {"kind":"operation","id":5,"outcome":{"kind":"ok"}}',
  ]);
});

Deno.test("Driver: an effect that causes an event at once does not interrupt its step", () => {
  const { driver, did } = drive(
    (event) =>
      event.kind === "start"
        ? [
          { kind: "send", message: message("one") },
          { kind: "send", message: message("two") },
        ]
        : [],
    {
      send: (sent) => {
        did.push(`send ${sent[0]?.value}`);
        driver.medium(report(false, "ENETDOWN"));
      },
    },
  );
  start(driver);
  assert.deepEqual(did, ["event start", "send one", "send two", "event medium", "event medium"]);
});

Deno.test("Driver: media are open when the engine starts, and their reports follow", () => {
  const { driver, did } = drive((event) =>
    event.kind === "start" ? [{ kind: "send", message: message("status") }] : []
  );
  driver.start(
    { generation: 1, uuid: new Uint8Array(16), held: [], removed: [], newest: [] },
    () => {
      did.push("open");
      driver.medium(report(true, ""));
    },
  );
  assert.deepEqual(did, ["open", "event start", "send status", "event medium"]);
});

Deno.test("Driver: a timer never comes early, re-arming replaces and disarming cancels", async () => {
  const dueMs = performance.now() + 30;
  const { driver, did } = drive((event) => {
    if (event.kind === "timer") assert.ok(event.at.monoMs >= dueMs, "came early");
    return event.kind === "start"
      ? [
        { kind: "arm", timer: { kind: "beat" }, atMs: dueMs - 20 },
        { kind: "arm", timer: { kind: "ask" }, atMs: dueMs },
        { kind: "arm", timer: { kind: "beat" }, atMs: dueMs },
        { kind: "disarm", timer: { kind: "ask" } },
      ]
      : [];
  });
  start(driver);
  await eventually("the timer", () => did.length > 1);
  // One that was forgotten to be disarmed would come by now.
  await pause(30);
  assert.deepEqual(did, ["event start", "event timer"]);
});

Deno.test("Driver: a timer that comes far too late is reported", async () => {
  const { driver, did } = drive((event) =>
    event.kind === "start"
      ? [{ kind: "arm", timer: { kind: "beat" }, atMs: performance.now() + 5 }]
      : []
  );
  start(driver);
  const untilMs = performance.now() + 260;
  while (performance.now() < untilMs);
  await eventually("the timer", () => did.includes("event timer"));
  const [, lateMs] = /^warn Timer beat came (\d+) ms late/.exec(did[1] ?? "") ?? [];
  // A busy machine makes it later still.
  assert.ok(Number(lateMs) >= 200, did[1]);
  assert.equal(did[2], "event timer");
});

Deno.test("Driver: what follows a note waits for the disk, the next heartbeat does not", async () => {
  let stored = () => {};
  const { driver, did } = drive((event) => {
    if (event.kind === "start") {
      return [
        { kind: "send", message: message("before") },
        { kind: "persist-groups", held: [], removed: [] },
        { kind: "log", level: "info", text: "at once" },
        { kind: "send", message: message("after") },
        { kind: "run", operation: operation(1) },
      ];
    }
    return event.kind === "medium" ? [{ kind: "send", message: message("beat") }] : [];
  }, {
    storeGroups: () => new Promise((resolve) => stored = () => resolve()),
  });
  start(driver);
  await pause(5);
  driver.medium(report(true, ""));
  const before = ["event start", "send before", "info at once", "event medium", "send beat"];
  assert.deepEqual(did, before);
  stored();
  await pause(5);
  assert.deepEqual(did, [...before, "send after", "run 1", "event operation"]);
});

Deno.test("Driver: a disk that hangs delays an operation by 50 ms for the note, no longer", async () => {
  const { driver, did } = drive(
    (event) =>
      event.kind === "start"
        ? [
          { kind: "persist-groups", held: [], removed: [] },
          { kind: "run", operation: operation(1) },
        ]
        : [],
    { storeGroups: () => new Promise(() => {}) },
  );
  start(driver);
  await pause(0);
  assert.deepEqual(did, ["event start"]);
  await eventually("it goes on", () => did.includes("event operation"));
  const late = `warn The note of held groups is not stored after ${NOTE_WAIT_MS} ms`;
  assert.ok(did[1]?.startsWith(late), did[1]);
  assert.deepEqual(did.slice(2), ["run 1", "event operation"]);
});

const WAIT_MS = 60;

/** An engine that begins generation 7 with the start, 8 with the next medium, and beats with each event. */
const renewing = (event: Event): Effect[] => {
  const beat: Effect = { kind: "send", message: message(`beat after ${event.kind}`) };
  if (event.kind !== "start" && event.kind !== "medium") return [beat];
  const generation = event.kind === "start" ? 7 : 8;
  return [{ kind: "persist-generation", generation, waitMs: WAIT_MS }, beat];
};

const BEATS = ["send beat after start", "send beat after command"];

Deno.test("Driver: no beat leaves, of this step or a later one, before its generation is stored", async () => {
  let stored = () => {};
  const { driver, did } = drive((event) => {
    const effects = renewing(event);
    return event.kind === "start"
      ? [...effects, { kind: "run", operation: operation(1) }]
      : effects;
  }, { storeGeneration: () => new Promise((resolve) => stored = () => resolve()) });
  start(driver);
  void driver.command({ kind: "stop" });
  await pause(WAIT_MS / 2);
  // What the peer has taken over is stopped meanwhile.
  assert.deepEqual(did, ["event start", "run 1", "event command", "event operation"]);
  stored();
  await pause(5);
  assert.deepEqual(did.slice(4), [...BEATS, "send beat after operation"]);
  void driver.command({ kind: "stop" });
  assert.equal(did.at(-1), "send beat after command");
});

Deno.test("Driver: a disk that hangs keeps beats back for a bounded time, and that is said", async () => {
  const { driver, did } = drive(renewing, { storeGeneration: () => new Promise(() => {}) });
  start(driver);
  void driver.command({ kind: "stop" });
  await pause(WAIT_MS / 2);
  assert.deepEqual(did, ["event start", "event command"]);
  await pause(WAIT_MS);
  assert.match(did[2] ?? "", /^error The generation 7 is not stored \(the disk took 60 ms\)/);
  assert.deepEqual(did.slice(3), BEATS);
});

Deno.test("Driver: a disk that refuses a generation keeps nothing back, and that is said", async () => {
  const { driver, did } = drive(renewing, {
    storeGeneration: () => Promise.reject(new Error("ENOSPC")),
  });
  start(driver);
  await pause(5);
  assert.match(did[1] ?? "", /^error The generation 7 is not stored \(Error: ENOSPC\)/);
  assert.deepEqual(did.slice(2), ["send beat after start"]);
});

Deno.test("Driver: what was kept back for one generation waits for the next one, too", async () => {
  const done: (() => void)[] = [];
  const { driver, did } = drive(renewing, {
    storeGeneration: (generation) => {
      did.push(`store ${generation}`);
      return new Promise((resolve) => done.push(resolve));
    },
  });
  start(driver);
  await pause(0);
  driver.medium(report(true, ""));
  done[0]?.();
  await pause(5);
  const before = ["event start", "store 7", "event medium", "store 8"];
  assert.deepEqual(did, before);
  done[1]?.();
  await pause(5);
  assert.deepEqual(did, [...before, "send beat after start", "send beat after medium"]);
});

Deno.test("Driver: what was heard is stored apart: nothing waits, and only the newest follows", async () => {
  const done: (() => void)[] = [];
  const { driver, did } = drive(
    () => [
      {
        kind: "persist-freshness",
        newest: [{ node: "ha1", generation: 1, seq: done.length, sentS: 1 }],
      },
      { kind: "run", operation: operation(1) },
    ],
    {
      perform: () => new Promise(() => did.push("run")),
      storeFreshness: ([newest]) =>
        new Promise((resolve) => {
          did.push(`heard ${newest?.seq}`);
          done.push(resolve);
        }),
    },
  );
  start(driver);
  assert.deepEqual(did, ["event start", "heard 0", "run"]);
  driver.medium(report(true, ""));
  driver.medium(report(true, ""));
  assert.equal(did.filter((one) => one.startsWith("heard")).length, 1);
  done[0]?.();
  await pause(0);
  assert.deepEqual(did.filter((one) => one.startsWith("heard")), ["heard 0", "heard 1"]);
  driver.halt();
});

Deno.test("Driver: a disk that refuses what was heard draws one warning", async () => {
  const { driver, did } = drive(
    () => [{ kind: "persist-freshness", newest: [] }],
    { storeFreshness: () => Promise.reject(new Error("full")) },
  );
  for (let n = 0; n < 3; n += 1) {
    driver.medium(report(true, ""));
    await pause(1);
  }
  assert.equal(
    did.filter((one) => one === "warn Cannot store what was heard: Error: full").length,
    1,
  );
  driver.halt();
});

Deno.test("Driver: a command gets the reply of its own id", async () => {
  const { driver } = drive((event) =>
    event.kind === "command"
      ? [{ kind: "reply", id: event.id, accepted: event.id === 2, text: `for ${event.id}` }]
      : []
  );
  const [first, second] = await Promise.all([
    driver.command({ kind: "stop" }),
    driver.command({ kind: "standby", share: "all" }),
  ]);
  assert.deepEqual(first, { accepted: false, text: "for 1" });
  assert.deepEqual(second, { accepted: true, text: "for 2" });
});

Deno.test("Driver: after exit nothing more happens, whatever was armed or queued", async () => {
  const { driver, did } = drive((event) =>
    event.kind === "start"
      ? [
        { kind: "arm", timer: { kind: "beat" }, atMs: performance.now() + 5 },
        { kind: "run", operation: operation(1) },
        { kind: "exit", clean: true },
        { kind: "send", message: message("ghost") },
      ]
      : []
  );
  start(driver);
  driver.medium(report(true, ""));
  await pause(20);
  assert.deepEqual(did, ["event start", "run 1", "exit true"]);
});

Deno.test("Driver: a defect of the engine halts the loop and is handed on", async () => {
  const { driver, did } = drive((event) => {
    if (event.kind === "start") return [{ kind: "arm", timer: { kind: "beat" }, atMs: 0 }];
    throw new Error("defect");
  });
  start(driver);
  driver.medium(report(true, ""));
  driver.medium(report(true, ""));
  await pause(10);
  assert.deepEqual(did, ["event start", "event medium", "failed Error: defect"]);
});

function report(usable: boolean, reason: string): MediumReport {
  return { medium: "eth0", title: "bcast eth0:694", usable, open: true, reason };
}
