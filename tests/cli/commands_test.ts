/** Dispatch and the verbs that order: names, usage errors, exit codes, waiting, stopping. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { TOOLS, VERBS } from "../../core/cli/commands.ts";
import type { EngineView } from "../../core/engine/view.ts";
import { VERSION } from "../../core/runtime/version.ts";
import { MAIN_COMMAND } from "../program.ts";
import { answerFrom, clusterView, withLab } from "./fake_daemon.ts";

Deno.test("runCli: an unknown command is exit 2 with the nearest name", async () => {
  await withLab(async (lab) => {
    const { rc, stdout, stderr } = await lab.run("heartbeat", "stauts");
    assert.deepEqual([rc, stdout], [2, ""]);
    assert.match(stderr, /^heartbeat: there is no command "stauts"; did you mean "status"\?\n/);
    assert.doesNotMatch((await lab.run("heartbeat", "xyzzy")).stderr, /did you mean/);
  });
});

Deno.test("runCli: a word that is nearly right is told the right one, wherever it stands", async () => {
  await withLab(async (lab) => {
    const near: readonly [string[], RegExp][] = [
      [["status", "--jsn"], /Unknown option '--jsn'; did you mean "--json"\?\n/],
      [["agent", "lst"], /"lst" is not one of .*; did you mean "list"\?\n/],
      [["agent", "info", "IPadr"], /; did you mean "IPaddr"\?\n/],
      [["help", "stand-by"], /no command "stand-by"; did you mean "standby"\?\n/],
      [["help", "agent", "tset"], /no command "agent tset"; did you mean "agent test"\?\n/],
      [["standby", "al"], /; did you mean "all"\?\n/],
    ];
    for (const [args, guess] of near) {
      assert.match((await lab.run("heartbeat", ...args)).stderr, guess, args.join(" "));
    }
    const ofSub = await lab.run("heartbeat", "agent", "test", "--help");
    assert.deepEqual(await lab.run("heartbeat", "help", "agent", "test"), ofSub);
  });
});

Deno.test("runCli: every verb answers --help with its usage and its exit codes", async () => {
  await withLab(async (lab) => {
    for (const command of VERBS) {
      const help = await lab.run("heartbeat", command.name, "--help");
      assert.deepEqual([help.rc, help.stderr], [0, ""], command.name);
      assert.ok(help.stdout.startsWith(`Usage: heartbeat ${command.name} [options]`));
      for (const [code, meaning] of command.exits) {
        assert.ok(help.stdout.includes(`  ${code}  ${meaning}\n`), `${command.name}: ${code}`);
      }
      for (const line of help.stdout.split("\n")) assert.ok(line.length <= 100, line);
      assert.equal((await lab.run("heartbeat", "help", command.name)).stdout, help.stdout);
    }
    const all = (await lab.run("heartbeat", "--help")).stdout;
    for (const { name } of [...VERBS, ...TOOLS]) assert.ok(all.includes(`\n  ${name} `), name);
  });
});

Deno.test("runCli: help and lists are folded at the edge of a terminal, between words", async () => {
  const words = (text: string) => text.split(/\s+/);
  for (const columns of [80, 40, 20]) {
    const terminal = { colour: false, unicode: true, columns, foldAt: columns };
    await withLab(async (lab) => {
      for (const args of [["help"], ["status", "--help"], ["agent", "list"]]) {
        const { stdout } = await lab.run("heartbeat", ...args);
        const long = stdout.split("\n").filter((line) => line.length > columns);
        assert.deepEqual(long.filter((line) => words(line.trim()).length > 1), [], args.join(" "));
        await withLab(async (file) => {
          const whole = await file.run("heartbeat", ...args);
          assert.deepEqual(words(stdout), words(whole.stdout), "no word is lost");
        });
      }
    }, terminal);
  }
});

Deno.test("runCli: usage errors name the word and what was wanted", async () => {
  await withLab(async (lab) => {
    const wrong: readonly [string[], number, RegExp][] = [
      [["status", "--bogus"], 4, /heartbeat status: Unknown option '--bogus'\n/],
      [["status", "now"], 4, /"now" is one argument too many/],
      [["standby", "some"], 2, /"some" is not one of all, local, foreign, failback/],
      [["standby", "all", "local"], 2, /"local" is one argument too many, at most 1/],
      [["standby", "--wait", "soon"], 2, /--wait "soon" is not a number of seconds/],
      [["-s", "-k"], 2, /-s and -k cannot be given together/],
      [["--root"], 2, /--root needs a directory/],
      [["help", "nothing"], 2, /no command "nothing"/],
    ];
    for (const [args, rc, message] of wrong) {
      const result = await lab.run("heartbeat", ...args);
      assert.equal(result.rc, rc, args.join(" "));
      assert.match(result.stderr, message);
      assert.equal(result.stdout, "");
    }
    assert.deepEqual(lab.requests, []);
  });
});

Deno.test("install: names at the end what it kept, what that means and how to replace it", async () => {
  await withLab(async (lab) => {
    const left = ["/usr/lib/systemd/system/heartbeat.service", "/etc/logrotate.d/heartbeat"];
    for (const path of left) {
      Deno.mkdirSync(join(lab.root, dirname(path)), { recursive: true });
      Deno.writeTextFileSync(join(lab.root, path), "# of the original\n");
    }
    const { rc, stdout } = await lab.run("heartbeat", "install", "--dry-run");
    assert.equal(rc, 0);
    const [, end = ""] = stdout.split("\n\n");
    assert.match(end, /^Kept, because .*:\n {2}\/usr\/lib\S*service {2}\(.*another program\)\n/);
    assert.match(end, /^ {2}\/etc\/logrotate\.d\/heartbeat$/m);
    assert.match(end, /heartbeat install --force\. It touches neither ha\.cf nor/);
    const forced = await lab.run("heartbeat", "install", "--dry-run", "--force");
    assert.doesNotMatch(forced.stdout, /kept/i);
  });
});

Deno.test("heartbeat -v, -V, version: the version of package.json", async () => {
  await withLab(async (lab) => {
    for (const word of ["-v", "-V", "version"]) {
      const { rc, stdout } = await lab.run("heartbeat", word);
      assert.equal(rc, 0);
      assert.ok(stdout.startsWith(`heartbeat ${VERSION} (Deno `), stdout);
    }
  });
});

Deno.test("heartbeat -s: exit 3 without a pid file", async () => {
  await withLab(async (lab) => {
    const { rc, stdout } = await lab.run("heartbeat", "-s");
    assert.deepEqual([rc, stdout], [3, "heartbeat is stopped. No process\n"]);
  });
});

Deno.test("runCli: a file that cannot be read is a sentence, never a stack trace", async () => {
  await withLab(async (lab) => {
    const cannot = (path: string) =>
      `Cannot read /dev/null/${path} (ENOTDIR): a part of this path is not a directory\n`;
    for (const verb of ["stop", "start", "test-media"]) {
      const { rc, stderr } = await lab.run("heartbeat", verb, "--root", "/dev/null");
      assert.deepEqual([rc, stderr], [1, `heartbeat ${verb}: ${cannot("run/heartbeat.pid")}`]);
    }
    const list = await lab.run("heartbeat", "agent", "list", "--root", "/dev/null");
    const said = `heartbeat agent list: ${cannot("etc/ha.d/resource.d")}`;
    assert.deepEqual([list.rc, list.stderr], [1, said]);
    const running = await lab.run("heartbeat", "-s", "--root", "/dev/null");
    const why = "1 would mean a pid file without its process";
    assert.deepEqual([running.rc, running.stderr], [
      4,
      `heartbeat: ${cannot("run/heartbeat.pid")}`,
    ], why);
  });
});

Deno.test("runCli: output that finds no room is a sentence, and the exit code of no answer", async () => {
  await withLab(async (lab) => {
    lab.serve(answerFrom(clusterView()));
    const calls: readonly [string, number][] = [
      ["status", 4],
      ["help", 1],
      ["agent types", 1],
      ["cl_status rscstatus", 13],
      ["-s", 4],
    ];
    await Promise.all(calls.map(async ([words, rc]) => {
      const shell = ["-c", '"$@" >/dev/full', "sh", ...MAIN_COMMAND, ...words.split(" ")];
      const { code, stderr } = await new Deno.Command("sh", {
        args: [...shell, "--root", lab.root],
      }).output();
      const said = "heartbeat: cannot write the output: No space left on device (os error 28)\n";
      assert.deepEqual([code, new TextDecoder().decode(stderr)], [rc, said], words);
    }));
    assert.equal((await lab.run("heartbeat", "status", "--root", "/dev/null")).rc, 4);
  });
});

Deno.test("heartbeat: a second start says so and is exit 0", async () => {
  await withLab(async (lab) => {
    const child = await lab.beDaemon();
    for (const args of [[], ["start"], ["-dd", "-l"]]) {
      const { rc, stderr } = await lab.run("heartbeat", ...args);
      assert.deepEqual([rc, stderr], [0, `heartbeat: already running [pid ${child.pid}].\n`]);
    }
  });
});

Deno.test("heartbeat start: a daemon that is being stopped is no success", async () => {
  await withLab(async (lab) => {
    const child = await lab.beDaemon();
    for (const phase of ["leaving", "left"] as const) {
      lab.serve(answerFrom(clusterView({ phase })));
      const { rc, stderr } = await lab.run("heartbeat", "start");
      const wanted = `heartbeat: it is stopping [pid ${child.pid}]; start it when it has ended\n`;
      assert.deepEqual([rc, stderr], [1, wanted]);
      Deno.removeSync(join(lab.root, "run/heartbeat/control.sock"));
    }
  });
});

Deno.test("heartbeat standby, takeover: the order, the daemon's words, its refusal", async () => {
  await withLab(async (lab) => {
    lab.serve(answerFrom(clusterView()));
    const given = await lab.run("heartbeat", "standby", "failback");
    assert.deepEqual(given, { rc: 0, stdout: "standby accepted\n", stderr: "" });
    await lab.run("heartbeat", "takeover");
    await lab.run("heartbeat", "takeover", "--although-key-differs");
    assert.deepEqual(lab.requests, [
      { order: "standby", share: "foreign" },
      { order: "takeover", share: "all" },
      { order: "takeover", share: "all", although: "key-differs" },
    ]);
  });
  await withLab(async (lab) => {
    lab.serve(() => ({ ok: false, text: "the other node is dead" }));
    const refused = await lab.run("heartbeat", "standby");
    assert.deepEqual(refused, {
      rc: 1,
      stdout: "",
      stderr: "heartbeat: cannot order standby all: the other node is dead\n",
    });
  });
  await withLab(async (lab) => {
    assert.equal((await lab.run("heartbeat", "takeover")).rc, 3);
  });
});

Deno.test("heartbeat standby --wait: returns when the groups moved and are at rest", async () => {
  await withLab(async (lab) => {
    const states: Partial<EngineView>[] = [
      { inTransition: true, holds: "none" },
      { inTransition: true, holds: "none" },
      { inTransition: false, holds: "none", groups: [] },
    ];
    lab.serve((request) => {
      if ("order" in request) return answerFrom(clusterView())(request);
      return answerFrom(clusterView(states.shift() ?? {}))(request);
    });
    const { rc, stdout } = await lab.run("heartbeat", "standby", "--wait", "10");
    assert.equal(rc, 0);
    assert.equal(stdout, "standby accepted\nnode1 runs nothing now.\n");
    assert.deepEqual(states, []);
  });
});

Deno.test("heartbeat takeover --wait: exit 1 with the state when the time is over", async () => {
  await withLab(async (lab) => {
    lab.serve(answerFrom(clusterView({ inTransition: true })));
    const { rc, stderr } = await lab.run("heartbeat", "takeover", "-w", "0.2");
    assert.equal(rc, 1);
    const state = "node1 is still in transition";
    assert.equal(stderr, `heartbeat: takeover all is not done after 0.2 s: ${state}\n`);
  });
  await withLab(async (lab) => {
    lab.serve((request) => "order" in request ? answerFrom(clusterView())(request) : "{}\n");
    const { rc, stdout, stderr } = await lab.run("heartbeat", "takeover", "-w", "0.2");
    assert.deepEqual([rc, stdout], [1, "takeover accepted\n"]);
    assert.match(stderr, /^heartbeat: cannot say whether takeover all is done: /);
  });
});

Deno.test("heartbeat standby --wait: ends as soon as it is called off, whatever is tried then", async () => {
  await withLab(async (lab) => {
    const [own] = clusterView().engine.groups;
    if (own === undefined) throw new Error("there is a group");
    const kept = { operation: "stop", resource: "refsvc::a", cause: "busy", ageMs: 0 } as const;
    const group = { ...own, status: "stopping", failedStops: 2 } as const;
    const states: Partial<EngineView>[] = [{ inTransition: true, holds: "none" }, {
      inTransition: true,
      holds: "local",
      groups: [{ ...group, failure: { ...kept, followed: "kept" } }],
    }];
    lab.serve((request) => {
      if ("order" in request) return answerFrom(clusterView())(request);
      return answerFrom(clusterView(states.length > 1 ? states.shift() : states[0]))(request);
    });
    const { rc, stderr } = await lab.run("heartbeat", "standby", "--wait", "60");
    assert.equal(rc, 1);
    assert.equal(
      stderr,
      "heartbeat: standby all did not come about: node1 keeps local resources; group refsvc::a: " +
        "stop of refsvc::a failed 0.0s ago: busy; the group stays here\n",
    );
  });
});

Deno.test("heartbeat takeover --wait: ends as soon as the move has failed, with the cause", async () => {
  const problem = "start of refsvc::b: cannot bind";
  const [own, other] = clusterView().engine.groups;
  if (own === undefined || other === undefined) throw new Error("there are two groups");
  const ends: Partial<EngineView>[] = [
    { holds: "local", groups: [own, { ...other, problem }] },
    // It stays here, since the other node cannot start it either.
    { holds: "all", groups: [own, { ...other, problem }] },
  ];
  for (const end of ends) {
    await withLab(async (lab) => {
      const states: Partial<EngineView>[] = [{ inTransition: true, holds: "local" }, end];
      lab.serve((request) => {
        if ("order" in request) return answerFrom(clusterView())(request);
        return answerFrom(clusterView(states.shift() ?? {}))(request);
      });
      const { rc, stderr } = await lab.run("heartbeat", "takeover", "--wait", "60");
      assert.equal(rc, 1);
      assert.equal(
        stderr,
        "heartbeat: takeover all did not come about: node1 runs refsvc::a; " +
          `group refsvc::b: ${problem}\n`,
      );
    });
  }
});

Deno.test("heartbeat reload: the daemon's answer; a refusal is 6 with what is wrong", async () => {
  await withLab(async (lab) => {
    lab.serve(answerFrom(clusterView()));
    assert.deepEqual(await lab.run("heartbeat", "-r"), {
      rc: 0,
      stdout: "",
      stderr: "reload accepted\n",
    });
  });
  await withLab(async (lab) => {
    lab.serve(() => ({ ok: false, text: "ha.cf has errors" }));
    for (const word of ["reload", "-r"]) {
      const { rc, stderr } = await lab.run("heartbeat", word);
      assert.equal(rc, 6);
      assert.match(
        stderr,
        /^heartbeat: cannot reload: ha.cf has errors\nerror\[HB101\]: Cannot find/,
      );
    }
    const dir = join(lab.root, "etc/ha.d");
    await Deno.writeTextFile(join(dir, "ha.cf"), `bcast lo\nnode ${Deno.hostname()} other\n`);
    await Deno.writeTextFile(join(dir, "haresources"), "");
    await Deno.writeTextFile(join(dir, "authkeys"), "auth 1\n1 sha1 x\n", { mode: 0o600 });
    const good = await lab.run("heartbeat", "reload");
    assert.deepEqual([good.rc, good.stderr], [1, "heartbeat: cannot reload: ha.cf has errors\n"]);
  });
});

Deno.test("heartbeat restart: a broken configuration stops nothing, exit 6", async () => {
  await withLab(async (lab) => {
    const child = await lab.beDaemon();
    const { rc, stderr } = await lab.run("heartbeat", "-R");
    assert.equal(rc, 6);
    assert.match(stderr, /error\[HB101\]: Cannot find .*ha\.cf/);
    assert.match((await lab.run("heartbeat", "-s")).stdout, new RegExp(`OK \\[pid ${child.pid} `));
  });
});

Deno.test("runCli: help names --root only where a root is read, and restart's own outcome", async () => {
  await withLab(async (lab) => {
    for (const words of [["version"], ["keygen"], ["agent", "types"]]) {
      const { stdout } = await lab.run("heartbeat", ...words, "--help");
      assert.doesNotMatch(stdout, /--root/, words.join(" "));
    }
    assert.match((await lab.run("heartbeat", "status", "--help")).stdout, /--root DIR/);
    const { stdout } = await lab.run("heartbeat", "restart", "--help");
    assert.match(stdout, /^ {2}0 {2}stopped, started again and ready$/m);
  });
});
