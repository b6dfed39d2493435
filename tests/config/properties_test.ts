/**
 * What holds for every text: no throw, a verdict that agrees with the diagnostics, places that lie
 * in the file, and an order of lines that means nothing.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { diagnosticRecords, refuses, renderDiagnostics } from "../../core/config/diagnostics.ts";
import { DIRECTIVES } from "../../core/config/directives.ts";
import { check, type Texts } from "./fixture.ts";

const RUNS = 300;

const word = fc.oneof(
  fc.constantFrom(
    ...["10", "0", "500ms", "10s", "ms", "on", "off", "legacy", "eth0", "ha1", "ha2", "/dev/null"],
    ...["192.168.2.3", "239.0.0.1", "a::b", "\\", "#", ",", "\t", "\r", "crc", "md5", "sha1", "1"],
    ...["[deadlines]", "start_s", "=", "::", "auth", "uid=0"],
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const keyword = fc.oneof(fc.constantFrom(...DIRECTIVES.map(({ name }) => name)), word);
const line = fc.tuple(keyword, fc.array(word, { maxLength: 5 }))
  .map(([first, rest]) => [first, ...rest].join(" "));
const text = fc.oneof(
  fc.array(line, { maxLength: 12 }).map((lines) => lines.join("\n")),
  fc.string({ unit: "binary", maxLength: 200 }),
);
const maybe = fc.option(text, { nil: null });

Deno.test("checkConfiguration: no text makes it throw, and its verdict is its diagnostics", () => {
  const files = fc.record({
    haCf: maybe,
    haresources: maybe,
    authkeys: maybe,
    heartbeatToml: maybe,
    nodeinfo: maybe,
  });
  fc.assert(
    fc.property(files, (texts: Texts) => {
      const { config, diagnostics } = check(texts);
      assert.equal(config === null, diagnostics.some(refuses));
      const rendered = renderDiagnostics(diagnostics, { color: false });
      assert.doesNotMatch(rendered.replaceAll("\n", ""), /\p{Cc}/u);
      for (const { line, column, length } of diagnosticRecords(diagnostics)) {
        assert.ok((line ?? 1) >= 1 && (column ?? 1) >= 1 && (length ?? 1) >= 1);
      }
      for (const { span } of diagnostics) {
        if (span === undefined) continue;
        assert.ok(0 <= span.start && span.start <= span.end);
        assert.ok(span.end <= span.source.text.length);
      }
    }),
    { numRuns: RUNS },
  );
});

/** A medium goes by those above it (media_values_test.ts). */
const ABOVE_MEDIA = ["udpport 6940", "baud 9600"];
const HA_CF_LINES = [
  ...["keepalive 500ms", "deadtime 5", "warntime 2", "initdead 20", "deadping 7", "hopfudge 2"],
  ...["bcast eth0", "udp eth1", "ucast eth0 10.0.0.2", "node ha1 ha2"],
  ...["serial /dev/ttyS0", "mcast eth0 239.0.0.1 694 1 0", "ping 10.0.0.254", "auto_failback off"],
  ...["nice_failback off", "logfile /var/log/a", "debugfile /var/log/b", "logfacility local1"],
  ...["msgfmt netstring", "hbgenmethod time", "uuidfrom nodename", "realtime off", "rtprio 9"],
];

Deno.test("checkConfiguration: the order of other lines in ha.cf changes nothing", () => {
  const verdict = (lines: readonly string[]) => {
    const { config } = check({ haCf: [...ABOVE_MEDIA, ...lines].join("\n") });
    assert.ok(config);
    const byText = (one: unknown) => JSON.stringify(one);
    return {
      ...config,
      media: config.media.map(byText).sort(),
    };
  };
  const wanted = verdict(HA_CF_LINES);
  const shuffled = fc.shuffledSubarray(HA_CF_LINES, { minLength: HA_CF_LINES.length });
  fc.assert(
    fc.property(shuffled, (lines) => assert.deepEqual(verdict(lines), wanted)),
    { numRuns: RUNS },
  );
});

Deno.test("checkConfiguration: the order of lines in authkeys changes nothing", () => {
  const lines = ["auth 2", "1 crc", "2 sha1 Hello!", "3 md5 x", "# note"];
  const verdict = (shuffled: readonly string[]) => {
    const keys = check({ authkeys: shuffled.join("\n") }).config?.keys;
    assert.ok(keys);
    return { ...keys, keys: [...keys.keys].sort((a, b) => a.number - b.number) };
  };
  const wanted = verdict(lines);
  const shuffled = fc.shuffledSubarray(lines, { minLength: lines.length });
  fc.assert(fc.property(shuffled, (one) => assert.deepEqual(verdict(one), wanted)));
});
