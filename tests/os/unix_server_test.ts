/** The control socket server against real clients, slow, greedy and silent ones. */
import assert from "node:assert/strict";
import process from "node:process";
import { AF_UNIX, SOCK_STREAM } from "../../core/os/abi.ts";
import { MAX_QUEUED_BYTES } from "../../core/os/lines.ts";
import { Reactor } from "../../core/os/reactor.ts";
import { bindSocket, closeFd, openSocket, sockaddrUn } from "../../core/os/socket.ts";
import {
  type ConnectionHandler,
  MAX_IDLE_MS,
  MAX_LINE_BYTES,
  type UnixConnection,
} from "../../core/os/unix_connection.ts";
import { MAX_CONNECTIONS_PER_USER, UnixServer } from "../../core/os/unix_server.ts";
import { eventually } from "../eventually.ts";

const PERL = "/usr/bin/perl";
const canBeNobody = Deno.uid() === 0 && exists(PERL);
if (!canBeNobody) {
  console.log(`unix_server_test: another user's connection is not tested: needs root and ${PERL}`);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const openFds = () => [...Deno.readDirSync("/proc/self/fd")].length;
const encode = (text: string) => new TextEncoder().encode(text);

/** A server for one test, with what it told. */
class Bench implements AsyncDisposable {
  readonly directory = Deno.makeTempDirSync();
  readonly path = `${this.directory}/control`;
  readonly errors: unknown[] = [];
  readonly reactor = new Reactor((error) => this.errors.push(error));
  readonly closed: string[] = [];
  readonly server: UnixServer;

  constructor(line: ConnectionHandler["line"], mode = 0o600, maxIdleMs = MAX_IDLE_MS) {
    this.server = new UnixServer(this.reactor, { path: this.path, mode, maxIdleMs }, {
      line,
      closed: (_, reason) => this.closed.push(reason),
    });
  }

  connect(): Promise<Deno.UnixConn> {
    return Deno.connect({ transport: "unix", path: this.path });
  }

  untilClosed(count: number): Promise<void> {
    return eventually(`${count} are closed`, () => this.closed.length >= count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.close();
    await this.reactor.stop();
    Deno.removeSync(this.directory, { recursive: true });
  }
}

async function readAll(conn: Deno.UnixConn): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of conn.readable) text += decoder.decode(chunk, { stream: true });
  return text;
}

const echo = (connection: UnixConnection, text: string) => connection.send(`echo ${text}`);

Deno.test("UnixServer: answers lines, however they are cut, and knows who asks", async () => {
  const peers = new Set<string>();
  await using bench = new Bench((connection, text) => {
    peers.add(JSON.stringify(connection.peer));
    connection.send(`echo ${text}`);
    if (text === "last") connection.end();
  });
  const conn = await bench.connect();
  for (const part of ["on", "e\ntwo\nthr", "ée\n\n", "last\n"]) {
    await conn.write(encode(part));
    await new Promise((done) => setTimeout(done, 5));
  }
  assert.equal(await readAll(conn), "echo one\necho two\necho thrée\necho \necho last\n");
  const { pid, uid, gid } = { pid: Deno.pid, uid: Deno.uid(), gid: Deno.gid() };
  assert.deepEqual([...peers], [JSON.stringify({ pid, uid, gid })]);
  assert.deepEqual(bench.closed, ["answered"]);
  assert.deepEqual(bench.errors, []);
});

Deno.test("UnixServer: a client that says its last line and goes is still heard", async () => {
  const heard: (string | boolean)[] = [];
  await using bench = new Bench((from, text) => heard.push(text, from.hungUp));
  const conn = await bench.connect();
  const written = conn.write(encode("forget me\n"));
  conn.close();
  await written;
  await bench.untilClosed(1);
  assert.deepEqual(heard, ["forget me", true]);
  assert.deepEqual(bench.closed, ["the client went away"]);
});

Deno.test("UnixServer: a client that ends its input is answered later, without a busy loop", async () => {
  const asked: UnixConnection[] = [];
  await using bench = new Bench((connection) => asked.push(connection));
  const conn = await bench.connect();
  await conn.write(encode("slow\n"));
  await conn.closeWrite();
  await eventually("the question is heard", () => asked.length === 1);
  const cpuMs = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const [cpuBeganMs, beganMs] = [cpuMs(), performance.now()];
  await new Promise((done) => setTimeout(done, 500));
  const [ownMs, spanMs] = [cpuMs() - cpuBeganMs, performance.now() - beganMs];
  assert(ownMs < spanMs / 2, `${ownMs} ms of CPU in ${spanMs} ms`);
  assert.equal(asked[0]?.hungUp, false);
  asked[0]?.send("done");
  asked[0]?.end();
  assert.equal(await readAll(conn), "done\n");
});

