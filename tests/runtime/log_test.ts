/** Which line goes to which file, and what happens when a file cannot take it. */
import assert from "node:assert/strict";
import { Log, type LogTargets } from "../../core/runtime/log.ts";
import { eventually } from "../eventually.ts";
import { withDirectory } from "../with_directory.ts";

function targets(logFile: string | null, debugFile: string | null): LogTargets {
  return { logFile, debugFile, syslog: null, style: "syslog", host: "node1", pid: 7 };
}

/** Lines of a file without what changes from run to run. */
function said(path: string): string[] {
  return Deno.readTextFileSync(path).trimEnd().split("\n").map((line) =>
    line.replace(/^\w{3} \d\d [\d:]{8} |[\d/]{10}_[\d:]{8}/, "")
  );
}

Deno.test("Log: ha-log gets all but debug, ha-debug everything, each in its own form", () =>
  withDirectory(async (dir) => {
    const log = new Log(targets(`${dir}/log`, `${dir}/debug`), 1);
    log.write("warn", "node node2: is dead");
    log.write("debug", "detail");
    log.script("info", "ResourceManager", 9, "Running httpd start");
    await log.close();
    assert.deepEqual(said(`${dir}/log`), [
      "node1 heartbeat: [7]: WARN: node node2: is dead",
      "  ResourceManager[9]:    info: Running httpd start",
    ]);
    assert.deepEqual(said(`${dir}/debug`), [
      "node1 heartbeat: [7]: WARN: node node2: is dead",
      "node1 heartbeat: [7]: debug: detail",
      "ResourceManager[9]:\t info: Running httpd start",
    ]);
  }));

Deno.test("Log: debug lines exist only while the debug level is above 0", () =>
  withDirectory(async (dir) => {
    const log = new Log(targets(null, `${dir}/debug`), 0);
    log.write("debug", "one");
    log.changeDebugLevel(1);
    log.write("debug", "two");
    log.changeDebugLevel(-5);
    assert.equal(log.debugLevel, 0);
    log.write("debug", "three");
    await log.close();
    assert.deepEqual(said(`${dir}/debug`), ["node1 heartbeat: [7]: debug: two"]);
  }));

Deno.test("Log: what programs print is in ha-debug at debug level 0, word for word", () =>
  withDirectory(async (dir) => {
    const log = new Log(targets(`${dir}/log`, `${dir}/debug`), 0);
    log.script("info", "ResourceManager", 7, "Running httpd start");
    log.script("debug", "ResourceManager", 7, "Starting httpd start");
    log.output("httpd", 9, "cannot bind\x1b port 80\ngiving up");
    await log.close();
    assert.deepEqual(said(`${dir}/log`), ["  ResourceManager[7]:    info: Running httpd start"]);
    assert.deepEqual(said(`${dir}/debug`), [
      "ResourceManager[7]:\t info: Running httpd start",
      "httpd[9]:\t cannot bind\\x1b port 80",
      "httpd[9]:\t giving up",
    ]);
  }));

Deno.test("Log: without a debug file the log file has what programs print", () =>
  withDirectory(async (dir) => {
    const log = new Log(targets(`${dir}/log`, null), 0);
    log.output("httpd", 9, "cannot bind port 80");
    await log.close();
    assert.deepEqual(said(`${dir}/log`), ["  httpd[9]:    cannot bind port 80"]);
  }));

Deno.test("Log: a file that was rotated away is opened anew at once after SIGHUP", () =>
  withDirectory(async (dir) => {
    const log = new Log(targets(`${dir}/log`, null), 0);
    log.write("info", "old");
    await settled(() => said(`${dir}/log`).length === 1);
    await Deno.rename(`${dir}/log`, `${dir}/log.1`);
    log.reopen();
    log.write("info", "new");
    await log.close();
    assert.deepEqual(said(`${dir}/log.1`), ["node1 heartbeat: [7]: info: old"]);
    assert.deepEqual(said(`${dir}/log`), ["node1 heartbeat: [7]: info: new"]);
  }));

Deno.test("Log: a rotated file is noticed without a signal within about a second", () =>
  withDirectory(async (dir) => {
    const log = new Log(targets(`${dir}/log`, null), 0);
    log.write("info", "old");
    await settled(() => said(`${dir}/log`).length === 1);
    await Deno.rename(`${dir}/log`, `${dir}/log.1`);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    log.write("info", "new");
    await log.close();
    assert.deepEqual(said(`${dir}/log`), ["node1 heartbeat: [7]: info: new"]);
  }));

Deno.test("Log: lines that a full disk refuses are counted, and nothing is thrown", () =>
  withDirectory(async (dir) => {
    await Deno.symlink("/dev/full", `${dir}/log`);
    const log = new Log(targets(`${dir}/log`, null), 0);
    for (const line of ["one", "two"]) {
      log.write("info", line);
      // Closed, it has tried to write what it got; the next line opens the file again.
      await log.close();
      log.reopen();
    }
    assert.deepEqual(log.problems, [
      `log file ${dir}/log is not written: write ${dir}/log: ENOSPC (No space left on device)`,
    ]);
    await Deno.remove(`${dir}/log`);
    log.write("info", "three");
    await log.close();
    assert.deepEqual(log.problems, []);
    assert.deepEqual(said(`${dir}/log`), [
      `*** 2 log line(s) lost: ${dir}/log could not be written ***`,
      "node1 heartbeat: [7]: info: three",
    ]);
  }));

Deno.test("Log: a missing directory neither throws nor delays", () =>
  withDirectory(async (dir) => {
    const log = new Log(targets(`${dir}/none/log`, null), 0);
    for (let i = 0; i < 20_000; i++) log.write("info", `line ${i}`);
    await log.close();
    assert.throws(() => Deno.statSync(`${dir}/none`));
  }));

/** Waits for a file of which a condition may be asked before it is there. */
function settled(condition: () => boolean): Promise<void> {
  return eventually("the log file comes", () => {
    try {
      return condition();
    } catch {
      return false;
    }
  });
}

Deno.test("Log: a new file is not for everybody; one that is there stays as it is", () =>
  withDirectory(async (dir) => {
    Deno.writeTextFileSync(`${dir}/debug`, "");
    Deno.chmodSync(`${dir}/debug`, 0o604);
    const log = new Log(targets(`${dir}/log`, `${dir}/debug`), 0);
    log.write("info", "one");
    await log.close();
    const [group] = Deno.readTextFileSync("/etc/group").match(/(?<=^haclient:[^:]*:)\d+/m) ?? [];
    const { mode, gid } = Deno.statSync(`${dir}/log`);
    assert.equal((mode ?? 0) & 0o777, 0o640);
    if (group !== undefined && Deno.uid() === 0) assert.equal(gid, Number(group));
    assert.equal((Deno.statSync(`${dir}/debug`).mode ?? 0) & 0o777, 0o604);
  }));
