/**
 * A package replaces the program under a running daemon: the daemon goes on, and what it starts
 * from then on is the new file.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { PATIENCE_MS } from "../eventually.ts";
import { MAIN_COMMAND } from "../program.ts";

const PORT = 30_000 + Deno.pid % 2_000;
const HA_CF = `keepalive 100ms
deadtime 2
initdead 2
realtime off
udpport ${PORT}
ucast lo 127.0.0.1
auto_failback on
node ha1 ha2
`;
const PLUGIN = `import { type Agent, CONTRACT_VERSION } from "heartbeat";
export default {
  name: "marker",
  contract: CONTRACT_VERSION,
  summary: "a file",
  parameters: [{ name: "path", doc: "the file", required: true }],
  start: ({ args: [path] }) => Deno.writeTextFile(path, ""),
  stop: ({ args: [path] }) => Deno.remove(path),
  status: ({ args: [path] }) => Deno.stat(path).then(() => "running", () => "stopped"),
} satisfies Agent;
`;

async function until<T>(what: string, find: () => T | undefined): Promise<T> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (performance.now() > endMs) assert.fail(`in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

/** The plugin host of a daemon, other than `not`. */
function hostOf(daemon: number, not?: number): number | undefined {
  // Any of its threads may have started it.
  const children = [...Deno.readDirSync(`/proc/${daemon}/task`)].flatMap(({ name }) =>
    read(`/proc/${daemon}/task/${name}/children`)?.trim().split(" ").map(Number) ?? []
  );
  return children.find((pid) =>
    pid !== not && read(`/proc/${pid}/comm`)?.startsWith("heartbeat:plug") === true
  );
}

Deno.test("upgrade: a plugin host that dies after the program was replaced comes back", async () => {
  const root = await Deno.makeTempDir({ prefix: "hb-upgrade-" });
  const [original, ...words] = MAIN_COMMAND;
  const program = join(root, "heartbeat");
  const put = (name: string, text: string, mode = 0o644) =>
    Deno.writeTextFileSync(join(root, "etc/ha.d", name), text, { mode });
  const heartbeat = async (verb: string) => {
    const args = [...words, verb, "--root", root];
    const { code, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  };
  let daemon: number | undefined;
  try {
    Deno.copyFileSync(original, program);
    Deno.mkdirSync(join(root, "etc/ha.d/resource.d"), { recursive: true });
    const marker = join(root, "marker");
    put("ha.cf", HA_CF);
    put("haresources", `ha1 marker::${marker}\n`);
    put("nodeinfo", "ha1\n");
    put("authkeys", "auth 1\n1 sha1 one\n", 0o600);
    put("resource.d/marker.ts", PLUGIN);
    await heartbeat("start");
    daemon = Number(read(join(root, "run/heartbeat.pid")));
    const pid = daemon;
    await until("the resource", () => read(marker));
    const old = await until("a plugin host", () => hostOf(pid));

    Deno.copyFileSync(program, `${program}.new`);
    Deno.renameSync(`${program}.new`, program);
    assert.match(Deno.readLinkSync(`/proc/${pid}/exe`), / \(deleted\)$/);

    Deno.kill(old, "SIGKILL");
    const next = await until("another plugin host", () => hostOf(pid, old));
    assert.equal(Deno.readLinkSync(`/proc/${next}/exe`), program);
    await heartbeat("stop");
    daemon = undefined;
    assert.equal(read(marker), undefined, "the plugin was not asked to stop its resource");
  } finally {
    if (daemon !== undefined) Deno.kill(daemon, "SIGKILL");
    await Deno.remove(root, { recursive: true });
  }
});
