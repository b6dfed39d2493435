/**
 * The real daemon in processes of its own, under a root directory of its own, beating to itself
 * over loopback: start, signals, reload, a crash, and stop. Its peer never comes, so it is alone
 * after initdead and takes everything.
 */
import assert from "node:assert/strict";
import { eventually as until } from "../eventually.ts";
import { MAIN_COMMAND } from "../program.ts";

interface Host {
  readonly root: string;
  heartbeat(...args: string[]): Promise<{ code: number; out: string; err: string }>;
  config(name: string, text: string): void;
  /** Lines of ha-log that hold `text`. */
  logged(text: string): string[];
  /** Calls of the resource script, such as `a start`. */
  calls(): string[];
  pid(): number;
}

/**
 * A daemon that a busy machine paused for longer than deadtime gives up what it runs, as it should;
 * here it would spoil what a test counts.
 */
const HA_CF = (port: number) => `
keepalive 100ms
deadtime 2
initdead 2
realtime off
udpport ${port}
ucast lo 127.0.0.1
auto_failback on
node ha1 ha2
`;

/** Below the ephemeral ports, and different for test runs at the same time. */
let nextPort = 20_000 + Deno.pid % 10_000;

async function withHost(test: (host: Host) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "hb-daemon-" });
  const text = (path: string) => {
    try {
      return Deno.readTextFileSync(`${root}/${path}`).split("\n").filter((line) => line !== "");
    } catch {
      return [];
    }
  };
  const host: Host = {
    root,
    async heartbeat(...args) {
      // With pipes, as over ssh: `output` returns only when nobody holds them any more.
      const [program, ...words] = MAIN_COMMAND;
      const { code, stdout, stderr } = await new Deno.Command(program, {
        args: [...words, ...args, "--root", root],
        stdin: "null",
      }).output();
      const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code, out: decode(stdout), err: decode(stderr) };
    },
    config: (name, content) => Deno.writeTextFileSync(`${root}/etc/ha.d/${name}`, content),
    logged: (wanted) => text("var/log/ha-log").filter((line) => line.includes(wanted)),
    calls: () => text("calls"),
    pid: () => Number(text("run/heartbeat.pid")[0]),
  };
  await Deno.mkdir(`${root}/etc/ha.d/resource.d`, { recursive: true });
  host.config("ha.cf", HA_CF(nextPort++));
  host.config("haresources", "ha1 svc::a svc::b\n");
  host.config("nodeinfo", "ha1\n");
  host.config("authkeys", "auth 1\n1 sha1 one\n");
  await Deno.chmod(`${root}/etc/ha.d/authkeys`, 0o600);
  host.config(
    "resource.d/svc",
    `#!/bin/sh
echo "$1 $2" >> ${root}/calls
case "$2" in
start) echo "$1 comes up"; : > ${root}/up.$1 ;;
stop) rm -f ${root}/up.$1 ;;
status) [ -e ${root}/up.$1 ] || { echo stopped; exit 3; }; echo running ;;
esac
`,
  );
  await Deno.chmod(`${root}/etc/ha.d/resource.d/svc`, 0o755);
  try {
    await test(host);
  } finally {
    const pid = host.pid();
    if (Number.isInteger(pid) && pid > 0 && lives(pid)) Deno.kill(pid, "SIGKILL");
    await Deno.remove(root, { recursive: true });
  }
}

