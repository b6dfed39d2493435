/**
 * Accept or refuse: our verdict on every start attempt that was captured from the original 3.0.6
 * (`original_verdicts.jsonl`), on a host like the one of the capture. Where we decide otherwise,
 * the table says why.
 */

import assert from "node:assert/strict";
import { check, FACTS, type Host } from "./fixture.ts";

interface Captured {
  readonly case: string;
  readonly accepted: boolean;
  readonly haCf: string | null;
  readonly haresources: string | null;
  readonly authkeys: string | null;
  /** Octal permission bits. */
  readonly mode: string;
}

const BETTER_UNITS = "units s, sec, m … are clear; a warning says that the original refuses them";
const NOT_ACTIVE = "accepted, not active yet: a missing thing of this host only warns";
const NO_RESOLVER = "names are resolved by the medium and retried, a dead resolver stops no start";

const COMES_LATER = "starts on the media that are there, deaf without any, and says so";

/** Case → why we decide otherwise. */
const DELIBERATE: Readonly<Record<string, string>> = {
  "keepalive two args w/ space unit": "one time with a blank before its unit; warned",
  "deadtime 10s": BETTER_UNITS,
  "deadtime 10 s": BETTER_UNITS,
  "deadtime 10sec": BETTER_UNITS,
  "deadtime 1m": BETTER_UNITS,
  "deadtime 10S": BETTER_UNITS,
  "authkeys perm 602 world-writable": "whoever writes the key owns the cluster",
  "authkeys auth after key": "order of lines carries no meaning; warned",
  "authkeys crc w comment": "a comment is no key; warned",
  "respawn bad user": NOT_ACTIVE,
  "respawn not exec": NOT_ACTIVE,
  "stonith bad type": NOT_ACTIVE,
  "stonith_host bad": NOT_ACTIVE,
  "bad iface": COMES_LATER,
  "serial missing": COMES_LATER,
  "ucast badhost": NO_RESOLVER,
  "ping badhost": NO_RESOLVER,
  "media ping6 zz": NO_RESOLVER,
  "dup node": "the second one is waited for in vain, then its groups are taken over twice",
  "hbaping": "known from other builds of the original; ignored with a warning",
};

const HOST: Host = {
  uname: "node1",
  facts: {
    ...FACTS,
    agentExists: () => true,
  },
};

const captured: Captured[] = Deno.readTextFileSync(
  new URL("./original_verdicts.jsonl", import.meta.url),
).trim().split("\n").map((line) => JSON.parse(line));

Deno.test("original verdicts: all 121 captured attempts are there, each difference is one", () => {
  assert.equal(captured.length, 121);
  const names = new Set(captured.map((one) => one.case));
  assert.deepEqual(Object.keys(DELIBERATE).filter((name) => !names.has(name)), []);
});

for (const one of captured) {
  const reason = DELIBERATE[one.case];
  const wanted = reason === undefined ? one.accepted : !one.accepted;
  const verb = wanted ? "accept" : "refuse";
  const why = reason === undefined ? "as the original" : `unlike the original: ${reason}`;
  Deno.test(`original verdicts: "${one.case}" we ${verb}, ${why}`, () => {
    const checked = check(one, { ...HOST, keyFile: { mode: Number.parseInt(one.mode, 8) } });
    assert.equal(
      checked.config !== null,
      wanted,
      JSON.stringify(checked.diagnostics, ["code", "severity", "title", "caretNote"]),
    );
    // Whoever takes more than the original says so.
    if (wanted && !one.accepted) assert.notEqual(checked.diagnostics.length, 0);
  });
}
