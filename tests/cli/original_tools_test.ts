/** The original's tools, byte for byte: outputs, streams and exit codes of heartbeat 3.0.6. */
import assert from "node:assert/strict";
import type { Holding } from "../../core/engine/view.ts";
import { answerFrom, clusterView, linkView, withLab } from "./fake_daemon.ts";

interface Golden {
  readonly cmd: string;
  /** `running`, `stopped`, or `holds WHAT`. */
  readonly daemon: string;
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

const records: Golden[] = Deno.readTextFileSync(
  new URL("golden/original_tools.jsonl", import.meta.url),
).trim().split("\n").map((line) => JSON.parse(line));

/** Dates, pids and this host's name as the golden records write them. */
function normalised(text: string): string {
  return text.replaceAll(Deno.hostname(), "node1")
    .replace(/^\w{3} \d\d \d\d:\d\d:\d\d /gm, "<date> ")
    .replace(/cl_status: \[\d+\]/g, "cl_status: [<pid>]")
    .replace(/\[pid \d+ et al\]/, "[pid 6510 et al]");
}

for (const { cmd, daemon, rc, stdout, stderr } of records) {
  Deno.test(`original tools: ${cmd}, daemon ${daemon}, says what 3.0.6 says`, async () => {
    await withLab(async (lab) => {
      const [name = "", ...args] = cmd.split(" ");
      if (daemon !== "stopped") {
        const holds = daemon.startsWith("holds ") ? daemon.slice("holds ".length) : "local";
        lab.serve(answerFrom(clusterView({ holds: holds as Holding })));
        await lab.beDaemon();
      } else if (cmd === "heartbeat -s") {
        await Deno.writeTextFile(`${lab.root}/run/heartbeat.pid`, "   4194305\n");
      }
      const argv0 = name.startsWith("hb_") ? `/usr/share/heartbeat/${name}` : name;
      const result = await lab.run(argv0, ...args);
      // Lines that the original does not have stand behind all of its own.
      const said = result.stderr.replace(/^hint: .+\n$/m, "");
      assert.deepEqual(
        { rc: result.rc, stdout: normalised(result.stdout), stderr: normalised(said) },
        { rc, stdout, stderr },
      );
    });
  });
}

Deno.test("cl_status: own links that nobody can hear are listed, and not called dead", async () => {
  await withLab(async (lab) => {
    const cable = linkView({ name: "/dev/ttyS0", status: "dead", heardMs: null });
    const view = clusterView();
    const nodes = view.engine.nodes.map((node) => node.self ? { ...node, links: [cable] } : node);
    lab.serve(answerFrom({ ...view, engine: { ...view.engine, nodes } }));
    for (const question of ["hbstatus", "listnodes"]) {
      const { stdout } = await lab.run("cl_status", question, "-v");
      assert.doesNotMatch(stdout, /dead/);
    }
    assert.equal((await lab.run("cl_status", "listhblinks", "node1")).stdout, "\t/dev/ttyS0\n");
  });
});

Deno.test("original tools: there are golden records of every tool", () => {
  const tools = new Set(records.map(({ cmd }) => cmd.split(" ")[0]));
  assert.deepEqual([...tools].sort(), ["cl_status", "hb_standby", "hb_takeover", "heartbeat"]);
  assert.ok(records.length >= 55, `${records.length} records`);
});

Deno.test("cl_status: usage on stdout and exit 0 without a sub-command and with -h", async () => {
  await withLab(async (lab) => {
    for (const args of [[], ["-h"]]) {
      const { rc, stdout, stderr } = await lab.run("cl_status", ...args);
      assert.equal(rc, 0);
      assert.match(stdout, /^Usage: cl_status .*\n[\s\S]*hblinkstatus NODE LINK/);
      assert.equal(stderr, "");
    }
  });
});

Deno.test("cl_status rscstatus: transition while resources move", async () => {
  await withLab(async (lab) => {
    lab.serve(answerFrom(clusterView({ inTransition: true })));
    assert.equal((await lab.run("cl_status", "rscstatus")).stdout, "transition\n");
  });
});

Deno.test("cl_status: an unknown option is a parameter error, exit 11", async () => {
  await withLab(async (lab) => {
    lab.serve(answerFrom(clusterView()));
    const { rc, stderr } = await lab.run("cl_status", "hbstatus", "-x");
    assert.equal(rc, 11);
    assert.match(stderr, /^cl_status: Unknown option '-x'\nUsage/);
  });
});

Deno.test("hb_standby: an accepted order is announced, failback means foreign", async () => {
  await withLab(async (lab) => {
    lab.serve(answerFrom(clusterView()));
    const { rc, stdout, stderr } = await lab.run("hb_standby", "failback");
    assert.deepEqual({ rc, stdout }, { rc: 0, stdout: "" });
    assert.match(stderr, /^\d{4}\/\d\d\/\d\d_\d\d:\d\d:\d\d Going standby \[foreign\]\.\n$/);
    assert.deepEqual(lab.requests, [{ order: "standby", share: "foreign" }]);
  });
});

Deno.test("hb_takeover: a refusal is exit 1 with the daemon's reason", async () => {
  await withLab(async (lab) => {
    lab.serve(() => ({ ok: false, text: "node2 is dead" }));
    const { rc, stdout, stderr } = await lab.run("hb_takeover");
    assert.deepEqual({ rc, stdout, stderr }, {
      rc: 1,
      stdout: "",
      stderr: "hb_takeover: node2 is dead\n",
    });
  });
});

Deno.test("cl_status: what the original leaves unsaid is a hint behind its own words", async () => {
  await withLab(async (lab) => {
    lab.serve(answerFrom(clusterView()));
    const hints: readonly [string, RegExp][] = [
      ["hbstats", /; did you mean "hbstatus"\?$/],
      ["hbparameter -p nope", /have no parameter "nope"$/],
      ["hblinkstatus node2 eth9", /"node2" has no link "eth9", but eth0$/],
    ];
    for (const [words, wanted] of hints) {
      const { stderr } = await lab.run("cl_status", ...words.split(" "));
      assert.match(stderr.trimEnd().split("\n").at(-1) ?? "", wanted);
    }
  });
});
