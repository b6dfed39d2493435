/** What a good configuration becomes: values, defaults and rules across the files. */
import assert from "node:assert/strict";
import type { HeartbeatConfig } from "../../core/config/heartbeat_config.ts";
import { check, codesOf, GOOD_HA_CF, type Host, type Texts } from "./fixture.ts";

/** The configuration of texts that must be right. */
function accept(texts: Texts, host: Host = {}): HeartbeatConfig {
  const { config, diagnostics } = check(texts, host);
  assert.ok(config, JSON.stringify(diagnostics.map(({ title }) => title)));
  return config;
}

/** The three files of the well-known article on a two-node web server. */
const ARTICLE: Texts = {
  haCf: `debugfile /var/log/ha-debug
logfile /var/log/ha-log
logfacility local0
keepalive 2
deadtime 10
warntime 10
initdead 10
nice_failback on
hopfudge 1
serial /dev/ttyS0
baud 19200
udpport 694
udp eth1
node ha1
node ha2
`,
  haresources: "ha1 192.168.2.3 httpd\n",
  authkeys: "auth 1\n1 sha1 sha1 myAuthkey\n",
};

Deno.test("checkConfiguration: the article's files give its cluster and warnings", () => {
  const { config, diagnostics } = check(ARTICLE);
  assert.ok(config);
  assert.deepEqual(config.cluster, {
    self: "ha1",
    nodes: ["ha1", "ha2"],
    pingNodes: [],
    keepaliveMs: 2000,
    warntimeMs: 10_000,
    deadtimeMs: 10_000,
    initdeadMs: 10_000,
    hopFudge: 1,
    maxRexmitDelayMs: 250,
    autoFailback: "off",
    groups: [{
      index: 0,
      key: "192.168.2.3",
      node: "ha1",
      resources: [
        { text: "192.168.2.3", agent: "IPaddr", args: ["192.168.2.3"] },
        { text: "httpd", agent: "httpd", args: [] },
      ],
    }],
    startDeadlineMs: 90_000,
    stopDeadlineMs: 90_000,
    statusDeadlineMs: 20_000,
  });
  assert.deepEqual(config.media, [
    { kind: "serial", device: "/dev/ttyS0", baud: 19200 },
    { kind: "bcast", interface: "eth1", port: 694 },
  ]);
  assert.deepEqual(config.keys.signing, {
    number: 1,
    method: "sha1",
    secret: new TextEncoder().encode("sha1"),
  });
  assert.deepEqual(config.log, {
    logfile: "/var/log/ha-log",
    debugfile: "/var/log/ha-debug",
    facility: "local0",
    syslogFormat: true,
    debugLevel: 0,
    logBadPackets: true,
  });
  assert.deepEqual(diagnostics.map(({ code }) => code).sort(), [
    ...["HB112", "HB112", "HB134", "HB169"],
  ]);
});

Deno.test("checkConfiguration: the article says its port below the medium as well, without a word", () => {
  const haCf = ARTICLE.haCf?.replace("udpport 694\nudp eth1\n", "udp eth1\nudpport 694\n") ?? "";
  assert.ok(haCf.indexOf("udp eth1") < haCf.indexOf("udpport"));
  assert.deepEqual(codesOf(check({ ...ARTICLE, haCf })).sort(), [
    ...["HB112", "HB112", "HB134", "HB169"],
  ]);
});

