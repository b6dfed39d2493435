/** What the pages for people say of directives, held against the table. */
import assert from "node:assert/strict";
import { DIRECTIVES, findDirective } from "../../core/config/directives.ts";

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
