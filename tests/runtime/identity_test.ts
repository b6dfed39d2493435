/** Generation and uuid files: the original's bytes, and no identity by accident. */
import assert from "node:assert/strict";
import {
  nextGeneration,
  nodeUuid,
  storeGeneration,
  storeOrRetry,
} from "../../core/runtime/identity.ts";
import { withDirectory } from "../with_directory.ts";

const WALL_S = 1_795_386_210;

function recorder(): { said: string[]; log: (level: string, text: string) => void } {
  const said: string[] = [];
  return { said, log: (level, text) => said.push(`${level}: ${text}`) };
}

Deno.test("nextGeneration: without a file it is Unix time + 1, stored in 15 columns and LF", () =>
  withDirectory(async (dir) => {
    const { said, log } = recorder();
    assert.equal(await nextGeneration(`${dir}/g`, "file", WALL_S, log), 1_795_386_211);
    assert.equal(await Deno.readTextFile(`${dir}/g`), "     1795386211\n");
    assert.deepEqual(said, ["warn: No Previous generation - starting at 1795386211"]);
  }));

Deno.test("nextGeneration: each life is one more than the file says, whatever the clock says", () =>
  withDirectory(async (dir) => {
    await Deno.writeTextFile(`${dir}/g`, "     2000000000\n");
    const { said, log } = recorder();
    assert.equal(await nextGeneration(`${dir}/g`, "file", WALL_S, log), 2_000_000_001);
    assert.equal(await nextGeneration(`${dir}/g`, "file", WALL_S, log), 2_000_000_002);
    assert.deepEqual(said, []);
  }));

Deno.test("nextGeneration: method time is the clock, but never below what was used before", () =>
  withDirectory(async (dir) => {
    const next = (wallS: number) => nextGeneration(`${dir}/g`, "time", wallS, () => {});
    assert.equal(await next(WALL_S), WALL_S);
    assert.equal(await next(WALL_S), WALL_S + 1, "two starts within one second");
    assert.equal(await next(WALL_S - 3600), WALL_S + 2, "the clock was put back");
    assert.equal(await next(WALL_S + 60), WALL_S + 60);
  }));

Deno.test("nextGeneration: a disk that takes nothing costs an error line and no start", async () => {
  for (const [stored, wanted] of [[41, WALL_S], [2_000_000_000, 2_000_000_001]] as const) {
    await withDirectory(async (dir) => {
      await storeGeneration(`${dir}/g`, stored);
      // Nothing can be written beside the file, as on a full disk; also for root.
      await Deno.mkdir(`${dir}/g.new`);
      const { said, log } = recorder();
      assert.equal(await nextGeneration(`${dir}/g`, "file", WALL_S, log, 10), wanted);
      assert.match(said.join("\n"), /^error: Cannot store the generation \d+, going on with \d+: /);

      await Deno.remove(`${dir}/g.new`);
      while (said.length === 1) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(said[1], `info: Heartbeat generation ${wanted} is stored now`);
      assert.equal(await nextGeneration(`${dir}/g`, "file", WALL_S, log), wanted + 1);
    });
  }
});

Deno.test("nextGeneration: garbage counts as missing and is said", () =>
  withDirectory(async (dir) => {
    await Deno.writeTextFile(`${dir}/g`, "abc\x1b\n");
    const { said, log } = recorder();
    assert.equal(await nextGeneration(`${dir}/g`, "file", WALL_S, log), WALL_S + 1);
    assert.match(said[0] ?? "", /holds "abc\\u001b\\n" instead of a number/);
  }));

Deno.test("storeGeneration: the engine's later numbers are read back", () =>
  withDirectory(async (dir) => {
    await storeGeneration(`${dir}/g`, 41);
    assert.equal(await nextGeneration(`${dir}/g`, "file", WALL_S, () => {}), 42);
  }));

Deno.test("storeOrRetry: what a full disk refuses is said, and stored when it has recovered", () =>
  withDirectory(async (dir) => {
    await storeGeneration(`${dir}/g`, 41);
    await Deno.mkdir(`${dir}/g.new`);
    const { said, log } = recorder();
    await assert.rejects(storeOrRetry(`${dir}/g`, 42, log, 10));
    await Deno.remove(`${dir}/g.new`);
    while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(said, ["info: Heartbeat generation 42 is stored now"]);
  }));

Deno.test("nodeUuid: made once with 16 bytes and mode 0644, then always the same", () =>
  withDirectory(async (dir) => {
    const { said, log } = recorder();
    const first = await nodeUuid(`${dir}/u`, "file", "node1", log);
    assert.equal(first.length, 16);
    assert.equal((await Deno.stat(`${dir}/u`)).mode ?? 0, 0o100644);
    assert.deepEqual(await nodeUuid(`${dir}/u`, "file", "node1", log), first);
    assert.deepEqual(said, ["info: No uuid found for current node - generating a new uuid."]);
  }));

Deno.test("nodeUuid: a disk that does not take it is named, with the way out", () =>
  withDirectory(async (dir) => {
    // In the way of the file that is written first, as a full disk is.
    Deno.mkdirSync(`${dir}/hb_uuid.new`);
    await assert.rejects(nodeUuid(`${dir}/hb_uuid`, "file", "ha1", () => {}), (error) => {
      assert.ok(error instanceof Error);
      const [, path, reason] = /^cannot store the identity of this node in (.*hb_uuid): (.*); make/
        .exec(error.message) ?? [];
      assert.equal(path, `${dir}/hb_uuid`);
      assert.notEqual(reason, "");
      assert.match(error.message, /"uuidfrom nodename"/);
      return true;
    });
  }));

Deno.test("nodeUuid: a file of another length is refused, not replaced", () =>
  withDirectory(async (dir) => {
    await Deno.writeFile(`${dir}/u`, new Uint8Array(15));
    await assert.rejects(nodeUuid(`${dir}/u`, "file", "node1", () => {}), /15 bytes, expected 16/);
  }));

Deno.test("nodeUuid: from the node name it is stable, differs by name and touches no file", async () => {
  const path = "/nonexistent/u";
  const one = await nodeUuid(path, "nodename", "node1", () => {});
  assert.deepEqual(await nodeUuid(path, "nodename", "node1", () => {}), one);
  assert.notDeepEqual(await nodeUuid(path, "nodename", "node2", () => {}), one);
  assert.equal(one.length, 16);
});
