/** A daemon that can open none of its media: what the start says, to people and to systemd. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { eventually } from "../eventually.ts";
import { NotifySocket } from "../notify_socket.ts";
import { MAIN_COMMAND } from "../program.ts";
import { withDirectory } from "../with_directory.ts";

const HA_CF = (port: number) => `
keepalive 1
deadtime 5
initdead 600
realtime off
udpport ${port}
ucast lo 127.0.0.1
serial /dev/nosuch
node ha1 ha2
`;

function command(root: string, args: readonly string[], env: Record<string, string> = {}) {
  const [program, ...words] = MAIN_COMMAND;
  return new Deno.Command(program, {
    args: [...words, ...args, "--root", root],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function heartbeat(root: string, ...args: string[]) {
  const { code, stdout, stderr } = await command(root, args).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

interface Place {
  readonly root: string;
  /** Gives back the UDP port that the daemon wants. */
  free(): void;
}

async function withTakenPort(body: (place: Place) => Promise<void>): Promise<void> {
  const taken = createSocket("udp4");
  await new Promise<void>((resolve) => taken.bind(0, resolve));
  let isTaken = true;
  const free = () => {
    if (isTaken) taken.close();
    isTaken = false;
  };
  await withDirectory(async (root) => {
    const etc = `${root}/etc/ha.d`;
    await Deno.mkdir(etc, { recursive: true });
    const haCf = HA_CF(taken.address().port);
    const files = { "ha.cf": haCf, nodeinfo: "ha1\n", haresources: "ha1 Delay::0\n" };
    for (const [name, text] of Object.entries(files)) {
      Deno.writeTextFileSync(`${etc}/${name}`, text);
    }
    Deno.writeTextFileSync(`${etc}/authkeys`, "auth 1\n1 sha1 one\n", { mode: 0o600 });
    await body({ root, free });
  }).finally(free);
}

Deno.test("a deaf start ends with 1 and names each medium; the daemon runs on and opens them later", () =>
  withTakenPort(async ({ root, free }) => {
    const { code, err } = await heartbeat(root, "start");
    try {
      assert.equal(code, 1, err);
      assert.match(
        err,
        /heartbeat: This node is deaf: .*ucast lo .*EADDRINUSE.*, serial \/dev\/nosuch .*ENOENT/,
      );
      const deaf = await heartbeat(root, "status");
      assert.equal(deaf.code, 2);
      assert.match(deaf.out, /^\S+ DOWN .*\n {2}! This node is deaf/);
      free();
      await eventually("the port is opened", async () => {
        const { out } = await heartbeat(root, "status");
        return /^\S+ DOWN .*\n {2}! serial \/dev\/nosuch \S+ is not open/.test(out);
      });
    } finally {
      assert.equal((await heartbeat(root, "stop")).code, 0);
    }
  }));

Deno.test("a deaf daemon is ready for systemd, which would start it again and again else", () =>
  withTakenPort(async ({ root }) => {
    using manager = new NotifySocket(`${root}/notify`);
    const words = ["start", "--foreground"];
    await using daemon = command(root, words, { NOTIFY_SOCKET: manager.path }).spawn();
    const said = Promise.all([daemon.stdout.text(), daemon.stderr.text()]);
    try {
      await eventually("it is ready", () => manager.take().includes("READY=1"));
    } finally {
      daemon.kill("SIGTERM");
    }
    assert.match((await said).join(""), /This node is deaf/);
    assert.equal((await daemon.status).code, 0);
  }));
