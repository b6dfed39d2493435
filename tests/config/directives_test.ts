/** The table of directives: what the pages for people say of it, and what is made of its rows. */
import assert from "node:assert/strict";
import { check, codesOf } from "./fixture.ts";
import { DIRECTIVES, findDirective } from "../../core/config/directives.ts";

Deno.test("DIRECTIVES: every medium of the table becomes one", () => {
  const media = DIRECTIVES.filter(({ group }) => group === "medium");
  assert.equal(media.length, 7);
  for (const { name, example } of media) {
    const line = example.replace(/^\S+/, name);
    const { config, diagnostics } = check({ haCf: `node ha1 ha2\n${line}` });
    assert.equal(
      config?.media.length,
      1,
      `${line}: ${JSON.stringify(codesOf({ config, diagnostics }))}`,
    );
  }
});

function page(name: string): string {
  return Deno.readTextFileSync(new URL(`../../${name}`, import.meta.url));
}

Deno.test("docs/migration.md: names every directive that is accepted and not active, and no other", () => {
  const [, text = ""] = /^- \*\*What does nothing yet\.\*\*(.*?)^- /ms.exec(
    page("docs/migration.md"),
  ) ?? [];
  const words = [...text.matchAll(/`(\w+)`/g)].map(([, word = ""]) => word);
  const named = new Set(words.filter((word) => findDirective(word) !== undefined));
  const accepted = DIRECTIVES.filter(({ state }) => state === "accepted").map(({ name }) => name);
  assert.deepEqual([...named].sort(), accepted.sort());
});

Deno.test("README.md: what it calls accepted and not active is that", () => {
  const row = page("README.md").split("\n").find((line) => line.includes("accepted, not active"));
  const [, original = ""] = row?.split("|") ?? [];
  const named = [...original.matchAll(/`(\w+)`/g)].map(([, word = ""]) => word);
  assert.ok(named.length > 3, row);
  for (const word of named.filter((one) => one !== "ipfail")) {
    assert.equal(findDirective(word)?.state, "accepted", word);
  }
});
