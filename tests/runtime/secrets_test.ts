/** What an agent marks secret, and what programs are given, stands in nothing that people read. */
import assert from "node:assert/strict";
import { Secrets } from "../../agents/secrets.ts";
import type { Outcome } from "../../core/types.ts";
import { openPluginBench } from "./plugin_bench.ts";

const PASSWORD = 'pass\'word "1"';
const PLUGIN = `
import { type Agent, CONTRACT_VERSION, succeed } from "heartbeat";
const password = ${JSON.stringify(PASSWORD)};
export default {
  name: "db", contract: CONTRACT_VERSION, summary: "A database", parameters: [],
  async start(context) {
    context.secret(password);
    context.log("info", "with " + password);
    console.log("printed " + password);
    const { output } = await context.run("/bin/sh", ["-c", 'echo "told $0"; exit 3', password]);
    if (!output.includes(password)) throw new Error("the agent itself gets it as it is");
    await succeed(context, "/bin/sh", "-c", 'echo "refused: $0"; exit 3', password);
  },
  async stop(context) {
    context.secret(password);
    throw new Error("cannot log in with " + password);
  },
  status: () => Promise.resolve("stopped"),
} satisfies Agent;
`;

function reasonOf(outcome: Outcome): string {
  return "reason" in outcome ? outcome.reason : outcome.kind;
}

Deno.test("a secret value is masked in log, output of programs, errors and status", {
  sanitizeOps: false,
}, async () => {
  await using bench = openPluginBench();
  bench.write("db.ts", PLUGIN);
  assert.match(
    reasonOf(await bench.perform("db", "start")),
    /^exit code 3 from \/bin\/sh: refused: \*\*\* \(.*db\.ts:12\)$/,
  );
  assert.match(reasonOf(await bench.perform("db", "stop")), /cannot log in with \*\*\*/);
  const log = bench.log.join("\n");
  for (const line of ["db: with ***", "db: printed ***", "db: told ***", "db: refused: ***"]) {
    assert.ok(log.includes(line), `${line} in ${log}`);
  }
  assert.ok(!log.includes("word"), log);
});

Deno.test("a password on a command line is in no error, and in debug lines only", {
  sanitizeOps: false,
}, async () => {
  await using bench = openPluginBench();
  bench.write("db.ts", PLUGIN.replaceAll("context.secret(password);", ""));
  const reason = reasonOf(await bench.perform("db", "start"));
  assert.ok(reason.startsWith(`exit code 3 from /bin/sh: refused: ${PASSWORD} (`), reason);
  const shown = bench.log.filter((line) => line.includes(`-c echo "refused`));
  assert.equal(shown.length, 2);
  assert.ok(shown.every((line) => line.startsWith("debug: ")), shown.join("\n"));
});

Deno.test("Secrets: parts of one another, lines of a key, nothing to mask", () => {
  const secrets = new Secrets();
  assert.equal(secrets.mask("abc"), "abc");
  for (const value of ["", "\n", "ab", "abcd", "one\ntwo\n"]) secrets.add(value);
  assert.equal(secrets.mask("abcd ab one-two\n"), "*** *** ***-***\n");
  assert.throws(() => secrets.add("x".repeat(20_000)), RangeError);
  for (let i = 0; i < 100; i++) secrets.add(`value ${i}.`);
  assert.equal(secrets.mask("value 99. value 0."), "*** value 0.", "the newest are kept");
});