Deno.test("checkConfiguration: a minimal file gets the documented defaults, without a word", () => {
  const texts = { haCf: "bcast eth0\nnode ha1 ha2\n" };
  const config = accept(texts);
  assert.deepEqual(codesOf(check(texts)), []);
  const { keepaliveMs, deadtimeMs, warntimeMs, initdeadMs, autoFailback } = config.cluster;
  assert.deepEqual(
    { keepaliveMs, deadtimeMs, warntimeMs, initdeadMs, autoFailback },
    {
      keepaliveMs: 1000,
      deadtimeMs: 30_000,
      warntimeMs: 15_000,
      initdeadMs: 30_000,
      autoFailback: "legacy",
    },
  );
  assert.deepEqual(config.log.logfile, "/var/log/ha-log");
  assert.deepEqual(config.log.debugfile, "/var/log/ha-debug");
  assert.deepEqual(config.realtime, { enabled: true, priority: 1 });
  assert.equal(config.generationMethod, "file");
  assert.equal(config.uuidFrom, "file");
  assert.equal(config.messageFormat, "classic");
});

Deno.test("checkConfiguration: a facility alone means no log files, none is no facility", () => {
  const log = (line: string) => accept({ haCf: `${line}\nbcast eth0\nnode ha1 ha2\n` }).log;
  assert.equal(log("logfacility daemon").facility, "daemon");
  assert.equal(log("logfacility daemon").logfile, null);
  assert.equal(log("logfacility none").facility, null);
  assert.equal(log("logfacility none").logfile, "/var/log/ha-log");
  assert.equal(log("debugfile /x").logfile, null);
});

Deno.test("checkConfiguration: every active directive reaches its place", () => {
  const config = accept({
    haCf: `${GOOD_HA_CF}warntime 5
initdead 30
hopfudge 3
max_rexmit_delay 400
hbgenmethod time
uuidfrom nodename
msgfmt netstring
log_badpack off
syslogmsgfmt no
debug 2
realtime off
rtprio 50
`,
  });
  assert.equal(config.cluster.warntimeMs, 5000);
  assert.equal(config.cluster.initdeadMs, 30_000);
  assert.equal(config.cluster.hopFudge, 3);
  assert.equal(config.cluster.maxRexmitDelayMs, 400);
  assert.equal(config.cluster.autoFailback, "on");
  assert.equal(config.generationMethod, "time");
  assert.equal(config.uuidFrom, "nodename");
  assert.equal(config.messageFormat, "netstring");
  assert.deepEqual(config.log, {
    logfile: "/var/log/ha-log",
    debugfile: null,
    facility: null,
    syslogFormat: false,
    debugLevel: 2,
    logBadPackets: false,
  });
  assert.deepEqual(config.realtime, { enabled: false, priority: 50 });
});

Deno.test("checkConfiguration: initdead follows deadtime as documented", () => {
  const initdead = (deadtime: string) =>
    accept({ haCf: `deadtime ${deadtime}\nbcast eth0\nnode ha1 ha2` }).cluster.initdeadMs;
  assert.equal(initdead("10001ms"), 10_001);
  assert.equal(initdead("10"), 20_000);
  assert.equal(initdead("6"), 12_000);
  assert.equal(initdead("5999ms"), 12_000);
});

Deno.test("checkConfiguration: parameters show what was written, as cl_status", () => {
  // Values of golden/cli.jsonl.
  const { parameters } = accept({
    haCf: `keepalive 500ms
deadtime 4
warntime 2
initdead 10
udpport 694
auto_failback off
logfile /var/log/ha-log
deadping 3
bcast eth0
node ha1 ha2
`,
  });
  const wanted = {
    keepalive: "500ms",
    deadtime: "4",
    warntime: "2",
    initdead: "10",
    udpport: "694",
    auto_failback: "off",
    logfile: "/var/log/ha-log",
    deadping: "3",
    hopfudge: "1",
  };
  for (const [name, text] of Object.entries(wanted)) assert.equal(parameters[name], text, name);
  assert.equal(parameters["node"], undefined);
  assert.equal(parameters["watchdog"], undefined);
  assert.equal(accept({ haCf: "bcast eth0\nnode ha1 ha2\n" }).parameters["warntime"], "15000ms");
});

