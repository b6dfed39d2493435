/** Names of errors, and errno right after the call that failed. */
import assert from "node:assert/strict";
import {
  check,
  errnoName,
  errnoNumber,
  errnoText,
  lastErrno,
  SystemError,
} from "../../core/os/errno.ts";
import { libc } from "../../core/os/libc.ts";

Deno.test("errnoName: the names that media, addresses and sockets meet have their Linux numbers", () => {
  const expected: Record<number, string> = {
    1: "EPERM",
    2: "ENOENT",
    4: "EINTR",
    11: "EAGAIN",
    17: "EEXIST",
    19: "ENODEV",
    22: "EINVAL",
    32: "EPIPE",
    34: "ERANGE",
    35: "EDEADLK",
    61: "ENODATA",
    90: "EMSGSIZE",
    95: "EOPNOTSUPP",
    98: "EADDRINUSE",
    99: "EADDRNOTAVAIL",
    100: "ENETDOWN",
    101: "ENETUNREACH",
    105: "ENOBUFS",
    110: "ETIMEDOUT",
    111: "ECONNREFUSED",
    113: "EHOSTUNREACH",
    115: "EINPROGRESS",
    133: "EHWPOISON",
  };
  for (const [errno, name] of Object.entries(expected)) {
    assert.equal(errnoName(Number(errno)), name);
    assert.equal(errnoNumber(name), Number(errno));
  }
});

Deno.test("errnoName: every number from 1 to 133 but 41 and 58 has its own name", () => {
  const names = new Set<string>();
  for (let errno = 1; errno <= 133; errno++) names.add(errnoName(errno));
  assert.equal(names.size, 133);
  assert.deepEqual([...names].filter((name) => !/^E[A-Z0-9]+$/.test(name)), [
    "errno 41",
    "errno 58",
  ]);
  assert.equal(errnoName(4711), "errno 4711");
});

Deno.test("errnoNumber: refuses a name that Linux does not have", () => {
  assert.throws(() => errnoNumber("ENONSENSE"), /no errno is called "ENONSENSE"/);
  assert.throws(() => errnoNumber("-"));
});

Deno.test("check: throws a SystemError that names call, errno and meaning", () => {
  assert.throws(() => check("close fd -1", libc.close(-1)), (error) => {
    assert(error instanceof SystemError);
    assert.equal(error.name, "EBADF");
    assert.equal(error.errno, 9);
    assert.equal(error.call, "close fd -1");
    assert.equal(error.message, `close fd -1: EBADF (${errnoText(9)})`);
    return true;
  });
  assert.equal(check("nothing", 5), 5);
});

Deno.test("lastErrno: is right after each of 20000 failing calls while memory is collected", () => {
  const missing = new TextEncoder().encode("/no/such/file\0");
  const kept: number[][] = [];
  for (let i = 0; i < 20_000; i++) {
    kept[i % 100] = Array.from({ length: 100 }, () => i);
    if (i % 2 === 0) {
      assert.equal(libc.close(-1), -1);
      assert.equal(lastErrno(), 9);
    } else {
      assert.equal(libc.open(missing, 0, 0), -1);
      assert.equal(lastErrno(), 2);
    }
  }
});
