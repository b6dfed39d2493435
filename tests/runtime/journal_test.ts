/** The note of held groups, across a crash and an edit of haresources. */
import assert from "node:assert/strict";
import { HeldNote, loadHeld } from "../../core/runtime/journal.ts";
import type { GroupConfig } from "../../core/types.ts";

function group(index: number, line: string): GroupConfig {
  const resources = line.split(" ").map((text) => ({ text, agent: text, args: [] }));
  return { index, key: resources[0]?.text ?? "", node: "node1", resources };
}

const WEB = "IPaddr::192.168.2.3 httpd";

async function storeHeld(
  path: string,
  held: number[],
  groups: GroupConfig[],
  removed: GroupConfig[],
): Promise<void> {
  await new HeldNote(path, (_, text) => assert.fail(text)).store(held, groups, removed);
}

async function withPath(test: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "hb-journal-" });
  try {
    await test(`${dir}/held.json`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("journal: held groups are found again where haresources has them now", () =>
  withPath(async (path) => {
    await storeHeld(path, [0], [group(0, WEB), group(1, "mail")], []);
    const moved = [group(0, "mail"), group(1, "dns"), group(2, WEB)];
    assert.deepEqual(await loadHeld(path, moved, true), { groups: [2], gone: [], removed: [] });
  }));

Deno.test("journal: a held line that was removed is named, not forgotten", () =>
  withPath(async (path) => {
    await storeHeld(path, [0, 1], [group(0, WEB), group(1, "mail")], []);
    assert.deepEqual(await loadHeld(path, [group(0, "mail")], true), {
      groups: [0],
      gone: [WEB],
      removed: [],
    });
  }));

Deno.test("journal: no note means nothing held; an unreadable one means: look at everything", () =>
  withPath(async (path) => {
    const groups = [group(0, WEB), group(1, "mail")];
    assert.deepEqual(await loadHeld(path, groups, false), { groups: [], gone: [], removed: [] });
    for (const broken of ["", "{}", '{"held":[0]}', '["a"]', '{"boot":1,"held":[]}']) {
      await Deno.writeTextFile(path, broken);
      assert.deepEqual(await loadHeld(path, groups, false), {
        groups: [0, 1],
        gone: [],
        removed: [],
      }, broken);
    }
  }));

Deno.test("journal: a note from before the host's last start is no longer true", () =>
  withPath(async (path) => {
    await Deno.writeTextFile(path, JSON.stringify({ boot: "another", held: [WEB] }));
    assert.deepEqual(await loadHeld(path, [group(0, WEB)], true), {
      groups: [],
      gone: [],
      removed: [],
    });
  }));

Deno.test("journal: no note after a life that did not end in order means: look at everything", () =>
  withPath(async (path) => {
    const groups = [group(0, WEB), group(1, "mail")];
    assert.deepEqual(await loadHeld(path, groups, true), { groups: [0, 1], gone: [], removed: [] });
  }));

Deno.test("journal: a note that cannot be written takes the outdated one along, says so once and recovers", () =>
  withPath(async (path) => {
    const groups = [group(0, WEB)];
    const said: string[] = [];
    const note = new HeldNote(path, (level, text) => said.push(`${level} ${text}`));
    await note.store([], groups, []);
    // As a full file system: the new note cannot be written, the old one is still there.
    await Deno.mkdir(`${path}.new`);
    await note.store([0], groups, []);
    await note.renew();
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(said[0] ?? "", /^crit cannot note in .*held.json which groups are held: /);
    assert.match(note.problem ?? "", /^cannot note /);
    assert.deepEqual(await loadHeld(path, groups, true), { groups: [0], gone: [], removed: [] });
    await Deno.remove(`${path}.new`);
    await note.renew();
    assert.equal(note.problem, null);
    assert.deepEqual(await loadHeld(path, groups, true), { groups: [0], gone: [], removed: [] });
    await Deno.remove(path);
    await note.renew();
    assert.deepEqual(await loadHeld(path, groups, false), { groups: [0], gone: [], removed: [] });
  }));

Deno.test("journal: what was removed and not stopped yet is there for the next life to stop", () =>
  withPath(async (path) => {
    await storeHeld(path, [0], [group(0, "mail")], [group(7, "IPaddr::192.168.2.3/24 web")]);
    const held = await loadHeld(path, [group(0, "mail")], true);
    assert.deepEqual(held, {
      groups: [0],
      gone: [],
      removed: [{
        index: -1,
        key: "IPaddr::192.168.2.3/24",
        node: "node1",
        resources: [
          { text: "IPaddr::192.168.2.3/24", agent: "IPaddr", args: ["192.168.2.3/24"] },
          { text: "web", agent: "web", args: [] },
        ],
      }],
    });
    const back = await loadHeld(path, [group(0, "IPaddr::192.168.2.3/24 web")], true);
    assert.deepEqual(back, { groups: [0], gone: ["mail"], removed: [] }, "its line is back");
  }));

Deno.test("journal: a note of a version that knew no removed groups is understood", () =>
  withPath(async (path) => {
    await storeHeld(path, [0], [group(0, WEB)], []);
    const { removed, ...older } = JSON.parse(await Deno.readTextFile(path));
    assert.deepEqual(removed, []);
    await Deno.writeTextFile(path, JSON.stringify(older));
    const held = await loadHeld(path, [group(0, WEB)], true);
    assert.deepEqual(held, { groups: [0], gone: [], removed: [] });
  }));