Deno.test("checkConfiguration: a value unreadable for the original is shown otherwise", () => {
  const haCf = "deadtime 10s\nkeepalive 500 ms\ninitdead 1m\nbcast eth0\nnode ha1 ha2\n";
  const { parameters, cluster } = accept({ haCf });
  assert.equal(cluster.deadtimeMs, 10_000);
  assert.equal(cluster.initdeadMs, 60_000);
  assert.equal(parameters["deadtime"], "10");
  assert.equal(parameters["keepalive"], "500ms");
});

Deno.test("checkConfiguration: ha-cluster of this host is the port where none is given above", () => {
  const facts = { servicePort: (name: string) => name === "ha-cluster" ? 7000 : null };
  const ports = (haCf: string) =>
    accept({ haCf }, { facts }).media.map((medium) => "port" in medium ? medium.port : null);
  assert.deepEqual(ports("bcast eth0\nnode ha1 ha2\n"), [7000]);
  assert.deepEqual(ports("bcast eth0\nudpport 694\nucast eth1 10.0.0.2\nnode ha1 ha2\n"), [
    ...[7000, 694],
  ]);
});

Deno.test("checkConfiguration: every kind of medium arrives as it was written", () => {
  const config = accept({
    haCf: `${GOOD_HA_CF}mcast eth0 239.0.0.1 695 1 0 extra
mcast6 eth0 ff02::1:77 694 4 1
ucast6 eth1 fe80::2
baud 9600
serial /dev/ttyS0
`,
  });
  const all = config.media;
  assert.deepEqual(all.map(({ kind }) => kind), [
    ...["bcast", "mcast", "mcast6", "ucast6", "serial"],
  ]);
  assert.deepEqual(all.find(({ kind }) => kind === "mcast"), {
    kind: "mcast",
    interface: "eth0",
    group: "239.0.0.1",
    port: 695,
    ttl: 1,
    loop: false,
  });
  assert.deepEqual(all.find(({ kind }) => kind === "serial"), {
    kind: "serial",
    device: "/dev/ttyS0",
    baud: 9600,
  });
});

Deno.test("checkConfiguration: heartbeat.toml gives serial lines flow control, and no other", () => {
  const haCf = `${GOOD_HA_CF}serial /dev/ttyS0\n`;
  const flow = (heartbeatToml: string) =>
    accept({ haCf, heartbeatToml }).media.map((medium) => "rtscts" in medium && medium.rtscts);
  assert.deepEqual(flow("[serial]\nrtscts = true\n"), [false, true]);
  assert.deepEqual(flow("[serial]\nrtscts = false\n"), [false, false]);
  const wrong = { haCf, heartbeatToml: '[serial]\nrtscts = "yes"\n' };
  assert.deepEqual(codesOf(check(wrong)), ["HB182"]);
});

Deno.test("checkConfiguration: a medium twice is one medium and a warning", () => {
  const texts = { haCf: `${GOOD_HA_CF}udp eth0\n` };
  assert.deepEqual(accept(texts).media, [{ kind: "bcast", interface: "eth0", port: 694 }]);
  assert.deepEqual(codesOf(check(texts)), ["HB112", "HB143"]);
});

Deno.test("checkConfiguration: nice_failback is translated, auto_failback wins", () => {
  const base = "bcast eth0\nnode ha1 ha2\n";
  const mode = (lines: string) => accept({ haCf: base + lines }).cluster.autoFailback;
  assert.equal(mode("nice_failback on"), "off");
  assert.equal(mode("nice_failback off"), "legacy");
  assert.equal(mode("nice_failback on\nauto_failback on"), "on");
  assert.equal(mode("auto_failback on\nnice_failback on"), "on");
  assert.equal(mode("auto_failback legacy\nnice_failback on"), "legacy");
  assert.equal(mode("auto_failback LEGACY"), "legacy");
  assert.equal(mode("auto_failback Y"), "on");
});