function lives(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`).startsWith("heartbeat");
  } catch {
    return false;
  }
}

/** Whether a process of that number exists and has not ended. */
function isThere(pid: number): boolean {
  try {
    return !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

/** Kills the daemon outright; @returns the pid that it had */
async function killed(host: Host): Promise<number> {
  const pid = host.pid();
  Deno.kill(pid, "SIGKILL");
  await until("its death", () => !lives(pid));
  return pid;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function starts(host: Host): string[] {
  return host.calls().filter((call) => call.endsWith(" start"));
}

Deno.test("daemon: start returns when it is ready, a second start is refused, stop releases", () =>
  withHost(async (host) => {
    const started = await host.heartbeat("start");
    assert.equal(started.code, 0, started.err);
    assert.ok(lives(host.pid()), "returned before the pid file was there");
    assert.equal(Deno.readTextFileSync(`${host.root}/run/heartbeat.pid`).length, 11);
    assert.ok(Deno.statSync(`${host.root}/run/heartbeat/control.sock`).isSocket);

    const pid = host.pid();
    const again = await host.heartbeat("start");
    assert.equal(again.code, 0);
    assert.match(again.err, new RegExp(`already running \\[pid ${pid}\\]`));
    assert.equal(host.pid(), pid);

    await until("both resources up", () => starts(host).length === 2);
    Deno.kill(pid, "SIGTERM");
    await until("the end of the process", () => !lives(pid));
    assert.deepEqual(starts(host), ["a start", "b start"]);
    const debug = Deno.readTextFileSync(`${host.root}/var/log/ha-debug`);
    assert.match(debug, /^svc\[\d+\]:\t[\d/]{10}_[\d:]{8} a comes up$/m);
    const stops = host.calls().filter((call) => call.endsWith(" stop"));
    assert.deepEqual(stops, ["b stop", "a stop"]);
    assert.throws(() => Deno.statSync(`${host.root}/run/heartbeat.pid`), Deno.errors.NotFound);
    assert.throws(
      () => Deno.statSync(`${host.root}/run/heartbeat/control.sock`),
      Deno.errors.NotFound,
    );
    assert.equal(host.logged("Heartbeat shutdown complete.").length, 1);
  }));

Deno.test("daemon: scripts find the mask and directory of an init process, not those of the caller", () =>
  withHost(async (host) => {
    const { root } = host;
    const svc = `case $2 in start) echo "$(umask) $(pwd)" >>${root}/calls;; status) exit 3;; esac`;
    host.config("resource.d/svc", `#!/bin/sh\n${svc}\n`);
    const heartbeat = MAIN_COMMAND.map((word) => `'${word}'`).join(" ");
    const running = new Deno.Command("/bin/sh", {
      args: ["-c", `umask 077; exec ${heartbeat} start --foreground --root .`],
      ...{ cwd: root, stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
    await until("both starts", () => host.calls().length === 2);
    Deno.kill(host.pid(), "SIGTERM");
    await running.status;
    assert.deepEqual(host.calls(), ["0022 /", "0022 /"]);
  }));

Deno.test("daemon: scripts that know only start and stop are started, and stopped", () =>
  withHost(async (host) => {
    const note = `[ $2 = status ] || echo "$1 $2" >>${host.root}/calls`;
    host.config("resource.d/svc", `#!/bin/sh\n${note}\n`);
    assert.equal((await host.heartbeat("start")).code, 0);
    await until("both starts", () => host.calls().length === 2);
    assert.equal((await host.heartbeat("stop")).code, 0);
    assert.deepEqual(host.calls(), ["a start", "b start", "b stop", "a stop"]);
  }));

Deno.test("daemon: a broken configuration is told on stderr, exits 6 and leaves nothing", () =>
  withHost(async (host) => {
    host.config("ha.cf", "keepalife 1\nbcast nosuch0\n");
    const { code, err } = await host.heartbeat("start");
    assert.equal(code, 6, err);
    assert.match(err, /ha\.cf:1:1/);
    assert.match(err, /keepalive/);
    assert.throws(() => Deno.statSync(`${host.root}/run`), Deno.errors.NotFound);
    assert.throws(() => Deno.statSync(`${host.root}/var`), Deno.errors.NotFound);
  }));

Deno.test("daemon: HUP with errors keeps what runs, then takes new keys and groups", () =>
  withHost(async (host) => {
    assert.equal((await host.heartbeat("start")).code, 0);
    await until("both resources up", () => starts(host).length === 2);
    const pid = host.pid();

    host.config("authkeys", "auth 7\n1 sha1 one\n");
    Deno.kill(pid, "SIGHUP");
    await until("the refusal", () => host.logged("the running configuration stays").length > 0);
    assert.ok(host.logged("authkeys:1").length > 0, "does not name the place");
    assert.match((await host.heartbeat("status")).out, /! Not reloaded, the running/);

    host.config("authkeys", "auth 2\n1 sha1 one\n2 sha1 two\n");
    Deno.kill(pid, "SIGHUP");
    await until("new keys", () => host.logged("Rereading authentication file.").length === 1);

    host.config("haresources", "ha1 svc::a svc::b\nha1 svc::c\n");
    Deno.kill(pid, "SIGHUP");
    await until("the new group", () => starts(host).includes("c start"));

    Deno.kill(pid, "SIGHUP");
    await until("nothing new", () => host.logged("Configuration unchanged.").length === 1);

    const haCf = Deno.readTextFileSync(`${host.root}/etc/ha.d/ha.cf`);
    for (const [text, waits] of [[`${haCf}msgfmt netstring\n`, true], [haCf, false]] as const) {
      host.config("ha.cf", text);
      assert.equal((await host.heartbeat("reload")).code, 0);
      assert.equal(/! A restart is .*msgfmt/.test((await host.heartbeat("status")).out), waits);
    }
    assert.deepEqual(starts(host), ["a start", "b start", "c start"]);
    assert.ok(!host.calls().some((call) => call.endsWith(" stop")), "a reload stopped something");
    assert.ok(lives(pid));
  }));

