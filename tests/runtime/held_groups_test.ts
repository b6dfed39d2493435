/** The note of held groups, across a crash and an edit of haresources. */
import assert from "node:assert/strict";
import { HeldGroupsNote, loadHeldGroups } from "../../core/runtime/held_groups.ts";
import type { GroupConfig } from "../../core/types.ts";
import { withDirectory } from "../with_directory.ts";

function group(index: number, line: string): GroupConfig {
  const resources = line.split(" ").map((text) => ({ text, agent: text, args: [] }));
  return { index, key: resources[0]?.text ?? "", node: "node1", resources };
}

const WEB = "IPaddr::192.168.2.3 httpd";

async function storeHeldGroups(
  path: string,
  held: readonly GroupConfig[],
  removed: readonly GroupConfig[] = [],
): Promise<void> {
  await new HeldGroupsNote(path, (_, text) => assert.fail(text)).store(held, removed);
}

function withPath(test: (path: string) => Promise<void>): Promise<void> {
  return withDirectory((directory) => test(`${directory}/held.json`));
}

Deno.test("held groups: held groups are found again where haresources has them now", () =>
  withPath(async (path) => {
    await storeHeldGroups(path, [group(0, WEB)]);
    const moved = [group(0, "mail"), group(1, "dns"), group(2, WEB)];
    assert.deepEqual(await loadHeldGroups(path, moved, true), {
      groups: [group(2, WEB)],
      removed: [],
    });
  }));

Deno.test("held groups: a held line that was edited or removed is one to stop", () =>
  withPath(async (path) => {
    await storeHeldGroups(path, [group(0, WEB), group(1, "mail")]);
    const lines = [group(0, `${WEB} php`), group(1, "mail")];
    const { groups, removed } = await loadHeldGroups(path, lines, true);
    assert.deepEqual(groups, [group(1, "mail")]);
    assert.deepEqual(removed.map(({ index, key, node }) => ({ index, key, node })), [
      { index: -1, key: "IPaddr::192.168.2.3", node: "node1" },
    ]);
    assert.deepEqual(removed[0]?.resources.map(({ text }) => text), WEB.split(" "));
  }));

Deno.test("held groups: a note of an earlier version, without homes, is read", () =>
  withPath(async (path) => {
    await storeHeldGroups(path, [group(0, WEB), group(1, "mail")]);
    const { boot, held } = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ boot, held }));
    const { groups, removed } = await loadHeldGroups(path, [group(0, "mail")], true);
    assert.deepEqual(groups, [group(0, "mail")]);
    assert.deepEqual(removed.map(({ node, key }) => [node, key]), [
      ["unknown", "IPaddr::192.168.2.3"],
    ]);
  }));

Deno.test("held groups: no note means nothing held; an unreadable one means: look at everything", () =>
  withPath(async (path) => {
    const groups = [group(0, WEB), group(1, "mail")];
    assert.deepEqual(await loadHeldGroups(path, groups, false), { groups: [], removed: [] });
    for (const broken of ["", "{}", '{"held":[0]}', '["a"]', '{"boot":1,"held":[]}']) {
      await Deno.writeTextFile(path, broken);
      assert.deepEqual(await loadHeldGroups(path, groups, false), {
        groups,
        removed: [],
      }, broken);
    }
  }));

Deno.test("held groups: a note from before the host's last start is no longer true", () =>
  withPath(async (path) => {
    await Deno.writeTextFile(path, JSON.stringify({ boot: "another", held: [WEB] }));
    assert.deepEqual(await loadHeldGroups(path, [group(0, WEB)], true), {
      groups: [],
      removed: [],
    });
  }));

Deno.test("held groups: no note after a life that did not end in order means: look at everything", () =>
  withPath(async (path) => {
    const groups = [group(0, WEB), group(1, "mail")];
    assert.deepEqual(await loadHeldGroups(path, groups, true), { groups, removed: [] });
  }));

Deno.test("held groups: a note that cannot be written takes the outdated one along, says so once and recovers", () =>
  withPath(async (path) => {
    const groups = [group(0, WEB)];
    const said: string[] = [];
    const note = new HeldGroupsNote(path, (level, text) => said.push(`${level} ${text}`));
    await note.store([], []);
    // As a full file system: the new note cannot be written, the old one is still there.
    await Deno.mkdir(`${path}.new`);
    await note.store(groups, []);
    await note.renew();
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(said[0] ?? "", /^crit cannot note in .*held.json which groups are held: /);
    assert.match(note.problem ?? "", /^cannot note /);
    assert.deepEqual(await loadHeldGroups(path, groups, true), { groups, removed: [] });
    await Deno.remove(`${path}.new`);
    await note.renew();
    assert.equal(note.problem, null);
    assert.deepEqual(await loadHeldGroups(path, groups, true), { groups, removed: [] });
    await Deno.remove(path);
    await note.renew();
    assert.deepEqual(await loadHeldGroups(path, groups, false), { groups, removed: [] });
  }));

Deno.test("held groups: what was removed and not stopped yet is there for the next life to stop", () =>
  withPath(async (path) => {
    await storeHeldGroups(path, [group(0, "mail")], [group(7, "IPaddr::192.168.2.3/24 web")]);
    const held = await loadHeldGroups(path, [group(0, "mail")], true);
    assert.deepEqual(held, {
      groups: [group(0, "mail")],
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
    const groups = [group(0, "IPaddr::192.168.2.3/24 web")];
    const back = await loadHeldGroups(path, groups, true);
    assert.deepEqual(back, { groups, removed: [group(-1, "mail")] }, "its line is back");
  }));