Deno.test("checkConfiguration: nodeinfo replaces uname -n, an empty one does not", () => {
  const self = (nodeinfo: string) => accept({ nodeinfo }, { uname: "HA1\n" }).cluster.self;
  assert.equal(self("ha2\nha3\n"), "ha2");
  assert.equal(self("\n"), "ha1");
});

Deno.test("checkConfiguration: warnings do not refuse", () => {
  const warned = (texts: Texts, ...codes: readonly string[]) => {
    accept(texts);
    assert.deepEqual(codesOf(check(texts)), codes);
  };
  warned({ haCf: `udpport 53\n${GOOD_HA_CF}` }, "HB145");
  warned({ haCf: `${GOOD_HA_CF}udpport 695` }, "HB148");
  warned({ haCf: `${GOOD_HA_CF}debugfile /var/log` }, "HB119");
  warned({ haCf: `${GOOD_HA_CF}initdead 9999ms\ndeadtime 5` }, "HB132", "HB108");
  warned({ haCf: `${GOOD_HA_CF}hopfudge` }, "HB105");
  warned({ haCf: `${GOOD_HA_CF}hopfudge 1,2` }, "HB108");
  warned({ haCf: `${GOOD_HA_CF}max_rexmit_delay 250ms` }, "HB107");
  warned({ haCf: `${GOOD_HA_CF}memreserve 100` }, "HB111");
  warned({ haCf: `${GOOD_HA_CF}ucast eth9 10.0.0.2 694` }, "HB142", "HB114");
  warned({ haCf: `${GOOD_HA_CF}bcast eth9\nmcast eth9 225.0.0.1 694 1 0` }, "HB142", "HB142");
  warned({ haCf: `${GOOD_HA_CF}serial /dev/nosuch` }, "HB142");
  warned({ haCf: `${GOOD_HA_CF}#${"x".repeat(5200)}` }, "HB102");
  warned({ haCf: "bcast eth0\nnode ha1" }, "HB124");
  warned({ authkeys: "auth 1\n1 crc\n" }, "HB170");
  warned({ authkeys: "1 md5 x\nauth 1\n" }, "HB172");
  warned({ authkeys: "auth 1\n1 sha256 x\n" }, "HB173");
  warned({ haresources: "ha1 nosuch nosuch::a\n" }, "HB158", "HB158");
  warned({ haresources: "ha1 named::a+b httpd\nha2 httpd::c named::a.b::c+d\n" }, "HB204");
  warned({ haresources: "ha1 misnamed misnamed::a\n" }, "HB199");
  warned({ haresources: "ha1 MailTo MailTo::a@b\n" }, "HB190", "HB203", "HB203");
  warned({ haresources: "ha1 httpd 10.0.0.1\nHA1 named 10.0.0.1\n" }, "HB192");
  warned({ haCf: `keepalive 100ms\nbcast eth0\nserial /dev/ttyS0\nnode ha1 ha2` }, "HB146");
  warned({ haresources: "ha1 10.0.0.1/24/eth0 10.0.0.2/24/eth9\n" }, "HB191");
  warned({ haresources: "ha1 10.0.0.1/24/eth0 10.0.0.2/24/dark0\n" }, "HB197");
  warned({ haresources: "ha1 SendArp::10.0.0.1/eth0 SendArp::10.0.0.2/eth0\n" }, "HB196");
});

