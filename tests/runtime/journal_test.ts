/** The note of held groups, across a crash and an edit of haresources. */
import assert from "node:assert/strict";
import { loadHeld, storeHeld } from "../../core/runtime/journal.ts";
import type { GroupConfig } from "../../core/types.ts";

function group(index: number, line: string): GroupConfig {
  const resources = line.split(" ").map((text) => ({ text, agent: text, args: [] }));
  return { index, key: resources[0]?.text ?? "", node: "node1", resources };
}

const WEB = "IPaddr::192.168.2.3 httpd";

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
    await storeHeld(path, [0], [group(0, WEB), group(1, "mail")]);
    const moved = [group(0, "mail"), group(1, "dns"), group(2, WEB)];
    assert.deepEqual(await loadHeld(path, moved), { groups: [2], gone: [] });
  }));

Deno.test("journal: a held line that was removed is named, not forgotten", () =>
  withPath(async (path) => {
    await storeHeld(path, [0, 1], [group(0, WEB), group(1, "mail")]);
    assert.deepEqual(await loadHeld(path, [group(0, "mail")]), { groups: [0], gone: [WEB] });
  }));

Deno.test("journal: no note means nothing held; an unreadable one means: look at everything", () =>
  withPath(async (path) => {
    const groups = [group(0, WEB), group(1, "mail")];
    assert.deepEqual(await loadHeld(path, groups), { groups: [], gone: [] });
    for (const broken of ["", "{}", '{"held":[0]}', '["a"]', '{"boot":1,"held":[]}']) {
      await Deno.writeTextFile(path, broken);
      assert.deepEqual(await loadHeld(path, groups), { groups: [0, 1], gone: [] }, broken);
    }
  }));

Deno.test("journal: a note from before the host's last start is no longer true", () =>
  withPath(async (path) => {
    await Deno.writeTextFile(path, JSON.stringify({ boot: "another", held: [WEB] }));
    assert.deepEqual(await loadHeld(path, [group(0, WEB)]), { groups: [], gone: [] });
  }));