Deno.test("daemon: a pipe or a device in place of a file holds up no reload", () =>
  withHost(async (host) => {
    assert.equal((await host.heartbeat("start")).code, 0);
    await until("both resources up", () => starts(host).length === 2);
    const pipe = ["-m", "600", `${host.root}/pipe`];
    assert.ok(new Deno.Command("mkfifo", { args: pipe }).outputSync().success);
    for (const name of ["authkeys", "haresources", "heartbeat.toml"]) {
      for (const instead of [`${host.root}/pipe`, "/dev/zero"]) {
        const path = `${host.root}/etc/ha.d/${name}`;
        const before = isFile(path) ? Deno.readTextFileSync(path) : null;
        if (before !== null) Deno.removeSync(path);
        Deno.symlinkSync(instead, path);
        const { code, err } = await host.heartbeat("reload");
        assert.notEqual(code, 0, `${name} -> ${instead}`);
        assert.match(
          err,
          new RegExp(`Cannot read .*${name}: not a regular file`),
          `${name} -> ${instead}`,
        );
        Deno.removeSync(path);
        if (before !== null) Deno.writeTextFileSync(path, before, { mode: 0o600 });
      }
    }
    const { code, err } = await host.heartbeat("reload");
    assert.equal(code, 0, err);
  }));

Deno.test("daemon: USR1 and USR2 raise and lower the debug level", () =>
  withHost(async (host) => {
    assert.equal((await host.heartbeat("start")).code, 0);
    Deno.kill(host.pid(), "SIGUSR1");
    await until("level 1", () => host.logged("Debug level is now 1").length === 1);
    Deno.kill(host.pid(), "SIGUSR2");
    await until("level 0", () => host.logged("Debug level is now 0").length === 1);
  }));

Deno.test("daemon: after kill -9 a new start finds what it holds and neither stops nor loses it", () =>
  withHost(async (host) => {
    assert.equal((await host.heartbeat("start")).code, 0);
    await until("both resources up", () => starts(host).length === 2);
    const first = await killed(host);
    const before = host.calls().length;
    // The first life's last lines may have died with it.
    const deaths = host.logged("node ha2: is dead").length;

    const started = await host.heartbeat("start");
    assert.equal(started.code, 0, started.err);
    assert.notEqual(host.pid(), first);
    await until("both found", () => {
      const since = host.calls().slice(before);
      return since.includes("a status") && since.includes("b status");
    });
    await until("alone again", () => host.logged("node ha2: is dead").length > deaths);
    assert.ok(!host.calls().slice(before).some((call) => call.endsWith(" stop")));
    assert.ok(Deno.statSync(`${host.root}/up.a`).isFile);
    assert.ok(Deno.statSync(`${host.root}/up.b`).isFile);
    const generations = host.logged("Heartbeat generation: ").map((line) =>
      line.split(": ").at(-1)
    );
    assert.equal(Number(generations[1]), Number(generations[0]) + 1);
  }));

Deno.test("daemon: after kill -9 without a note of what it held, every group is asked about", () =>
  withHost(async (host) => {
    assert.equal((await host.heartbeat("start")).code, 0);
    await until("both resources up", () => starts(host).length === 2);
    await killed(host);
    Deno.removeSync(`${host.root}/run/heartbeat/held.json`);
    const before = host.calls().length;

    assert.equal((await host.heartbeat("start")).code, 0);
    await until("both found", () => {
      const since = host.calls().slice(before);
      return since.includes("a status") && since.includes("b status");
    });
    await until("the claim", () => host.logged("still runs here: keeping it").length === 1);
    assert.equal(starts(host).length, 2);
    assert.equal((await host.heartbeat("stop")).code, 0);

    const orderly = host.calls().length;
    assert.equal((await host.heartbeat("start")).code, 0);
    await until("its own start", () => starts(host).length > 2);
    const [next] = host.calls().slice(orderly);
    assert.notEqual(next, "b status", "after an orderly end nothing is asked in advance");
  }));

