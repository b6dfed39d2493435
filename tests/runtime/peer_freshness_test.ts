/** The note of what was heard of the others: read back whole, and no note is as good as a broken one. */
import assert from "node:assert/strict";
import { loadPeerFreshness, storePeerFreshness } from "../../core/runtime/peer_freshness.ts";
import { withDirectory } from "../with_directory.ts";

const NEWEST = { node: "ha1", generation: 1_795_386_211, seq: 77, sentS: 1_795_390_000 };
const HEARD = [NEWEST, { ...NEWEST, node: "ha2", left: ["192.0.2.3", "disk"] }];

function withPath(test: (path: string) => Promise<void>): Promise<void> {
  return withDirectory((directory) => test(`${directory}/heard.json`));
}

Deno.test("heard note: what was stored is read back; nothing is no note", () =>
  withPath(async (path) => {
    const said: string[] = [];
    const log = (level: string, text: string) => said.push(`${level}: ${text}`);
    assert.deepEqual(await loadPeerFreshness(path, log), []);
    await storePeerFreshness(path, HEARD);
    assert.deepEqual(await loadPeerFreshness(path, log), HEARD);
    assert.deepEqual(said, []);
  }));

const NO_WORDS = '[{"node":"ha1","generation":2,"seq":1,"sentS":1,"left":"ip"}]';

for (
  const broken of ["", "{}", "[1]", NO_WORDS, '[{"node":"ha1","generation":"2","seq":1,"sentS":1}]']
) {
  Deno.test(`heard note: ${JSON.stringify(broken)} is not used, and that is said`, () =>
    withPath(async (path) => {
      await Deno.writeTextFile(path, broken);
      const said: string[] = [];
      const log = (level: string, text: string) => said.push(`${level}: ${text}`);
      assert.deepEqual(await loadPeerFreshness(path, log), []);
      assert.match(said.join(), /^warn: .*heard\.json.*not used$/);
    }));
}
