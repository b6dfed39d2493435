/**
 * The original's own scripts, as its package installs them, are told from those of a site; looked at
 * as check, `agent list` and the start of the daemon do.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { BUILT_IN_NAMES } from "../../agents/builtin.ts";
import { createRegistry } from "../../agents/registry.ts";
import { loadConfiguration } from "../../core/runtime/load_config.ts";
import { pathsUnder } from "../../core/runtime/paths.ts";
import { withLab } from "../cli/fake_daemon.ts";

const INSTALLED = "/etc/ha.d/resource.d";
/** It has no script for this one: drbd-utils brings it. */
const WRAPPED = BUILT_IN_NAMES.filter((name) => name !== "drbddisk");

const missing = WRAPPED.filter((name) => {
  try {
    return !Deno.statSync(join(INSTALLED, name)).isFile;
  } catch {
    return true;
  }
});
const ignore = missing.length > 0;
if (ignore) console.log(`stock_wrapper_test: the original's package is not here: ${missing}`);

function copies(root: string): string {
  const dir = pathsUnder(root).resourceDir;
  Deno.mkdirSync(dir, { recursive: true });
  for (const name of [...WRAPPED, "apache"]) {
    Deno.copyFileSync(join(INSTALLED, name), join(dir, name));
  }
  return dir;
}

Deno.test({
  name: "stock wrapper: every unchanged script of the package, none that a site has changed",
  ignore,
  fn: () =>
    withLab((lab) => {
      const dir = copies(lab.root);
      const registry = createRegistry(pathsUnder(lab.root));
      for (const name of WRAPPED) assert.equal(registry.stockWrapper(name), join(dir, name));
      assert.equal(registry.stockWrapper("apache"), null, "it hides no built-in agent");
      Deno.writeTextFileSync(join(dir, "IPaddr"), "\n# changed\n", { append: true });
      assert.equal(registry.stockWrapper("IPaddr"), null);
      Deno.removeSync(join(dir, "IPaddr2"));
      assert.equal(registry.stockWrapper("IPaddr2"), null, "the built-in one serves");
      return Promise.resolve();
    }),
});

Deno.test({
  name: "stock wrapper: check and agent list name it, with the cure",
  ignore,
  fn: () =>
    withLab(async (lab) => {
      const dir = copies(lab.root);
      const paths = pathsUnder(lab.root);
      const texts = { haresources: `${Deno.hostname()} 192.0.2.7 IPaddr::192.0.2.8\n` };
      const told = loadConfiguration(paths, { texts }).diagnostics
        .filter(({ code }) => code === "HB196");
      assert.deepEqual(told.map(({ help }) => help), [
        `unless the original shall run here again, delete ${join(dir, "IPaddr")}`,
      ]);
      const { stdout } = await lab.run("heartbeat", "agent", "list");
      const line = stdout.replaceAll(/\s+/g, " ");
      assert.match(
        line,
        / IPaddr resource\.d: \S+ \([^)]*hides the built-in IPaddr[^)]*unchanged: [^)]*delete it,/,
      );
    }),
});