Deno.test("UnixServer: a line of the longest length passes, a longer one ends the connection", async () => {
  const lengths: number[] = [];
  await using bench = new Bench((_, text) => lengths.push(text.length));
  const good = await bench.connect();
  await good.write(encode("x".repeat(1000)));
  good.close();
  for (const extra of [0, 1]) {
    const conn = await bench.connect();
    const data = encode(`${"x".repeat(MAX_LINE_BYTES + extra)}\n`);
    try {
      for (let at = 0; at < data.length;) at += await conn.write(data.subarray(at));
    } catch (error) {
      assert(error instanceof Deno.errors.BrokenPipe || extra === 1);
    }
    conn.close();
  }
  await bench.untilClosed(3);
  assert.deepEqual(lengths, [MAX_LINE_BYTES]);
  assert(bench.closed.includes(`its line is longer than ${MAX_LINE_BYTES} bytes`));
});

Deno.test("UnixServer: a long answer arrives whole; a client that never reads is cut off", async () => {
  const line = "y".repeat(100_000);
  let sent = 0;
  await using bench = new Bench((connection, text) => {
    for (sent = 0; sent < Number(text) && bench.closed.length === 0; sent++) connection.send(line);
    connection.end();
  });
  const reading = await bench.connect();
  await reading.write(encode("20\n"));
  assert.equal(await readAll(reading), `${line}\n`.repeat(20));
  bench.closed.length = 0;
  const deaf = await bench.connect();
  await deaf.write(encode("1000\n"));
  await bench.untilClosed(1);
  assert.deepEqual(bench.closed, [`more than ${MAX_QUEUED_BYTES} bytes wait for it to read`]);
  assert(sent * line.length < MAX_QUEUED_BYTES * 2);
  deaf.close();
});

Deno.test("UnixServer: replaces the socket of a dead server, respects a live one and other files", async () => {
  await using bench = new Bench(echo, 0o660);
  assert.equal((Deno.statSync(bench.path).mode ?? 0) & 0o777, 0o660);
  const again = () =>
    new UnixServer(bench.reactor, { path: bench.path, mode: 0o600 }, {
      line: echo,
      closed: () => {},
    });
  assert.throws(again, /another process listens at/);
  bench.server.close();
  assert.throws(() => Deno.statSync(bench.path), Deno.errors.NotFound);
  Deno.writeTextFileSync(bench.path, "precious");
  assert.throws(again, /is there and is not a socket/);
  assert.equal(Deno.readTextFileSync(bench.path), "precious");
  Deno.removeSync(bench.path);
  const abandoned = openSocket(AF_UNIX, SOCK_STREAM);
  bindSocket(abandoned, sockaddrUn(bench.path), bench.path);
  closeFd(abandoned);
  assert.equal(Deno.lstatSync(bench.path).isSocket, true);
  const server = again();
  const conn = await bench.connect();
  await conn.write(encode("alive\n"));
  await conn.closeWrite();
  const buffer = new Uint8Array(100);
  const length = await conn.read(buffer);
  assert.equal(new TextDecoder().decode(buffer.subarray(0, length ?? 0)), "echo alive\n");
  conn.close();
  server.close();
});

Deno.test("UnixServer: who asks nothing is cut off, half a line or not; who waits is not", async () => {
  const asked: UnixConnection[] = [];
  // Long enough that a question surely comes before it is over.
  const idleMs = 1_000;
  await using bench = new Bench((connection) => asked.push(connection), 0o600, idleMs);
  const waiting = await bench.connect();
  await waiting.write(encode("slow\n"));
  const [silent, half] = [await bench.connect(), await bench.connect()];
  await half.write(encode("hal"));
  await bench.untilClosed(2);
  assert.deepEqual(bench.closed, Array(2).fill(`asked nothing for ${idleMs} ms`));
  await new Promise((done) => setTimeout(done, idleMs));
  assert.equal(bench.closed.length, 2);
  asked[0]?.send("done");
  assert.equal(await readAll(waiting), "done\n");
  assert.equal(bench.closed.length, 3);
  for (const conn of [silent, half]) conn.close();
});

