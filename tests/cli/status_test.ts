/** `heartbeat status`: verdicts, exit codes, and the table as golden files. */
import assert from "node:assert/strict";
import { terminalOf } from "../../core/cli/host.ts";
import { renderStatus } from "../../core/cli/status_table.ts";
import { age } from "../../core/cli/style.ts";
import { HeldGroupsNote } from "../../core/runtime/held_groups.ts";
import { judge } from "../../core/cli/verdict.ts";
import type { GroupView, NodeView } from "../../core/engine/view.ts";
import type { DaemonView } from "../../core/runtime/protocol.ts";
import { answerFrom, clusterView, linkView, withLab } from "./fake_daemon.ts";

const PLAIN = { colour: false, unicode: true, columns: 80, foldAt: Infinity };
const ASCII = { ...PLAIN, unicode: false };
const NARROW = { ...PLAIN, columns: 40 };

function golden(name: string): string {
  return Deno.readTextFileSync(new URL(`golden/${name}`, import.meta.url));
}

/** The cluster of the golden records with changes to node2, the first group or the medium. */
function changed(change: {
  readonly peer?: Partial<NodeView>;
  readonly group?: Partial<GroupView>;
  readonly engine?: Partial<DaemonView["engine"]>;
  readonly medium?: Partial<DaemonView["media"][number]>;
}): DaemonView {
  const view = clusterView(change.engine);
  const { engine } = view;
  return {
    ...view,
    media: view.media.map((medium) => ({ ...medium, ...change.medium })),
    engine: {
      ...engine,
      nodes: engine.nodes.map((node) => node.name === "node2" ? { ...node, ...change.peer } : node),
      groups: engine.groups.map((group) =>
        group.index === 0 ? { ...group, ...change.group } : group
      ),
    },
  };
}

/** Everything that can be wrong at once, with texts that do not fit a line. */
function troubled(): DaemonView {
  const view = changed({
    peer: {
      status: "dead",
      ageMs: 83_000,
      heardMs: 113_000,
      links: [linkView({ status: "dead", ageMs: 83_000 })],
    },
    group: {
      status: "blocked",
      key: "IPaddr::192.168.100.200/24/eth0:10/192.168.100.255",
      problem: "stop of refsvc::a2 timed out after 120 s; the resource may still run here",
      resources: [
        { text: "IPaddr::192.168.100.200/24/eth0:10/192.168.100.255", running: true },
        { text: `Filesystem::/dev/drbd0::/srv/${"long/".repeat(12)}`, running: null },
        { text: "httpd", running: false },
      ],
      failedStops: 12,
    },
    engine: { holds: "none", counters: { replays: 3, "lost messages": 0 } },
    medium: { usable: false, reason: "ENETDOWN: interface eth0 is down" },
  });
  return { ...view, dropped: { "bad-signature": 12, malformed: 1 } };
}

/** The article's pair, all well: nobody hears himself on the null-modem cable. */
function article(): DaemonView {
  const view = clusterView();
  const { engine, media } = view;
  const names = ["ha1.bogus.sh.cn", "ha2.bogus.sh.cn"] as const;
  const serial = { name: "/dev/ttyS0", ageMs: 120_000 };
  const unheard = { ...serial, status: "dead", heardMs: null } as const;
  return {
    ...view,
    media: media.flatMap((medium) => [
      { ...medium, name: "eth1", title: "bcast eth1:694" },
      { ...medium, kind: "serial", name: serial.name, title: "serial /dev/ttyS0 19200" },
    ]),
    engine: {
      ...engine,
      self: names[0],
      peerHolds: "none",
      nodes: engine.nodes.slice(0, 2).map((node, at) => ({
        ...node,
        name: names[at] ?? "",
        links: [
          linkView({ name: "eth1", ageMs: 120_000 }),
          linkView(node.self ? unheard : serial),
        ],
      })),
      groups: engine.groups.slice(0, 1).map((group) => ({
        ...group,
        key: "192.168.2.3",
        node: names[0],
        resources: ["192.168.2.3", "httpd"].map((text) => ({ text, running: true })),
      })),
    },
  };
}

