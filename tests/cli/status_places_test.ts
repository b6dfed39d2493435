/** `heartbeat status`: where groups are said to be, and what is said of past and distant trouble. */
import assert from "node:assert/strict";
import { renderStatus } from "../../core/cli/status_table.ts";
import { judge } from "../../core/cli/verdict.ts";
import type {
  EngineView,
  FailureView,
  GroupView,
  NodeView,
  PeerGroupState,
} from "../../core/engine/view.ts";
import type { DaemonView } from "../../core/runtime/protocol.ts";
import { clusterView, linkView, withLab } from "./fake_daemon.ts";

const WIDE = { colour: false, unicode: true, columns: 120, foldAt: Infinity };

/** The cluster of the golden records with changes to node2 or the first group. */
function changed(change: {
  readonly peer?: Partial<NodeView>;
  readonly group?: Partial<GroupView>;
  readonly engine?: Partial<EngineView>;
}): DaemonView {
  const view = clusterView(change.engine);
  const { nodes, groups } = view.engine;
  const engine = {
    ...view.engine,
    nodes: nodes.map((node) => node.name === "node2" ? { ...node, ...change.peer } : node),
    groups: groups.map((group) => group.index === 0 ? { ...group, ...change.group } : group),
  };
  return { ...view, engine };
}

function allHere(): GroupView[] {
  return clusterView().engine.groups.map((group) => ({ ...group, status: "started" }));
}

function failed(followed: FailureView["followed"]): FailureView {
  const what = { resource: "httpd", operation: "start", cause: "cannot bind" } as const;
  return { ...what, followed, ageMs: 300_000 };
}

/** The second group on the other node, with what that says of it. */
function there(state: PeerGroupState, change: Partial<EngineView> = {}): DaemonView {
  const peer = { state, text: "busy", ageMs: 7_000 };
  const view = clusterView(change);
  const groups = view.engine.groups.map((group) => group.index === 1 ? { ...group, peer } : group);
  return { ...view, engine: { ...view.engine, groups } };
}

function elsewhere(view: DaemonView): string {
  return renderStatus(view, WIDE).match(/GROUP refsvc::b {3}(.*) · prefers/)
    ?.[1] ?? "";
}

Deno.test("renderStatus: where a group is on the other node is what that said, or unknown", () => {
  const moving = { peerHolds: "none", peerBusy: "local", inTransition: true } as const;
  const apart = clusterView({ difference: "haresources differs" });
  const groups = apart.engine.groups.map((group) => ({ ...group, agreed: false }));
  const texts: readonly [DaemonView, string][] = [
    [clusterView(), "on node2"],
    [there("blocked"), "on node2, blocked for 7.0s"],
    [there("partial"), "on node2, only in part for 7.0s"],
    [there("starting"), "starting on node2 for 7.0s"],
    [there("stopping", moving), "stopped here, stopping on node2"],
    [clusterView(moving), "stopped here, stopping on node2"],
    [clusterView({ ...moving, peerBusy: "none" }), "stopped here for 2h 00m, a move is under way"],
    [
      { ...apart, engine: { ...apart.engine, groups } },
      "stopped here, elsewhere unknown: haresources differs",
    ],
  ];
  for (const [view, text] of texts) assert.equal(elsewhere(view), text);
});

const verdicts: readonly [string, DaemonView, string, number, RegExp][] = [
  [
    "left in order",
    changed({ peer: { left: true, ageMs: 5_000 }, engine: { holds: "all", groups: allHere() } }),
    "DEGRADED",
    1,
    /^node node2 left in order 5\.0s ago$/,
  ],
  [
    "it hears nothing of this node",
    changed({ peer: { unheard: { ageMs: 5_000, links: null } } }),
    "DEGRADED",
    1,
    /^node2 is heard, and has not heard this node for 5\.0s: it will take over, or has$/,
  ],
  [
    "it does not hear this node on one link",
    changed({ peer: { unheard: { ageMs: 5_000, links: "eth0 ttyS0" } } }),
    "DEGRADED",
    1,
    /^node2 has not heard this node on its eth0, ttyS0 for 5\.0s$/,
  ],
  [
    "it is not heard on one link",
    changed({ peer: { links: [linkView({}), linkView({ name: "eth1", status: "dead" })] } }),
    "DEGRADED",
    1,
    /^link eth1 to node2 has been dead for \S+: this node does not hear node2 on it$/,
  ],
  [
    "it did not start here and serves elsewhere since",
    changed({
      group: { status: "stopped", failure: failed("moved") },
      engine: { holds: "none", peerHolds: "all" },
    }),
    "DEGRADED",
    1,
    /^group refsvc::a: start of httpd failed 5m 00s ago: cannot bind; the group was given to node2$/,
  ],
  [
    "it did not start on the peer",
    changed({ group: { peer: { state: "failed", text: "start of a: no", ageMs: 60_000 } } }),
    "DEGRADED",
    1,
    /^group refsvc::a did not start on node2 1m 00s ago: start of a: no$/,
  ],
  [
    "blocked on the peer, all of it runs",
    there("blocked"),
    "DEGRADED",
    1,
    /blocked on node2: busy/,
  ],
  [
    "blocked on the peer, half of it stopped",
    there("partial"),
    "DOWN",
    2,
    /^group refsvc::b runs only in part on node2, and cannot move: busy$/,
  ],
  [
    "the peer starts it again by itself, as after a reload there",
    there("starting"),
    "DEGRADED",
    1,
    /^group refsvc::b has been starting on node2 for 7\.0s: busy$/,
  ],
  [
    "status denies a start that went well",
    changed({ group: { resources: [{ text: "liar", running: true, denied: true }] } }),
    "DEGRADED",
    1,
    /^group refsvc::a: liar was started, and its status says that it does not run$/,
  ],
];

for (const [title, view, word, exit, reason] of verdicts) {
  Deno.test(`judge: ${title} is ${word}, exit ${exit}`, () => {
    const verdict = judge(view);
    assert.deepEqual([verdict.word, verdict.exit], [word, exit]);
    assert.match(verdict.reasons.join("\n"), reason);
  });
}

Deno.test("renderStatus: a node that left in order is left, and not dead", () => {
  const row = (peer: Partial<NodeView>) =>
    renderStatus(changed({ peer: { status: "dead", ...peer } }), WIDE).match(/^ +node2 +(\S+)/m)
      ?.[1];
  assert.deepEqual([row({ left: true }), row({})], ["left", "dead"]);
});

Deno.test("heartbeat status: wrong usage is no verdict on the cluster", async () => {
  await withLab(async (lab) => {
    const { rc, stdout } = await lab.run("heartbeat", "status", "--bogus");
    // 1 and 2 are verdicts, 3 is no daemon; LSB has 4 for a state that is not known.
    assert.deepEqual([rc, stdout], [4, ""]);
  });
});