Deno.test("UnixServer: a user's idle connections make room for the same user's questions", async () => {
  await using bench = new Bench((connection, text) => text === "hi" && connection.send("there"));
  const greet = async (conn: Deno.UnixConn) => {
    await conn.write(encode("hi\n"));
    assert.equal(await conn.read(new Uint8Array(10)), "there\n".length);
  };
  const idle = [];
  for (let i = 0; i < 4 * MAX_CONNECTIONS_PER_USER; i++) {
    const conn = await bench.connect();
    idle.push(conn);
    // The server has a short backlog; it takes those first that came first.
    if (i % 8 === 0) await greet(conn);
  }
  const asking = await bench.connect();
  await greet(asking);
  assert.equal(bench.closed.length, 3 * MAX_CONNECTIONS_PER_USER + 1);
  assert.equal(bench.closed.at(-1), "its user wants another connection");
  for (const conn of [...idle, asking]) conn.close();
});

Deno.test("UnixServer: connections that wait for an answer are never closed for another", async () => {
  let asked = 0;
  await using bench = new Bench(() => asked++);
  const waiting = [];
  for (let i = 0; i < MAX_CONNECTIONS_PER_USER; i++) {
    const conn = await bench.connect();
    await conn.write(encode("slow\n"));
    waiting.push(conn);
  }
  await eventually("all questions are heard", () => asked === waiting.length);
  const refused = await bench.connect();
  assert.equal(await refused.read(new Uint8Array(1)), null);
  assert.deepEqual(bench.closed, []);
  for (const conn of [...waiting, refused]) conn.close();
});

Deno.test({
  name: "UnixServer: many users together cannot keep root out",
  ignore: !canBeNobody,
  async fn() {
    await using bench = new Bench(echo, 0o666);
    Deno.chmodSync(bench.directory, 0o755);
    const hold = `use Socket; my @held;
      for (1..$ARGV[1]) { socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
        connect($s, sockaddr_un($ARGV[0])) or die; push @held, $s }
      $| = 1; print "held"; <STDIN>;`;
    const args = ["-e", hold, bench.path, `${MAX_CONNECTIONS_PER_USER}`];
    const holders = [65531, 65532, 65533, 65534].map((uid) =>
      new Deno.Command(PERL, { args, uid, gid: uid, stdin: "piped", stdout: "piped" }).spawn()
    );
    for (const holder of holders) {
      const reader = holder.stdout.getReader();
      assert.equal((await reader.read()).done, false);
      await reader.cancel();
    }
    const conn = await bench.connect();
    await conn.write(encode("root\n"));
    await conn.closeWrite();
    const answer = new Uint8Array(20);
    assert.equal(await conn.read(answer), "echo root\n".length);
    conn.close();
    for (const holder of holders) {
      await holder.stdin.close();
      await holder.status;
    }
  },
});

Deno.test("UnixServer: 100 connections leave no descriptor, nor does the end of the server", async () => {
  const before = openFds();
  {
    await using bench = new Bench((connection, text) => {
      connection.send(text);
      if (text !== "stay") connection.end();
    });
    for (let i = 0; i < 100; i++) {
      const conn = await bench.connect();
      await conn.write(encode(`${i}\n`));
      assert.equal(await readAll(conn), `${i}\n`);
    }
    const open = await bench.connect();
    await open.write(encode("stay\nbeg"));
    assert.equal(await open.read(new Uint8Array(10)), "stay\n".length);
    bench.server.close();
    assert.equal(bench.closed.at(-1), "the server ends");
    open.close();
  }
  assert.equal(openFds(), before);
});

Deno.test({
  name: "UnixServer: the kernel names another user, and the mode keeps others out",
  ignore: !canBeNobody,
  async fn() {
    const peers: number[][] = [];
    await using bench = new Bench((connection) => {
      peers.push([connection.peer.uid, connection.peer.gid]);
      connection.end();
    }, 0o666);
    Deno.chmodSync(bench.directory, 0o755);
    const say = `use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
      connect($s, sockaddr_un($ARGV[0])) or die; syswrite($s, "hi\\n"); sysread($s, my $x, 1);`;
    const asNobody = () =>
      new Deno.Command(PERL, {
        args: ["-e", say, bench.path],
        uid: 65534,
        gid: 65534,
        stderr: "null",
      }).spawn().status;
    assert.equal((await asNobody()).success, true);
    assert.deepEqual(peers, [[65534, 65534]]);
    Deno.chmodSync(bench.path, 0o600);
    assert.equal((await asNobody()).success, false);
    assert.equal(peers.length, 1);
  },
});
