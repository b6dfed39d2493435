/** Asking the daemon: one that is absent, busy, stuck or without a socket. */
import assert from "node:assert/strict";
import {
  askStatus,
  ControlError,
  type ControlErrorKind,
  giveOrder,
} from "../../core/cli/control_client.ts";
import { AF_UNIX, SOCK_STREAM } from "../../core/os/abi.ts";
import { libc } from "../../core/os/libc.ts";
import { bindSocket, closeFd, openSocket, sockaddrUn } from "../../core/os/socket.ts";
import { pathsUnder } from "../../core/runtime/paths.ts";
import { answerFrom, clusterView, withLab } from "./fake_daemon.ts";

async function fails(
  question: Promise<unknown>,
  kind: ControlErrorKind,
  message: RegExp,
): Promise<void> {
  await assert.rejects(question, (error) => {
    assert.ok(error instanceof ControlError);
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("askStatus: a daemon without a socket is silent, not absent, and its pid is told", async () => {
  await withLab(async (lab) => {
    const { pid } = await lab.beDaemon();
    const said = new RegExp(`^Heartbeat runs \\[pid ${pid}\\], but there is no socket `);
    await fails(askStatus(pathsUnder(lab.root)), "silent", said);
    const reload = await lab.run("heartbeat", "reload");
    assert.equal(reload.rc, 1, "a reload that reloads nothing is no success");
  });
});

Deno.test("askStatus: a daemon that does not answer is silent, not absent", async () => {
  await withLab(async (lab) => {
    lab.serve(() => null);
    const question = askStatus(pathsUnder(lab.root), 50);
    await fails(question, "silent", /did not answer on .* within 50 ms; is it stuck\?$/);
  });
});

Deno.test("giveOrder: what an unanswered order may still do is said", async () => {
  await withLab(async (lab) => {
    lab.serve(() => null);
    const order = giveOrder(pathsUnder(lab.root), { order: "reload" }, 50);
    await fails(
      order,
      "silent",
      /is it stuck\? If it has not read the order by now, it drops it; /,
    );
  });
});

Deno.test("askStatus: asks again while the daemon is too busy to take another client in", async () => {
  await withLab(async (lab) => {
    const paths = pathsUnder(lab.root);
    const path = paths.controlSocket;
    const fd = openSocket(AF_UNIX, SOCK_STREAM);
    bindSocket(fd, sockaddrUn(path), path);
    libc.listen(fd, 0);
    const waiting = await Deno.connect({ transport: "unix", path });
    await fails(askStatus(paths, 120), "silent", /within 120 ms; is it stuck/);
    const question = askStatus(paths);
    await new Promise((done) => setTimeout(done, 60));
    Deno.removeSync(path);
    lab.serve(answerFrom(clusterView()));
    assert.equal((await question).engine.self, "node1");
    waiting.close();
    closeFd(fd);
  });
});

Deno.test("giveOrder: an order on a connection that was closed unread is given again, once", async () => {
  await withLab(async (lab) => {
    const paths = pathsUnder(lab.root);
    const busy = Deno.listen({ transport: "unix", path: paths.controlSocket });
    const order = giveOrder(paths, { order: "reload" });
    const taken = await busy.accept();
    await new Promise((done) => setTimeout(done, 60));
    busy.close();
    lab.serve(answerFrom(clusterView()));
    taken.close();
    assert.equal(await order, "reload accepted");
    assert.deepEqual(lab.requests, [{ order: "reload" }]);
  });
});
