/** Lines for syslog and words for the service manager, over real sockets. */
import assert from "node:assert/strict";
import { AF_UNIX, SOCK_DGRAM } from "../../core/os/abi.ts";
import { bindSocket, closeFd, openSocket, receive, sockaddrUn } from "../../core/os/socket.ts";
import { sdNotify } from "../../core/os/sd_notify.ts";
import { Syslog } from "../../core/os/syslog.ts";

function listen(path: string): number {
  const fd = openSocket(AF_UNIX, SOCK_DGRAM);
  bindSocket(fd, sockaddrUn(path), path);
  return fd;
}

function take(fd: number): string {
  const buffer = new Uint8Array(16384);
  const length = receive(fd, buffer);
  return length < 0 ? "nothing" : new TextDecoder().decode(buffer.subarray(0, length));
}

Deno.test("Syslog: priority, time, name and text as log daemons read them", () => {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/log`;
  const fd = listen(path);
  const log = new Syslog("local0", "heartbeat", path);
  try {
    log.log("warn", "node ha2: is dead\nsecond line");
    const LOCAL0_WARN = 16 * 8 + 4;
    const pattern = new RegExp(
      `^<${LOCAL0_WARN}>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d ` +
        `heartbeat\\[${Deno.pid}\\]: node ha2: is dead second line$`,
    );
    assert.match(take(fd), pattern);
    for (const [level, severity] of [["crit", 2], ["error", 3], ["notice", 5]] as const) {
      log.log(level, "x");
      assert.equal(take(fd).split(">")[0], `<${16 * 8 + severity}`);
    }
    log.log("info", "z".repeat(20_000));
    assert.equal(take(fd).length, 8192);
  } finally {
    log.close();
    closeFd(fd);
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("Syslog: without a log daemon lines are dropped, and a new daemon is found", () => {
  const directory = Deno.makeTempDirSync();
  const path = `${directory}/log`;
  const log = new Syslog("daemon", "heartbeat", path);
  try {
    log.log("info", "nobody");
    const first = listen(path);
    log.log("info", "first");
    assert.match(take(first), /first$/);
    closeFd(first);
    log.log("info", "dead daemon, socket left");
    Deno.removeSync(path);
    const second = listen(path);
    log.log("info", "second");
    assert.match(take(second), /second$/);
    assert.equal(take(second), "nothing");
    for (let i = 0; i < 5000; i++) log.log("info", "a daemon that does not read");
    closeFd(second);
  } finally {
    log.close();
    Deno.removeSync(directory, { recursive: true });
  }
  assert.throws(() => new Syslog("local9", "heartbeat"), /"local9" is not a syslog facility/);
});

Deno.test("sdNotify: tells a manager by path or abstract name, and does nothing without one", () => {
  const directory = Deno.makeTempDirSync();
  const before = Deno.env.get("NOTIFY_SOCKET");
  try {
    for (const path of [`${directory}/notify`, `@heartbeat-test-${Deno.pid}`]) {
      const fd = listen(path);
      Deno.env.set("NOTIFY_SOCKET", path);
      assert.equal(sdNotify("READY=1\nSTATUS=both nodes up"), true);
      assert.equal(take(fd), "READY=1\nSTATUS=both nodes up");
      closeFd(fd);
      assert.equal(sdNotify("WATCHDOG=1"), false);
    }
    Deno.env.delete("NOTIFY_SOCKET");
    assert.equal(sdNotify("READY=1"), false);
  } finally {
    if (before === undefined) Deno.env.delete("NOTIFY_SOCKET");
    else Deno.env.set("NOTIFY_SOCKET", before);
    Deno.removeSync(directory, { recursive: true });
  }
});
