/**
 * Files change under a running daemon. A package replaces the program: what the daemon starts from
 * then on is the new file. A plugin breaks or goes: what runs goes on with what was loaded.
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

interface Site {
  readonly root: string;
  /** The file that the plugin makes and removes. */
  readonly marker: string;
  readonly program: string;
  /** The daemon's. */
  readonly pid: number;
  put(name: string, text: string, mode?: number): void;
  heartbeat(verb: string): Promise<{ readonly code: number; readonly said: string }>;
  /** What it says is in the failure. */
  good(verb: string): Promise<void>;
}

/** A daemon that runs one plugin, under a root of its own. */
async function withDaemon(work: (site: Site) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "hb-upgrade-" });
  const [original, ...words] = MAIN_COMMAND;
  const program = join(root, "heartbeat");
  const marker = join(root, "marker");
  const put = (name: string, text: string, mode = 0o644) =>
    Deno.writeTextFileSync(join(root, "etc/ha.d", name), text, { mode });
  const heartbeat = async (verb: string) => {
    const args = [...words, verb, "--root", root];
    const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" })
      .output();
    const text = new TextDecoder();
    return { code, said: text.decode(stdout) + text.decode(stderr) };
  };
  const good = async (verb: string) => {
    const { code, said } = await heartbeat(verb);
    assert.equal(code, 0, said);
  };
  const daemon = () => Number(read(join(root, "run/heartbeat.pid")) ?? 0);
  try {
    Deno.copyFileSync(original, program);
    Deno.mkdirSync(join(root, "etc/ha.d/resource.d"), { recursive: true });
    put("ha.cf", HA_CF);
    put("haresources", `ha1 marker::${marker}\n`);
    put("nodeinfo", "ha1\n");
    put("authkeys", "auth 1\n1 sha1 one\n", 0o600);
    put("resource.d/marker.ts", PLUGIN);
    await good("start");
    await until("the resource", () => read(marker));
    await work({ root, marker, program, pid: daemon(), put, heartbeat, good });
  } finally {
    if (daemon() > 0) Deno.kill(daemon(), "SIGKILL");
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("upgrade: a plugin host that dies after the program was replaced comes back", () =>
  withDaemon(async ({ program, pid, marker, good }) => {
    const old = await until("a plugin host", () => hostOf(pid));

    Deno.copyFileSync(program, `${program}.new`);
    Deno.renameSync(`${program}.new`, program);
    assert.match(Deno.readLinkSync(`/proc/${pid}/exe`), / \(deleted\)$/);

    Deno.kill(old, "SIGKILL");
    const next = await until("another plugin host", () => hostOf(pid, old));
    assert.equal(Deno.readLinkSync(`/proc/${next}/exe`), program);
    await good("stop");
    assert.equal(read(marker), undefined, "the plugin was not asked to stop its resource");
  }));

Deno.test("a plugin that breaks is refused by a reload, and what runs can still be stopped", () =>
  withDaemon(async ({ root, pid, marker, put, heartbeat, good }) => {
    const old = await until("a plugin host", () => hostOf(pid));
    put("resource.d/marker.ts", `${PLUGIN}\nconst broken = ;\n`);
    for (const verb of ["check", "reload"]) {
      const { code, said } = await heartbeat(verb);
      assert.equal(code, 1, said);
      assert.match(said, /marker\.ts:\d+: /, verb);
    }
    assert.equal(read(marker), "", "it runs on");
    put("resource.d/marker.ts", PLUGIN.replace("Deno.remove(path)", "Promise.reject()"));
    Deno.kill(old, "SIGKILL");
    await until("another plugin host", () => hostOf(pid, old));
    Deno.removeSync(join(root, "etc/ha.d/resource.d/marker.ts"));
    const { code, said } = await heartbeat("reload");
    assert.equal(code, 0, said);
    assert.match(
      said,
      /unchanged\. \S+\/resource\.d\/marker\.ts is missing: .* a restart would lose it/,
    );
    await good("stop");
    assert.equal(read(marker), undefined, "the plugin that was loaded stops its resource");
  }));