Deno.test("checkConfiguration: without any medium a daemon starts, deaf, and an error says so", () => {
  const severities = (media: string) => {
    const checked = check({ haCf: `${media}\nnode ha1 ha2\n` });
    assert.ok(checked.config);
    return checked.diagnostics.map(({ code, severity }) => `${code} ${severity}`);
  };
  assert.deepEqual(severities("bcast eth9"), ["HB142 error"]);
  assert.deepEqual(severities("ucast eth9 10.0.0.2\nserial /dev/nosuch"), [
    ...["HB142 error", "HB142 error"],
  ]);
  assert.deepEqual(severities("udpport 111\nbcast eth0"), ["HB200 error"]);
  assert.deepEqual(severities("udpport 111\nbcast eth0\nserial /dev/ttyS0"), ["HB200 warning"]);
  assert.deepEqual(severities("ucast eth1 10.0.0.1"), ["HB149 error"]);
  assert.deepEqual(severities("ucast eth1 10.0.0.1\nbcast eth0"), ["HB149 warning"]);
  assert.deepEqual(severities("ucast eth1 10.0.0.1\nucast eth1 10.0.0.2"), []);
  assert.deepEqual(severities("ucast lo 127.0.0.1"), []);
  assert.deepEqual(severities("ucast lo 127.0.0.1\nucast eth1 10.0.0.1"), ["HB149 error"]);
});

Deno.test("checkConfiguration: blanks of a web page are blanks, but what stands in a key stays", () => {
  const { config, diagnostics } = check({
    haCf: "\ufeffkeepalive\u00a02\nbcast eth0\u200b\nnode\u3000ha1 ha2 # a\u00a0note\n",
    haresources: "ha1\u00a010.0.0.3\u00a0httpd\n",
    authkeys: "\ufeffauth\u00a01\n1\u00a0sha1\u00a0my\u00a0key\n",
  });
  assert.ok(config);
  assert.equal(config.cluster.keepaliveMs, 2000);
  assert.deepEqual(config.media, [{ kind: "bcast", interface: "eth0", port: 694 }]);
  assert.deepEqual(config.cluster.nodes, ["ha1", "ha2"]);
  assert.equal(config.cluster.groups[0]?.key, "10.0.0.3");
  assert.deepEqual(config.keys.signing.secret, new TextEncoder().encode("my\u00a0key"));
  assert.deepEqual([...new Set(diagnostics.map(({ code }) => code))], ["HB126"]);
});

Deno.test("checkConfiguration: an empty haresources allows more than two nodes", () => {
  const haCf = "bcast eth0\nnode ha1 ha2 ha3\n";
  assert.deepEqual(accept({ haCf, haresources: "# none\n" }).cluster.groups, []);
  assert.deepEqual(codesOf(check({ haCf })), ["HB123"]);
});

Deno.test("checkConfiguration: facts that the caller does not know are not judged", () => {
  const haCf =
    `udpport 53\n${GOOD_HA_CF}bcast nosuch0\nserial /dev/nosuch\nrespawn nobodyatall /nosuch
apiauth x uid=nosuch gid=1,2\nstonith t /f\nstonith_host * t p\nping_group g h\nenv A=b
`;
  const { config, diagnostics } = check({ haCf, haresources: "ha1 nosuch" }, { facts: "none" });
  assert.ok(config);
  assert.deepEqual([...new Set(diagnostics.map(({ code }) => code))], ["HB110"]);
});

Deno.test("checkConfiguration: texts beyond any configuration are refused, not read", () => {
  const codes = codesOf(check({ haCf: "#".repeat(256 * 1024 + 1) }));
  assert.deepEqual(codes, ["HB102"]);
});

Deno.test("checkConfiguration: deadlines of heartbeat.toml are seconds", () => {
  const { cluster } = accept({
    heartbeatToml: "[deadlines]\nstart_s = 120 # slow\nstatus_s = 0.5\n",
  });
  assert.equal(cluster.startDeadlineMs, 120_000);
  assert.equal(cluster.stopDeadlineMs, 90_000);
  assert.equal(cluster.statusDeadlineMs, 500);
});

Deno.test("checkConfiguration: a key file may have mode 0400 and belong to the process", () => {
  accept({}, { keyFile: { mode: 0o400 } });
  accept({}, { keyFile: { uid: 1000 }, processUid: 1000 });
  accept({}, { keyFile: { uid: 0 }, processUid: 1000 });
  assert.equal(check({}, { keyFile: { mode: 0o4600 } }).config, null);
});
