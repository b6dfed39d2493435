/**
 * Broken configurations and the exact words that are printed for each. A directory of golden/ is
 * one case: the files as they would lie in /etc/ha.d (a missing one is missing), `host.json` for
 * what the pretended host has otherwise, `expected.txt` for the output. `HB_UPDATE_GOLDEN=1` writes
 * the expected texts anew; read them before committing.
 */

import assert from "node:assert/strict";
import { refuses, renderDiagnostics } from "../../core/config/diagnostics.ts";
import { check, type Host } from "./fixture.ts";

const GOLDEN = new URL("./golden/", import.meta.url);
const WANTED_CASES = 45;
const update = Deno.env.get("HB_UPDATE_GOLDEN") === "1";
const names = [...Deno.readDirSync(GOLDEN)].map(({ name }) => name).sort();

Deno.test(`golden: at least ${WANTED_CASES} broken configurations are kept`, () => {
  assert.ok(names.length >= WANTED_CASES, `only ${names.length}`);
});

for (const name of names) {
  Deno.test(`golden: ${name} prints the expected diagnosis`, () => {
    const folder = new URL(`${name}/`, GOLDEN);
    const read = (file: string) => readIfThere(new URL(file, folder));
    const host: Host = JSON.parse(read("host.json") ?? "{}");
    const checked = check({
      haCf: read("ha.cf"),
      haresources: read("haresources"),
      authkeys: read("authkeys"),
      heartbeatToml: read("heartbeat.toml"),
      nodeinfo: read("nodeinfo"),
    }, host);
    const rendered = renderDiagnostics(checked.diagnostics, { color: false });
    const expected = new URL("expected.txt", folder);
    if (update) Deno.writeTextFileSync(expected, rendered);
    assert.equal(rendered, Deno.readTextFileSync(expected));
    const { diagnostics } = checked;
    assert.equal(checked.config === null, diagnostics.some(refuses));
    assert.ok(diagnostics.some(({ severity }) => severity === "error"));
  });
}

function readIfThere(file: URL): string | null {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