Deno.test("daemon: whoever empties /run under it can still stop it, and it puts its files back", () =>
  withHost(async (host) => {
    assert.equal((await host.heartbeat("start")).code, 0);
    await until("both resources up", () => starts(host).length === 2);
    const pid = host.pid();
    const remove = (path: string) => Deno.remove(`${host.root}${path}`, { recursive: true });
    const empty = async () => {
      // The daemon may put a file there in the middle of it.
      for (let tries = 0; tries < 5; tries++) await remove("/run/heartbeat").catch(() => {});
      await remove("/run/heartbeat.pid");
    };
    await empty();
    const running = await host.heartbeat("-s");
    assert.equal(running.code, 0, running.out);
    assert.ok(running.out.includes(`[pid ${pid} et al] is running`), running.out);
    const uninstall = await host.heartbeat("install", "--uninstall");
    assert.match(uninstall.err, /the daemon runs \[pid \d+\]; stop it first/);
    // Twice, when it looks between one removal and the other.
    await until("its files", () => host.pid() === pid && host.logged("put back").length > 0);
    assert.notEqual((await host.heartbeat("status")).out, "");
    await until("its note", () => isFile(`${host.root}/run/heartbeat/held.json`));

    await empty();
    const stopped = await host.heartbeat("stop");
    assert.equal(stopped.code, 0, stopped.err);
    assert.ok(!isThere(pid), "stop said that it is done, and the daemon runs");
    assert.ok(host.calls().includes("a stop"));
  }));

Deno.test("daemon: a start that outlived kill -9 is ended before the next daemon asks anything", () =>
  withHost(async (host) => {
    const { root } = host;
    host.config("haresources", "ha1 svc::a\n");
    // Only the first start takes long.
    const start = 'echo "begun $$"; [ -e first ] || { : >first; sleep 30; }; : >up';
    const status = '[ -e up ] || exit 3; echo "running"';
    host.config(
      "resource.d/svc",
      `#!/bin/sh\ncd ${root}; exec >>calls; case $2 in start) ${start};; status) ${status};; esac\n`,
    );
    const begun = () => host.calls().filter((call) => call.startsWith("begun "));
    assert.equal((await host.heartbeat("start")).code, 0);
    await until("the slow start", () => begun().length === 1);
    await killed(host);
    const orphan = Number(begun()[0]?.split(" ")[1]);
    assert.ok(isThere(orphan), "the slow start was too fast for this test");
    assert.equal((await host.heartbeat("start")).code, 0);
    assert.ok(!isThere(orphan), "the next daemon is ready, and the start of the first still runs");
    await until("its own start", () => begun().length === 2);
    assert.equal(host.logged("still runs for a daemon that was killed").length, 1);
  }));

Deno.test("daemon: in the foreground it logs to stderr, without its file too, and ends with 0 on TERM", () =>
  withHost(async (host) => {
    host.config("ha.cf", `${HA_CF(nextPort++)}logfile /etc/ha.d/ha.cf/no-directory\n`);
    const running = host.heartbeat("start", "-D");
    // No sooner can anybody know whom to signal.
    await until("the pid file", () => host.pid() > 0);
    Deno.kill(host.pid(), "SIGTERM");
    const { code, err } = await running;
    assert.equal(code, 0, err);
    assert.match(err, /heartbeat: \[\d+\]: info: Heartbeat shutdown in progress/);
  }));

Deno.test("daemon: a defect of its own ends it with 1, says where, and releases nothing", () =>
  withHost(async (host) => {
    const child = new URL("defect_child.ts", import.meta.url).pathname;
    const running = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-prompt", child, host.root],
      stdin: "null",
    }).output();
    await until("both resources up", () => starts(host).length === 2);
    const pid = host.pid();
    Deno.writeTextFileSync(`${host.root}/defect`, "");
    assert.equal((await running).code, 1);
    assert.equal(host.logged("CRIT: Heartbeat ends without releasing anything").length, 1);
    assert.ok(host.logged("defect_child.ts:").length > 0, "the stack is not in the log");
    assert.ok(!host.calls().some((call) => call.endsWith(" stop")));
    assert.equal(host.pid(), pid);
    const note = Deno.readTextFileSync(`${host.root}/run/heartbeat/held.json`);
    assert.deepEqual(JSON.parse(note).held, ["svc::a svc::b"]);
  }));
