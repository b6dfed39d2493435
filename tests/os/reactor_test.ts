/** The epoll reactor on real descriptors. */
import assert from "node:assert/strict";
import { check } from "../../core/os/errno.ts";
import { libc } from "../../core/os/libc.ts";
import { FAILED, Reactor, READABLE, WRITABLE } from "../../core/os/reactor.ts";

const EFD_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;
const eventfd = (count: number) => check("eventfd", libc.eventfd(count, EFD_CLOEXEC_NONBLOCK));
const raise = (fd: number) =>
  check("write", libc.write(fd, new Uint8Array(new BigUint64Array([1n]).buffer), 8));
const drain = (fd: number) => libc.read(fd, new Uint8Array(8), 8);
const openFds = () => [...Deno.readDirSync("/proc/self/fd")].length;

/** Runs with a reactor that must not report anything, and stops it. */
async function withReactor(body: (reactor: Reactor) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  const reactor = new Reactor((error) => errors.push(error));
  try {
    await body(reactor);
  } finally {
    await reactor.stop();
  }
  assert.deepEqual(errors, []);
}

Deno.test("Reactor: calls back once per readiness and only for the descriptor that is ready", async () => {
  await withReactor(async (reactor) => {
    const quiet = eventfd(0);
    const loud = eventfd(0);
    const heard: string[] = [];
    const rounds = 50;
    await new Promise<void>((done) => {
      reactor.watch(quiet, READABLE, () => heard.push("quiet"));
      reactor.watch(loud, READABLE, (events) => {
        drain(loud);
        heard.push(`loud ${events}`);
        if (heard.length === rounds) done();
        else raise(loud);
      });
      raise(loud);
    });
    assert.deepEqual(new Set(heard), new Set([`loud ${READABLE}`]));
    assert.equal(heard.length, rounds);
    reactor.unwatch(quiet);
    reactor.unwatch(loud);
    libc.close(quiet);
    libc.close(loud);
  });
});

Deno.test("Reactor: an event in hand never reaches a new watch of a reused descriptor number", async () => {
  await withReactor(async (reactor) => {
    const [a, b] = [eventfd(1), eventfd(1)];
    const heard: string[] = [];
    let reused = -1;
    await new Promise<void>((done) => {
      const swap = (self: number, other: number) => () => {
        heard.push("first");
        reactor.unwatch(self);
        reactor.unwatch(other);
        libc.close(other);
        reused = eventfd(0);
        assert.equal(reused, other);
        reactor.watch(reused, READABLE, () => heard.push("stale"));
        setTimeout(done, 20);
      };
      reactor.watch(a, READABLE, swap(a, b));
      reactor.watch(b, READABLE, swap(b, a));
    });
    assert.deepEqual(heard, ["first"]);
    reactor.unwatch(reused);
    libc.close(reused);
    libc.close(reused === a ? b : a);
  });
});

Deno.test("Reactor: a callback that throws is reported and the others go on", async () => {
  const errors: unknown[] = [];
  const reactor = new Reactor((error) => errors.push(error));
  const [bad, good] = [eventfd(1), eventfd(0)];
  try {
    await new Promise<void>((done) => {
      reactor.watch(bad, READABLE, () => {
        drain(bad);
        raise(good);
        throw new Error("on purpose");
      });
      reactor.watch(good, READABLE, () => {
        drain(good);
        done();
      });
    });
    assert.deepEqual(errors.map(String), ["Error: on purpose"]);
  } finally {
    await reactor.stop();
    libc.close(bad);
    libc.close(good);
  }
});

Deno.test("Reactor: modify switches the interest, and a hang-up comes unasked", async () => {
  await withReactor(async (reactor) => {
    const fd = eventfd(0);
    await new Promise<void>((done) => {
      reactor.watch(fd, 0, (events) => {
        assert.equal(events, WRITABLE);
        done();
      });
      reactor.modify(fd, WRITABLE);
    });
    reactor.unwatch(fd);
    assert.throws(() => reactor.modify(fd, READABLE), /is not watched/);
    libc.close(fd);

    const server = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    server.close();
    const AF_INET = 2;
    const STREAM_CLOEXEC_NONBLOCK = 1 | 0o2000000 | 0o4000;
    const socket = check("socket", libc.socket(AF_INET, STREAM_CLOEXEC_NONBLOCK, 0));
    const events = await new Promise<number>((done) => reactor.watch(socket, 0, done));
    assert((events & FAILED) !== 0);
    reactor.unwatch(socket);
    libc.close(socket);
  });
});

Deno.test("Reactor: refuses a closed descriptor and a second watch, by errno name", async () => {
  await withReactor((reactor) => {
    const fd = eventfd(0);
    reactor.watch(fd, READABLE, () => {});
    assert.throws(() => reactor.watch(fd, READABLE, () => {}), { name: "EEXIST" });
    reactor.unwatch(fd);
    reactor.unwatch(fd);
    libc.close(fd);
    assert.throws(() => reactor.watch(fd, READABLE, () => {}), { name: "EBADF" });
    return Promise.resolve();
  });
});

Deno.test("Reactor: 100 starts and stops leave no descriptor, and a stopped one refuses", async () => {
  const before = openFds();
  for (let i = 0; i < 100; i++) {
    await withReactor((reactor) => {
      const fd = eventfd(0);
      reactor.watch(fd, READABLE, () => {});
      reactor.unwatch(fd);
      libc.close(fd);
      return Promise.resolve();
    });
  }
  assert.equal(openFds(), before);
  const reactor = new Reactor(() => {});
  await reactor.stop();
  assert.throws(() => reactor.watch(0, READABLE, () => {}), /the reactor is stopped/);
});
