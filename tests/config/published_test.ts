/**
 * Configurations that people have published, and what `check` finds in each, on a host that has
 * their interfaces and agents. `findings.txt` of a folder is one line a finding, for a reader to
 * judge; `HB_UPDATE_GOLDEN=1` writes them anew. Also the article's three files: what they are told
 * today, and nothing more.
 */
import assert from "node:assert/strict";
import type { CheckedConfiguration } from "../../core/config/check.ts";
import { diagnosticRecords } from "../../core/config/diagnostics.ts";
import { publishedNames, readPublished } from "../lab/published/configuration.ts";
import { check, FACTS } from "./fixture.ts";

const WANTED = 10;
/** Of the format, not of the cluster: both words come from the article itself. */
const ARTICLE_FINDINGS =
  `authkeys:2: warning HB169: Words behind key 1 are ignored, as the original does
ha.cf:8: warning HB112: "udp" is the spelling of 1.0 for "bcast"
`;
const update = Deno.env.get("HB_UPDATE_GOLDEN") === "1";
const names = publishedNames();

Deno.test(`published: at least ${WANTED} configurations are kept`, () => {
  assert.ok(names.length >= WANTED);
});

for (const name of names) {
  Deno.test(`published: ${name} is accepted, with the expected findings`, () => {
    const { cabling, hosts: [uname], ...texts } = readPublished(name);
    const wires = Object.entries(cabling);
    const interfaces = wires.filter(([, ends]) => ends !== "cable").map(([wire]) => wire);
    const lines = wires.filter(([, ends]) => ends === "cable").map(([line]) => `/dev/${line}`);
    const checked = check(texts, {
      uname,
      facts: {
        ...FACTS,
        interfaces: () => ["lo", ...interfaces],
        device: (path) => lines.includes(path) ? "character" : FACTS.device(path),
        isExecutable: () => true,
        agentExists: () => true,
        missingProgram: () => null,
        pluginProblem: () => null,
      },
    });
    const file = new URL(`./published/${name}/findings.txt`, import.meta.url);
    const found = findings(checked);
    if (update) Deno.writeTextFileSync(file, found);
    assert.equal(found, Deno.readTextFileSync(file));
    assert.ok(checked.config);
  });
}

Deno.test("published: the article's three files are told what they are told today", () => {
  const article = new URL("../../examples/article/", import.meta.url);
  const read = (file: string) => Deno.readTextFileSync(new URL(file, article));
  const haCf = read("ha.cf");
  const texts = { haCf, haresources: read("haresources"), authkeys: read("authkeys") };
  const checked = check(texts, { uname: "ha1.bogus.sh.cn" });
  assert.ok(checked.config);
  assert.equal(findings(checked), ARTICLE_FINDINGS);
});

/** One line a finding: place, code, severity, sentence. */
function findings({ diagnostics }: CheckedConfiguration): string {
  return diagnosticRecords(diagnostics).map(({ file, line, code, severity, title }) => {
    const place = [file?.replace("/etc/ha.d/", ""), line].filter((part) => part !== null);
    return `${place.join(":")}: ${severity} ${code}: ${title}\n`;
  }).join("");
}
