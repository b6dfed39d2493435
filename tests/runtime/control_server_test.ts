/** The control socket: a real one for order and credentials, plain calls for what is allowed. */
import assert from "node:assert/strict";
import { Reactor } from "../../core/os/reactor.ts";
import { answerRequest, type ControlTarget, type Order } from "../../core/runtime/control.ts";
import { ControlServer } from "../../core/runtime/control_server.ts";

const NOBODY_UID = 65_534;

function target(orders: Order[], slowly = 0, begun = () => {}): ControlTarget {
  return {
    view: () => assert.fail("not asked"),
    parameter: (name) => name === "deadtime" ? "10" : null,
    order: async (order) => {
      begun();
      await new Promise((resolve) => setTimeout(resolve, slowly));
      orders.push(order);
      return { accepted: order.order !== "takeover", text: `did ${order.order}` };
    },
  };
}

Deno.test("control: anybody may ask, but only root and the daemon's user may order", async () => {
  const orders: Order[] = [];
  const asked = '{"ask":"parameter","name":"deadtime"}';
  const order = '{"order":"standby","share":"all"}';
  assert.deepEqual(await answerRequest(asked, NOBODY_UID, target(orders)), {
    ok: true,
    value: "10",
  });
  assert.deepEqual(await answerRequest(order, NOBODY_UID, target(orders)), {
    ok: false,
    text: `Not permitted: user ${NOBODY_UID} orders "standby", only root may`,
  });
  assert.deepEqual(orders, []);
  assert.deepEqual(await answerRequest(order, 0, target(orders)), {
    ok: true,
    text: "did standby",
  });
  assert.deepEqual(orders, [{ order: "standby", share: "all" }]);
  await answerRequest('{"order":"retry","group":"ip","isStopped":false}', 0, target(orders));
  await answerRequest('{"order":"confirm","node":"ha1"}', 0, target(orders));
  await answerRequest('{"order":"reload","dryRun":true}', 0, target(orders));
  const although = '{"order":"takeover","share":"all","although":"key-differs"}';
  await answerRequest(although, 0, target(orders));
  assert.deepEqual(orders.slice(1), [
    { order: "retry", group: "ip", isStopped: false },
    { order: "confirm", node: "ha1" },
    { order: "reload", dryRun: true },
    { order: "takeover", share: "all", although: "key-differs" },
  ]);
});

Deno.test("control: what is no request is refused in words and does nothing", async () => {
  const orders: Order[] = [];
  const odd = ["", "foo", "null", "[]", '{"ask":"x"}', '{"order":"standby"}', '{"order":"kill"}'];
  for (const line of [...odd, '{"order":"takeover","share":"some"}', '{"ask":"parameter"}']) {
    const answer = await answerRequest(line, 0, target(orders));
    assert.equal(answer.ok, false, line);
  }
  assert.deepEqual(orders, []);
});

async function withServer(
  served: ControlTarget,
  test: (path: string, server: ControlServer) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "hb-control-" });
  const reactor = new Reactor((error) => assert.fail(String(error)));
  const server = new ControlServer(reactor, `${dir}/control.sock`, served, assert.fail);
  try {
    await test(`${dir}/control.sock`, server);
  } finally {
    await server.close();
    await reactor.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Sends `text` at once and reads as many lines as it holds. */
async function converse(path: string, text: string): Promise<unknown[]> {
  const connection = await Deno.connect({ transport: "unix", path });
  try {
    await connection.write(new TextEncoder().encode(text));
    const wanted = text.split("\n").length - 1;
    let got = "";
    const buffer = new Uint8Array(65_536);
    while (got.split("\n").length - 1 < wanted) {
      const count = await connection.read(buffer);
      if (count === null) break;
      got += new TextDecoder().decode(buffer.subarray(0, count));
    }
    return got.trimEnd().split("\n").map((line) => JSON.parse(line));
  } finally {
    connection.close();
  }
}

Deno.test("ControlServer: answers come in the order of the questions, slow ones too", async () => {
  const orders: Order[] = [];
  await withServer(target(orders, 30), async (path) => {
    const answers = await converse(
      path,
      '{"order":"reload"}\n{"ask":"parameter","name":"deadtime"}\n{"ask":"parameter","name":"x"}\n',
    );
    assert.deepEqual(answers, [
      { ok: true, text: "did reload" },
      { ok: true, value: "10" },
      { ok: true, value: null },
    ]);
  });
});

Deno.test("ControlServer: only root, or a member of haclient, may connect", () =>
  withServer(target([]), async (path) => {
    const mode = ((await Deno.stat(path)).mode ?? 0) & 0o777;
    const hasGroup = /^haclient:/m.test(await Deno.readTextFile("/etc/group"));
    assert.equal(mode, hasGroup ? 0o660 : 0o600);
  }));

Deno.test("ControlServer: the answer of a slow order is given before the socket closes", async () => {
  const begun = Promise.withResolvers<void>();
  await withServer(target([], 50, begun.resolve), async (path, server) => {
    const answered = converse(path, '{"order":"stop"}\n');
    await begun.promise;
    await server.close();
    assert.deepEqual(await answered, [{ ok: true, text: "did stop" }]);
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  });
});

Deno.test("ControlServer: an order whose client had gone when it was read is not carried out", async () => {
  const orders: Order[] = [];
  await withServer(target(orders), async (path) => {
    const order = (connection: Deno.UnixConn) =>
      connection.write(new TextEncoder().encode('{"order":"reload"}\n'));
    const gone = await Deno.connect({ transport: "unix", path });
    // Nothing can be read before this turn of the event loop ends, as if the daemon were stopped.
    const written = order(gone);
    gone.close();
    await written.catch(() => {});
    assert.deepEqual(await converse(path, '{"order":"stop"}\n'), [{ ok: true, text: "did stop" }]);
    assert.deepEqual(orders, [{ order: "stop" }]);
  });
});

Deno.test("ControlServer: a client that asks without end is cut off", () => {
  const never = { ...target([]), order: () => new Promise<never>(() => {}) };
  return withServer(never, async (path) => {
    const connection = await Deno.connect({ transport: "unix", path });
    try {
      await connection.write(new TextEncoder().encode('{"order":"reload"}\n'.repeat(100)));
      const ended = await connection.read(new Uint8Array(10)).catch(() => null);
      assert.equal(ended, null);
    } finally {
      connection.close();
    }
  });
});