const tables: readonly [string, DaemonView, typeof PLAIN][] = [
  ["status_ok.txt", clusterView(), PLAIN],
  ["status_ok_ascii.txt", clusterView(), ASCII],
  ["status_article.txt", article(), PLAIN],
  ["status_article_narrow.txt", article(), NARROW],
  ["status_trouble.txt", troubled(), PLAIN],
  ["status_trouble_ascii.txt", troubled(), ASCII],
];

for (const [file, view, terminal] of tables) {
  Deno.test(`renderStatus: ${file} is what people see`, () => {
    const text = renderStatus(view, terminal);
    assert.equal(text, golden(file));
    for (const line of text.split("\n")) {
      assert.ok([...line].length <= terminal.columns, `too long: ${line}`);
    }
    // deno-lint-ignore no-control-regex -- the absence of everything but ASCII is the point
    if (!terminal.unicode) assert.match(text, /^[\x0a\x20-\x7e]*$/);
  });
}

Deno.test("renderStatus: colour adds escapes and changes no character", () => {
  const coloured = renderStatus(troubled(), { ...PLAIN, colour: true });
  assert.ok(coloured.startsWith("\x1b[31m● DOWN\x1b[0m"));
  // deno-lint-ignore no-control-regex -- escapes are what is removed
  assert.equal(coloured.replace(/\x1b\[\d+m/g, ""), golden("status_trouble.txt"));
});

Deno.test("renderStatus: escapes in a script's words cannot steer the terminal", () => {
  const view = changed({ group: { problem: "start failed: \x1b[2J…\nsecond line" } });
  assert.match(renderStatus(view, ASCII), /refsvc::a: start failed: \?\[2J\? second line\n/);
});

Deno.test("renderStatus: dropped packets are told with their cause, counters only as JSON", () => {
  const causes = { "bad-signature": 6, "truncated": 0, "cause-of-tomorrow": 1 };
  const text = renderStatus({ ...clusterView({ counters: { acks: 34 } }), dropped: causes }, PLAIN);
  assert.match(text, /^ {4}6 packets with a wrong signature: another key on the peer\?$/m);
  assert.match(text, /^ {4}1 packet \(cause-of-tomorrow\)$/m);
  assert.doesNotMatch(text, /0 packets|acks/);
});

Deno.test("renderStatus: an address that the kernel does not have is not shown as running", () => {
  const addresses = [{ resource: "192.168.2.3", gone: true, text: "192.168.2.3 is gone" }];
  const text = renderStatus({ ...article(), addresses }, PLAIN);
  assert.match(text, /^● DOWN .*\n {2}! 192\.168\.2\.3 is gone$/m);
  assert.match(text, /^ {4}– 192\.168\.2\.3\n {4}✓ httpd$/m);
});

const verdicts: readonly [string, DaemonView, string, number, RegExp | null][] = [
  ["all is well", clusterView(), "OK", 0, null],
  [
    "no carrier under an address",
    { ...article(), addresses: [{ resource: "192.168.2.3", gone: false, text: "eth0 is dark" }] },
    "DEGRADED",
    1,
    /^eth0 is dark$/,
  ],
  ["the article's pair with its serial cable", article(), "OK", 0, null],
  [
    "peer dead, its groups here",
    changed({
      peer: { status: "dead" },
      engine: { holds: "all", groups: allHere() },
    }),
    "DEGRADED",
    1,
    /node node2 has been dead for 2h 10m/,
  ],
  [
    "peer dead, its group nowhere",
    changed({ peer: { status: "dead" } }),
    "DOWN",
    2,
    /refsvc::b runs/,
  ],
  [
    "the same during the takeover",
    changed({
      peer: { status: "dead" },
      engine: { inTransition: true },
    }),
    "DEGRADED",
    1,
    /in transition/,
  ],
  [
    "both hold a group",
    changed({ engine: { peerHolds: "all" } }),
    "CONTESTED",
    2,
    /refsvc::a runs/,
  ],
  [
    "peer silent about its groups",
    changed({ engine: { peerHolds: null } }),
    "DEGRADED",
    1,
    /nobody/,
  ],
  [
    "joining",
    changed({
      engine: { phase: "joining", peerHolds: null },
      group: { status: "stopped" },
    }),
    "DEGRADED",
    1,
    /^joining: not every node was heard yet$/,
  ],
  [
    "medium down",
    changed({ medium: { usable: false, reason: "ENETDOWN" } }),
    "DEGRADED",
    1,
    /ENETDOWN/,
  ],
  [
    "link dead",
    changed({
      peer: { links: [linkView({ status: "dead", ageMs: 5000 })] },
    }),
    "DEGRADED",
    1,
    /link eth0 to node2 has been dead for 5\.0s/,
  ],
  [
    "a failure is remembered",
    changed({ group: { problem: "start failed" } }),
    "DEGRADED",
    1,
    /start/,
  ],
  [
    "blocked, and all of it runs",
    changed({ group: { status: "blocked", failedStops: 11, problem: "stop of refsvc::a: busy" } }),
    "DEGRADED",
    1,
    /^group refsvc::a is blocked here: stop of refsvc::a: busy$/,
  ],
  [
    "blocked, and half of it stopped",
    troubled(),
    "DOWN",
    2,
    /192\.168\.100\.255 runs only in part/,
  ],
  [
    "a note that cannot be written",
    { ...changed({}), problems: ["cannot note in /run which groups are held"] },
    "DEGRADED",
    1,
    /cannot note/,
  ],
  [
    "released everything",
    changed({
      engine: { phase: "left", peerHolds: "none" },
      group: { status: "stopped" },
    }),
    "DOWN",
    2,
    /left/,
  ],
];

function allHere(): GroupView[] {
  return clusterView().engine.groups.map((group) => ({ ...group, status: "started" }));
}

for (const [title, view, word, exit, reason] of verdicts) {
  Deno.test(`judge: ${title} is ${word}, exit ${exit}`, () => {
    const verdict = judge(view);
    assert.deepEqual([verdict.word, verdict.exit], [word, exit]);
    if (reason === null) assert.deepEqual(verdict.reasons, []);
    else assert.match(verdict.reasons.join("\n"), reason);
  });
}

Deno.test("heartbeat status: table, exit code, --json is the whole answer", async () => {
  await withLab(async (lab) => {
    const view = changed({ medium: { usable: false, reason: "ENETDOWN" } });
    lab.serve(answerFrom(view));
    const table = await lab.run("heartbeat", "status");
    assert.deepEqual([table.rc, table.stderr], [1, ""]);
    assert.match(table.stdout, /^● DEGRADED {2}node1/);
    const json = await lab.run("heartbeat", "status", "--json");
    assert.equal(json.rc, 1);
    const { schema, verdict, status } = JSON.parse(json.stdout);
    assert.deepEqual([schema, verdict], [1, judge(view)]);
    const owners = status.engine.groups.map(({ owner, place }: Record<string, string>) =>
      `${owner} ${place}`
    );
    assert.deepEqual(owners, ["node1 here", "node2 peer"]);
    for (const group of status.engine.groups) {
      delete group.owner;
      delete group.place;
    }
    assert.deepEqual(status, view);
  });
});

Deno.test("heartbeat status: no daemon is exit 3, with and without a dead socket", async () => {
  await withLab(async (lab) => {
    const absent = await lab.run("heartbeat", "status");
    assert.deepEqual([absent.rc, absent.stdout], [3, ""]);
    assert.match(
      absent.stderr,
      /^heartbeat: Heartbeat is not running: there is no socket .*ENOENT/,
    );
    await leaveDeadSocket(`${lab.root}/run/heartbeat/control.sock`);
    const dead = await lab.run("heartbeat", "status", "--json");
    assert.equal(dead.rc, 3);
    const { verdict, error } = JSON.parse(dead.stdout);
    assert.deepEqual([verdict.word, verdict.exit, error], ["NOT RUNNING", 3, "absent"]);
    assert.match(verdict.reasons.join(), /^Heartbeat is not running: .*ECONNREFUSED/);
    assert.match(dead.stderr, /ECONNREFUSED/);
  });
});

Deno.test("heartbeat status: what a daemon that was killed held may still run, and is told", async () => {
  await withLab(async (lab) => {
    const path = `${lab.root}/run/heartbeat/held.json`;
    const note = new HeldGroupsNote(path, () => {});
    const resources = ["192.168.2.3", "httpd"].map((text) => ({ text, agent: text, args: [] }));
    await note.store([{ index: 0, key: "192.168.2.3", node: "ha1", resources }], []);
    const killed = await lab.run("heartbeat", "status");
    assert.equal(killed.rc, 3);
    assert.match(killed.stderr, /^heartbeat: "ha1 192\.168\.2\.3 httpd" was held here when the /m);
    await note.store([], []);
    const inOrder = await lab.run("heartbeat", "status");
    assert.match(inOrder.stderr, /^heartbeat: Heartbeat is not running: [^\n]*\n$/);
  });
});

/** As a killed daemon leaves it: the file is there, nobody listens. */
async function leaveDeadSocket(path: string): Promise<void> {
  const listener = Deno.listen({ transport: "unix", path: `${path}.moved` });
  await Deno.rename(`${path}.moved`, path);
  listener.close();
}

Deno.test("heartbeat status: nonsense from the socket is exit 4, cannot say", async () => {
  for (const nonsense of ["hello\n", "{}\n", '{"ok":true,"text":"x"}\n', '{"ok":true', ""]) {
    await withLab(async (lab) => {
      lab.serve(() => nonsense);
      const { rc, stderr } = await lab.run("heartbeat", "status");
      assert.equal(rc, 4, nonsense);
      assert.match(stderr, /control\.sock (answered|hung up)/);
    });
  }
});

Deno.test("age: two units at most, each boundary", () => {
  const ages: readonly [number, string][] = [
    [0, "0.0s"],
    [9949, "9.9s"],
    [9950, "9s"],
    [59_999, "59s"],
    [60_000, "1m 00s"],
    [3_599_999, "59m 59s"],
    [3_600_000, "1h 00m"],
    [86_400_000, "1d 00h"],
    [1_051_200_000, "12d 04h"],
  ];
  for (const [ms, text] of ages) assert.equal(age(ms), text);
});

Deno.test("terminalOf: colour and width of a terminal, NO_COLOR, UTF-8 by the locale", () => {
  const of = (variables: Record<string, string>, columns: number | null) =>
    terminalOf((name) => variables[name], columns);
  const shown = { colour: true, unicode: true, columns: 132, foldAt: 132 };
  const plain = { colour: false, unicode: false, columns: 132, foldAt: 132 };
  assert.deepEqual(of({ LANG: "C.UTF-8" }, 132), shown);
  assert.deepEqual(of({ LANG: "C.UTF-8", LC_ALL: "C" }, 132), { ...shown, unicode: false });
  assert.deepEqual(of({ LANG: "C", LC_CTYPE: "de_DE.utf8" }, null), PLAIN);
  assert.deepEqual(of({ NO_COLOR: "1" }, 132), plain);
  assert.deepEqual(of({ NO_COLOR: "", TERM: "dumb" }, 132), plain);
  assert.equal(of({}, 0).columns, 80, "a terminal that does not know its size");
});

Deno.test("heartbeat status: a link that loses packets or is late says so in its row", () => {
  const quality = { heard: 970, lost: 30, worstGapMs: 4_000, gaps: [] };
  const links = [linkView({ late: true, ageMs: 60_000, quality })];
  const table = renderStatus(changed({ peer: { links } }), PLAIN);
  assert.match(table, /^ {2}node2 .*\n {4}eth0 +late +1m 00s +0\.4s +3\.0%$/m);
});
