/** Lines of haresources: groups, continuations, comments and their traps. */
import assert from "node:assert/strict";
import { Report } from "../../core/config/diagnostics.ts";
import { parseHaresources } from "../../core/config/haresources.ts";
import { createSource } from "../../core/config/source.ts";

function parse(text: string): { words: string[][]; codes: string[] } {
  const report = new Report();
  const groups = parseHaresources(createSource("haresources", text), report);
  const words = groups.map(({ node, resources }) => [
    node.text,
    ...resources.map(({ config }) => config.text),
  ]);
  return { words, codes: report.findings.map(({ code }) => code) };
}

function resource(word: string): [string, readonly string[]] | null {
  const [group] = parseHaresources(createSource("haresources", `ha1 ${word}`));
  const config = group?.resources[0]?.config;
  return config === undefined ? null : [config.agent, config.args];
}

Deno.test("parseHaresources: lines are groups, blanks and comments separate", () => {
  const text = "# head\n\n  ha1 \t a  b::c#tail\r\nHA2 d\r\n";
  assert.deepEqual(parse(text), { words: [["ha1", "a", "b::c"], ["HA2", "d"]], codes: [] });
});

Deno.test("parseHaresources: a backslash continues, with CR LF line ends too", () => {
  assert.deepEqual(parse("ha1 a \\\n  b \\\r\n c\nha2 d"), {
    words: [["ha1", "a", "b", "c"], ["ha2", "d"]],
    codes: [],
  });
});

Deno.test("parseHaresources: without a blank around it the words join, as in the original", () => {
  assert.deepEqual(parse("ha1 refsvc::e\\\nrefsvc::f\n"), {
    words: [["ha1", "refsvc::erefsvc::f"]],
    codes: ["HB154"],
  });
  assert.deepEqual(parse("ha1 a\\\n b\n").codes, []);
});

Deno.test("parseHaresources: a comment on a continuation line is a comment and a warning", () => {
  assert.deepEqual(parse("ha1 a \\\n # note\nha2 b"), {
    words: [["ha1", "a"], ["ha2", "b"]],
    codes: ["HB153"],
  });
});

Deno.test("parseHaresources: a comment swallows its backslash", () => {
  assert.deepEqual(parse("ha1 a # note \\\nha2 b"), {
    words: [["ha1", "a"], ["ha2", "b"]],
    codes: ["HB155"],
  });
});

Deno.test("parseHaresources: blanks behind a backslash are reported, reading goes on", () => {
  assert.deepEqual(parse("ha1 a \\ \n b"), { words: [["ha1", "a", "b"]], codes: ["HB155"] });
});

Deno.test("parseHaresources: a continuation at the end of the file continues nothing", () => {
  assert.deepEqual(parse("ha1 a \\"), { words: [["ha1", "a"]], codes: [] });
});

Deno.test("parseHaresources: arguments stand between double colons, empty ones vanish", () => {
  assert.deepEqual(resource("Filesystem::/dev/sdb1::/data::ext4"), [
    "Filesystem",
    ["/dev/sdb1", "/data", "ext4"],
  ]);
  assert.deepEqual(resource("a::::b::"), ["a", ["b"]]);
  assert.deepEqual(resource("a:b::c:d"), ["a:b", ["c:d"]]);
});

Deno.test("parseHaresources: a bare address is IPaddr with the word as argument", () => {
  for (
    const word of [
      "192.168.2.3",
      "192.168.2.3/24",
      "192.168.2.3/255.255.255.0/eth0:1/192.168.2.255",
      "192.168.2.3/24/192.168.2.255",
      // Whether it is right is for the agent to say, which may be a site's own.
      "192.168.2.300",
      "192.168.2.3/eth0",
      "1.2.3.4.5",
    ]
  ) assert.deepEqual(resource(word), ["IPaddr", [word]]);
  assert.deepEqual(resource("IPaddr2::10.0.0.1/8/eth0"), ["IPaddr2", ["10.0.0.1/8/eth0"]]);
  assert.deepEqual(resource("IPaddr"), ["IPaddr", []]);
});
