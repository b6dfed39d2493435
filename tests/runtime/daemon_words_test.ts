/** What a daemon of its own tells its service manager when it ends, and its log when it starts. */
import assert from "node:assert/strict";
import { eventually as until } from "../eventually.ts";
import { NotifySocket } from "../notify_socket.ts";
import { MAIN_COMMAND } from "../program.ts";

const STOCK_DELAY = "/etc/ha.d/resource.d/Delay";

/** Below the ephemeral ports, and different for test runs at the same time. */
const port = 10_000 + Deno.pid % 10_000;

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

interface Daemon {
  readonly root: string;
  /** Ends it in order, once. */
  end(): Promise<void>;
}

/** Runs a daemon in the foreground; its script `svc` notes its calls in `calls`. */
async function withDaemon(
  haresources: string,
  initdead: number,
  files: readonly string[],
  test: (daemon: Daemon) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "hb-words-" });
  const config = (name: string, text: string) =>
    Deno.writeTextFileSync(`${root}/etc/ha.d/${name}`, text, { mode: 0o600 });
  await Deno.mkdir(`${root}/etc/ha.d/resource.d`, { recursive: true });
  const times = `keepalive 100ms\ndeadtime 2\ninitdead ${initdead}\nrealtime off\n`;
  const media = `udpport ${port}\nucast lo 127.0.0.1\n`;
  config("ha.cf", `${times}${media}auto_failback on\nnode ha1 ha2\n`);
  config("haresources", haresources);
  config("nodeinfo", "ha1\n");
  config("authkeys", "auth 1\n1 sha1 one\n");
  config("resource.d/svc", `#!/bin/sh\n[ $2 = status ] || echo "$1 $2" >>${root}/calls\n`);
  await Deno.chmod(`${root}/etc/ha.d/resource.d/svc`, 0o755);
  for (const file of files) {
    await Deno.copyFile(file, `${root}/etc/ha.d/resource.d/${file.replace(/.*\//, "")}`);
  }
  const [program, ...words] = MAIN_COMMAND;
  const running = new Deno.Command(program, {
    args: [...words, "start", "--foreground", "--root", root],
    ...{ env: { NOTIFY_SOCKET: `${root}/notify` }, stdin: "null", stdout: "null", stderr: "null" },
  }).spawn();
  let isOver = false;
  const over = running.status.finally(() => isOver = true);
  const end = async () => {
    running.kill("SIGTERM");
    await over;
  };
  try {
    await test({ root, end });
  } finally {
    if (!isOver) running.kill("SIGKILL");
    await over;
    await Deno.remove(root, { recursive: true });
  }
}

function linesOf(path: string, wanted: string): string[] {
  if (!isFile(path)) return [];
  return Deno.readTextFileSync(path).split("\n").filter((line) => line.includes(wanted));
}

/** Whole seconds for which the daemon asked its service manager, in the order of its notices. */
function secondsIn(notices: readonly string[]): number[] {
  return notices.flatMap((notice) => {
    const [, us] = /^EXTEND_TIMEOUT_USEC=(\d+)$/.exec(notice) ?? [];
    return us === undefined ? [] : [Math.floor(Number(us) / 1e6)];
  });
}

Deno.test("daemon: a stop asks the service manager for the time that it may take", () =>
  withDaemon("ha1 svc::a svc::b\n", 2, [], async ({ root, end }) => {
    using manager = new NotifySocket(`${root}/notify`);
    await until("both starts", () => linesOf(`${root}/calls`, " start").length === 2);
    assert.deepEqual(secondsIn(manager.take()), []);
    await end();
    const [seconds = 0, ...more] = secondsIn(manager.take());
    // Two stops of 90 s, 10 s of grace, and the last beats.
    assert.ok(seconds > 200 && seconds < 300, String(seconds));
    assert.deepEqual(more, []);
  }));

Deno.test({
  name: "daemon: a start says once in its log which script of the original hides an agent",
  ignore: !isFile(STOCK_DELAY),
  fn: () =>
    // Nothing of it is started in this time.
    withDaemon("ha1 Delay::1 Delay::2\n", 600, [STOCK_DELAY], async ({ root, end }) => {
      const log = `${root}/var/log/ha-log`;
      await until("its start", () => linesOf(log, "Starting heartbeat").length === 1);
      await until("its socket", () => {
        try {
          return Deno.statSync(`${root}/run/heartbeat/control.sock`).isSocket === true;
        } catch {
          return false;
        }
      });
      await end();
      const said = linesOf(log, "of the original's package");
      assert.equal(said.length, 1, said.join("\n"));
      assert.match(said.join(), /hides the built-in agent \(.*delete \S+\/resource\.d\/Delay\)/);
    }),
});
