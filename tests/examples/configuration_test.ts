/** The configurations among the examples: each is accepted the way its README says. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { withLab } from "../cli/fake_daemon.ts";

const EXAMPLES = join(import.meta.dirname ?? ".", "../../examples");
const FILES = ["ha.cf", "haresources", "authkeys"];
const names = [...Deno.readDirSync(EXAMPLES)].map(({ name }) => name).filter((name) =>
  name !== "agents"
);

for (const name of names) {
  Deno.test(`examples/${name}: check accepts the files as the preferred host`, async () => {
    await withLab(async (lab) => {
      const dir = join(lab.root, name);
      await Deno.mkdir(dir);
      for (const file of FILES) await Deno.copyFile(join(EXAMPLES, name, file), join(dir, file));
      await Deno.chmod(join(dir, "authkeys"), 0o600);
      const group = Deno.readTextFileSync(join(dir, "haresources")).split("\n").findLast((line) =>
        /^\w/.test(line)
      );
      const node = group?.split(" ")[0] ?? "";
      const args = ["check", "--config-dir", dir, "--node", node];
      const { rc, stderr } = await lab.run("heartbeat", ...args);
      assert.equal(rc, 0, stderr);
      const readme = Deno.readTextFileSync(join(EXAMPLES, name, "README.md"));
      if (name === "article") assert.ok(readme.includes(`check --config-dir . --node ${node}\n`));
    });
  });
}
