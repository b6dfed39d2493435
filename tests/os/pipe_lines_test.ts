/** Lines through pipes: whole, in order, cut and paced where the other end is immoderate. */
import assert from "node:assert/strict";
import { lastErrno } from "../../core/os/errno.ts";
import { libc } from "../../core/os/libc.ts";
import { LineWriter } from "../../core/os/line_writer.ts";
import { MAX_QUEUED_BYTES } from "../../core/os/lines.ts";
import { PacedLines, PAUSE_MS, PIECE_BYTES } from "../../core/os/paced_lines.ts";
import { Reactor } from "../../core/os/reactor.ts";
import { openPipe, setNonBlocking } from "../../core/os/run_program.ts";

async function withReactor(body: (reactor: Reactor) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  const reactor = new Reactor((error) => errors.push(error));
  await body(reactor);
  await reactor.stop();
  assert.deepEqual(errors, []);
}

function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => holds() ? resolve() : setTimeout(look, 5);
    look();
  });
}

Deno.test("lines pass whole and in order, more of them than a pipe holds", () =>
  withReactor(async (reactor) => {
    const pipe = openPipe();
    setNonBlocking(pipe.write, true);
    const lines: string[] = [];
    let ended = false;
    new PacedLines(reactor, pipe.read, 100_000, (line) => lines.push(line), () => ended = true);
    const writer = new LineWriter(reactor, pipe.write, (reason) => assert.fail(reason));
    const sent = ["", "ä ü €", "x".repeat(90_000), ...Array.from({ length: 50 }, (_, i) => `${i}`)];
    for (const line of sent) writer.send(line);
    await until(() => lines.length === sent.length);
    assert.deepEqual(lines, sent);
    writer.close();
    writer.send("too late");
    await until(() => ended);
  }));

Deno.test("PacedLines: a line that is too long is cut; one without an end is given at the end", () =>
  withReactor(async (reactor) => {
    const pipe = openPipe();
    const lines: string[] = [];
    const reader = new PacedLines(reactor, pipe.read, 10, (line) => lines.push(line));
    const data = new TextEncoder().encode(`${"a".repeat(25)}\nb\nrest`);
    libc.write(pipe.write, data, data.length);
    await until(() => lines.length === 2);
    libc.close(pipe.write);
    reader.finish();
    assert.deepEqual(lines, ["a".repeat(10), "b", "rest"]);
  }));

Deno.test("PacedLines: the last line is given though another process has the pipe open", () =>
  withReactor((reactor) => {
    const pipe = openPipe();
    const lines: string[] = [];
    let ends = 0;
    const reader = new PacedLines(reactor, pipe.read, 10, (line) => lines.push(line), () => ends++);
    libc.write(pipe.write, new TextEncoder().encode("a\nwhy"), 5);
    reader.finish();
    reader.finish();
    libc.close(pipe.write);
    assert.deepEqual(lines, ["a", "why"]);
    assert.equal(ends, 1);
    return Promise.resolve();
  }));

Deno.test("PacedLines: a flood is read at a fixed pace", () =>
  withReactor(async (reactor) => {
    const pipe = openPipe();
    setNonBlocking(pipe.write, true);
    const flood = new TextEncoder().encode("0123456\n".repeat(700));
    let bytes = 0;
    const reader = new PacedLines(reactor, pipe.read, 10, () => bytes += 8);
    const timer = setInterval(() => libc.write(pipe.write, flood, flood.length), 0);
    const beganMs = performance.now();
    await until(() => bytes >= PIECE_BYTES && performance.now() - beganMs >= 400);
    // How long it was, not how long it was meant to be: a busy machine sleeps longer.
    const spanMs = performance.now() - beganMs;
    clearInterval(timer);
    reader.close();
    libc.close(pipe.write);
    // A window may end just below its bound and take one more piece.
    assert.ok(bytes <= (spanMs / PAUSE_MS + 2) * 2 * PIECE_BYTES, `${bytes} bytes were read`);
  }));

Deno.test("LineWriter: a reader that is gone, or never reads, ends it with a reason", () =>
  withReactor((reactor) => {
    const reasons: string[] = [];
    const gone = openPipe();
    setNonBlocking(gone.write, true);
    libc.close(gone.read);
    new LineWriter(reactor, gone.write, (reason) => reasons.push(reason)).send("x");
    const deaf = openPipe();
    setNonBlocking(deaf.write, true);
    const writer = new LineWriter(reactor, deaf.write, (reason) => reasons.push(reason));
    const line = "x".repeat(64 * 1024);
    for (let sent = 0; sent <= MAX_QUEUED_BYTES + 2 * line.length; sent += line.length) {
      writer.send(line);
    }
    assert.equal(libc.close(deaf.read), 0, `errno ${lastErrno()}`);
    assert.deepEqual(reasons, [
      "write: EPIPE",
      `more than ${MAX_QUEUED_BYTES} bytes wait for it to read`,
    ]);
    return Promise.resolve();
  }));
