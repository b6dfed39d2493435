/** The example agents keep every promise, each against a real counterpart, and guard what they say. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PromiseName } from "../../agents/conformance/promises.ts";
import type { AgentReport } from "../../core/runtime/agent_trial.ts";
import { KitBench } from "../agents/kit_bench.ts";
import { eventually } from "../eventually.ts";

const AGENTS = join(import.meta.dirname ?? ".", "../../examples/agents");
const NOBODY = 65_534;
const POSTGRESQL_BIN = postgresqlBin();
const NO_POSTGRESQL = POSTGRESQL_BIN === undefined
  ? "no PostgreSQL server in /usr/lib/postgresql"
  : Deno.uid() !== 0
  ? "only root can be the owner of its data"
  : undefined;
if (NO_POSTGRESQL !== undefined) {
  console.log(`postgresql_primary is not tested: ${NO_POSTGRESQL}`);
}

function mustKeep(report: AgentReport, ...promises: PromiseName[]): void {
  const shown = JSON.stringify(report.verdicts, null, 2);
  assert.deepEqual(report.broken, [], shown);
  const kept = report.verdicts.filter(({ result }) => result === "kept").map(({ name }) => name);
  for (const name of promises) assert.ok(kept.includes(name), `${name} was not tested\n${shown}`);
}

/** A provider with one rule: an address points to the instance that was put last. */
class CloudApi implements AsyncDisposable {
  readonly holders = new Map<string, string>();
  readonly requests: string[] = [];
  delayMs = 0;
  readonly #server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      // A call that was given up in the middle of its request.
      onError: () => new Response(null, { status: 500 }),
    },
    (request) => this.#answer(request),
  );

  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/v1`;
  }

  async #answer(request: Request): Promise<Response> {
    const [, address = ""] = /^\/v1\/addresses\/(.+)$/.exec(new URL(request.url).pathname) ?? [];
    this.requests.push(request.method);
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (address === "") return new Response("no such thing", { status: 404 });
    if (request.method === "PUT") this.holders.set(address, (await request.json()).instance);
    if (request.method === "DELETE") this.holders.delete(address);
    return Response.json({ instance: this.holders.get(address) ?? null });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("cloud_address: keeps every promise against an API that takes its time", async () => {
  await using api = new CloudApi();
  api.delayMs = 80;
  await using bench = new KitBench(AGENTS);
  const report = await bench.test("cloud_address", "203.0.113.7", api.endpoint, "i-1");
  mustKeep(report, "start", "stop", "status", "deadline", "arguments", "order");
  assert.equal(api.holders.get("203.0.113.7"), undefined);
});

Deno.test("cloud_address: a stop leaves alone what the peer has taken", async () => {
  await using api = new CloudApi();
  await using bench = new KitBench(AGENTS);
  const words = ["203.0.113.7", api.endpoint, "i-1"];
  assert.equal(await bench.call("cloud_address", "start", ...words), "ok");
  api.holders.set("203.0.113.7", "i-2");
  assert.equal(await bench.call("cloud_address", "status", ...words), "stopped");
  assert.equal(await bench.call("cloud_address", "stop", ...words), "ok");
  assert.equal(api.holders.get("203.0.113.7"), "i-2");
  assert.ok(!api.requests.includes("DELETE"));
});

Deno.test("queue_worker: keeps every promise", async () => {
  await using bench = new KitBench(AGENTS);
  const report = await bench.test("queue_worker", join(bench.root, "spool"));
  mustKeep(report, "start", "stop", "status", "deadline", "cancellation", "arguments", "order");
});

Deno.test("queue_worker: works when it is ready; one that dies early is a failed start", async () => {
  await using bench = new KitBench(AGENTS);
  const spool = join(bench.root, "spool");
  assert.equal(await bench.call("queue_worker", "start", spool), "ok");
  Deno.writeTextFileSync(join(spool, "new/job"), "");
  await eventually("the job is done", () => existsSync(join(spool, "done/job")));
  assert.equal(await bench.call("queue_worker", "stop", spool), "ok");
  const broken = await bench.call("queue_worker", "start", spool, "/bin/false");
  assert.match(broken, /^failed: .*\/bin\/false ended before it was ready/);
});

Deno.test({
  name: "postgresql_primary: keeps every promise; refuses to be the second primary",
  ignore: NO_POSTGRESQL !== undefined,
  async fn() {
    await using bench = new KitBench(AGENTS);
    await using pair = await PostgresqlPair.open(bench.root);
    mustKeep(
      await bench.test("postgresql_primary", pair.first),
      "start",
      "stop",
      "status",
      "order",
    );

    assert.equal(await bench.call("postgresql_primary", "start", pair.first), "ok");
    await pair.follow();
    const refused = await bench.call("postgresql_primary", "start", pair.second);
    assert.match(refused, /^failed: .*not promoted: it still streams from/);
    assert.equal(await bench.call("postgresql_primary", "stop", pair.first), "ok");
    assert.equal(await bench.call("postgresql_primary", "start", pair.second), "ok");
    assert.equal(await bench.call("postgresql_primary", "status", pair.second), "running");
  },
});

Deno.test({
  name: "postgresql_primary: a primary that crashed does not come back beside its successor",
  ignore: NO_POSTGRESQL !== undefined,
  async fn() {
    await using bench = new KitBench(AGENTS);
    await using pair = await PostgresqlPair.open(bench.root);
    assert.equal(await bench.call("postgresql_primary", "start", pair.first), "ok");
    await pair.follow();
    await pair.crash(pair.first);
    assert.equal(await bench.call("postgresql_primary", "start", pair.second), "ok");
    const refused = await bench.call("postgresql_primary", "start", pair.first);
    assert.match(refused, /^failed: .*ended as the primary.* pg_rewind .*standby\.signal/);
    assert.equal(await bench.call("postgresql_primary", "status", pair.first), "stopped");
    assert.equal(await bench.call("postgresql_primary", "stop", pair.first), "ok");
  },
});

/** Two data directories that belong to an unprivileged user; servers listen on sockets only. */
class PostgresqlPair implements AsyncDisposable {
  readonly first: string;
  readonly second: string;

  private constructor(root: string) {
    this.first = join(root, "pg1");
    this.second = join(root, "pg2");
  }

  static async open(root: string): Promise<PostgresqlPair> {
    const pair = new PostgresqlPair(root);
    Deno.chmodSync(root, 0o755);
    for (const data of [pair.first, pair.second]) {
      for (const dir of [data, pair.#socket(data)]) {
        Deno.mkdirSync(dir, { mode: 0o700 });
        Deno.chownSync(dir, NOBODY, NOBODY);
      }
    }
    await pair.#run("initdb", "-N", "-A", "trust", "-U", "postgres", "-D", pair.first);
    pair.#configure(pair.first);
    Deno.writeTextFileSync(join(pair.first, "standby.signal"), "");
    return pair;
  }

  /** The second one becomes a streaming standby of the first, which runs. */
  async follow(): Promise<void> {
    await this.#run(
      "pg_basebackup",
      "-h",
      this.#socket(this.first),
      "-U",
      "postgres",
      "-R",
      "-D",
      this.second,
    );
    this.#configure(this.second);
    await this.#run("pg_ctl", "start", "-w", "-s", "-D", this.second, "-l", `${this.second}/log`);
    const sql = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
    const where = ["-h", this.#socket(this.first), "-U", "postgres"];
    await eventually("the second server streams from the first", async () => {
      return (await this.#run("psql", "-AtqX", ...where, "-c", sql)).trim() === "1";
    });
  }

  /** Nothing is written or sent any more, as when the power goes. */
  async crash(dir: string): Promise<void> {
    await this.#run("pg_ctl", "stop", "-m", "immediate", "-D", dir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const dir of [this.first, this.second]) {
      if (existsSync(join(dir, "postmaster.pid"))) await this.crash(dir);
    }
  }

  /** Not in the data directory, which the second one copies from the first. */
  #socket(dir: string): string {
    return `${dir}.socket`;
  }

  #configure(dir: string): void {
    const lines = [
      "listen_addresses = ''",
      `unix_socket_directories = '${this.#socket(dir)}'`,
      "fsync = off",
    ];
    Deno.writeTextFileSync(join(dir, "postgresql.conf"), lines.join("\n") + "\n", { append: true });
  }

  async #run(program: string, ...args: string[]): Promise<string> {
    const output = await new Deno.Command(`${POSTGRESQL_BIN}/${program}`, {
      args,
      uid: NOBODY,
      gid: NOBODY,
      cwd: "/",
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    if (output.success) return text.decode(output.stdout);
    throw new Error(`${program}: ${text.decode(output.stdout)}${text.decode(output.stderr)}`);
  }
}

function postgresqlBin(): string | undefined {
  try {
    const [version] = [...Deno.readDirSync("/usr/lib/postgresql")];
    return version === undefined ? undefined : `/usr/lib/postgresql/${version.name}/bin`;
  } catch {
    return undefined;
  }
}
