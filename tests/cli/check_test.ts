/** `heartbeat check`: what it proves, what it refuses, and that it starts nothing. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { join } from "node:path";
import { MAIN_COMMAND } from "../program.ts";
import { type Lab, type Result, withLab } from "./fake_daemon.ts";

const HA_CF = `keepalive 500ms
deadtime 4
initdead 12
bcast lo
auto_failback off
node alpha beta
`;

async function writeConfig(dir: string, haCf = HA_CF, keyMode = 0o600): Promise<void> {
  await Deno.mkdir(join(dir, "resource.d"), { recursive: true });
  await Deno.writeTextFile(join(dir, "ha.cf"), haCf);
  await Deno.writeTextFile(join(dir, "haresources"), "alpha 192.168.2.3 web\nbeta web2::x\n");
  await Deno.writeTextFile(join(dir, "authkeys"), "auth 1\n1 sha1 not-shown-anywhere\n");
  await Deno.chmod(join(dir, "authkeys"), keyMode);
  for (const name of ["web", "web2"]) {
    await Deno.writeTextFile(join(dir, "resource.d", name), "#!/bin/sh\n", { mode: 0o755 });
  }
}

function configDir(lab: Lab): string {
  return join(lab.root, "etc/ha.d");
}

/** In a process of its own, since it starts itself again to load plugins. */
async function wholeCheck({ root }: Lab): Promise<Result> {
  const [program, ...words] = MAIN_COMMAND;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...words, "check", "--node", "alpha", "--root", root],
  }).output();
  const text = new TextDecoder();
  return { rc: code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("heartbeat check: says what it proved, down to the file of each resource", async () => {
  await withLab(async (lab) => {
    const dir = configDir(lab);
    await writeConfig(dir);
    const { rc, stdout, stderr } = await lab.run("heartbeat", "check", "--node", "alpha");
    assert.equal(rc, 0, stderr);
    assert.equal(
      stdout.replaceAll(dir, "DIR"),
      Deno.readTextFileSync(new URL("golden/check_ok.txt", import.meta.url)),
    );
    assert.deepEqual([...Deno.readDirSync(join(lab.root, "run/heartbeat"))], []);
  });
});

Deno.test("heartbeat check: names a medium as the running daemon will", async () => {
  await withLab(async (lab) => {
    const media = ["ucast lo 127.0.0.2", "mcast lo 239.0.0.42 694 1 0", "ucast6 lo ::2"];
    await writeConfig(configDir(lab), HA_CF.replace("bcast lo", media.join("\n")));
    const { stdout, stderr } = await lab.run("heartbeat", "check", "--node", "alpha", "--json");
    assert.deepEqual(JSON.parse(stdout).facts?.media, [
      ...["ucast lo 127.0.0.2:694", "mcast lo 239.0.0.42:694", "ucast6 lo [::2]:694"],
    ], stdout + stderr);
  });
});

Deno.test("heartbeat check: ends with 1 where a daemon would start deaf, and says no more", async () => {
  await withLab(async (lab) => {
    const self = Deno.hostname();
    const haCf = `bcast nosuch0\nnode ${self} the-other\n`;
    await writeConfig(configDir(lab), haCf);
    await Deno.writeTextFile(join(configDir(lab), "haresources"), `${self} web\n`);
    const said = await lab.run("heartbeat", "check");
    assert.deepEqual([said.rc, said.stdout], [1, ""]);
    assert.match(said.stderr, /^error\[HB142\][^]*would start deaf and take nothing\n\n1 error\n$/);
    const { stdout } = await lab.run("heartbeat", "check", "--json");
    const { ok, findings, facts } = JSON.parse(stdout);
    assert.deepEqual([ok, findings[0].severity, findings[0].refuses], [false, "error", false]);
    assert.deepEqual(facts.media, ["bcast nosuch0:694"]);
    await Deno.writeTextFile(join(configDir(lab), "ha.cf"), `${haCf}bcast lo\n`);
    const other = await lab.run("heartbeat", "check");
    assert.equal(other.rc, 0);
    assert.match(other.stderr, /^warning\[HB142\][^]*starts on its other media[^]*\n1 warning\n$/);
  });
});

Deno.test("heartbeat check: a port that another program has, a device that is not there", async () => {
  await withLab(async (lab) => {
    const self = Deno.hostname();
    const taken = createSocket("udp4");
    await new Promise<void>((resolve) => taken.bind(0, resolve));
    const { port } = taken.address();
    await writeConfig(
      configDir(lab),
      `udpport ${port}\nbcast lo\nserial /dev/nosuch\nnode ${self} the-other\n`,
    );
    await Deno.writeTextFile(join(configDir(lab), "haresources"), `${self} web\n`);
    const { rc, stderr } = await lab.run("heartbeat", "check").finally(() => taken.close());
    assert.equal(rc, 1);
    assert.match(
      stderr,
      new RegExp(`^error\\[HB200\\].* UDP port ${port} of lo: .*pid ${Deno.pid}`),
    );
    assert.match(stderr, /^error\[HB142\]: Cannot use "\/dev\/nosuch" as serial line/m);
  });
});

Deno.test("heartbeat check: loads the plugins that haresources names, and no other", async () => {
  await withLab(async (lab) => {
    const dir = configDir(lab);
    await writeConfig(dir);
    const plugin = async (name: string, text: string) => {
      await Deno.writeTextFile(join(dir, "resource.d", name), text);
      await Deno.chmod(join(dir, "resource.d", name), 0o644);
    };
    await plugin("web.ts", '\nthrow new Error("no database here");\n');
    await plugin("unused.ts", 'throw new Error("never loaded");\n');
    const broken = await wholeCheck(lab);
    assert.equal(broken.rc, 1, "a takeover would fail with it");
    assert.match(
      broken.stderr,
      /error\[HB159\]: Cannot load the plugin "web": \S+web.ts:2: no da/,
    );
    assert.match(broken.stderr, /haresources:1:19/);
    assert.doesNotMatch(broken.stderr, /never loaded/);
    await plugin(
      "web.ts",
      'import { type Agent, CONTRACT_VERSION as contract } from "heartbeat";\n' +
        "const ok = () => Promise.resolve();\n" +
        'export default { name: "web", contract, summary: "s", parameters: [], start: ok,\n' +
        '  stop: ok, status: () => Promise.resolve("running") } satisfies Agent;\n',
    );
    const repaired = await wholeCheck(lab);
    assert.deepEqual([repaired.rc, repaired.stderr], [0, ""]);
    assert.match(repaired.stdout, /web: \S+resource.d\/web.ts\n/);
  });
});

Deno.test("heartbeat check: arguments that an agent refuses, at their place", async () => {
  await withLab(async (lab) => {
    const dir = configDir(lab);
    await writeConfig(dir);
    await Deno.writeTextFile(
      join(dir, "haresources"),
      "alpha 192.168.2.3 Delay::soon web::right web::wrong # web::comment\nbeta web::\n",
    );
    const plugin = join(dir, "resource.d/web.ts");
    await Deno.writeTextFile(
      plugin,
      'const ok = () => Promise.resolve();\nexport default { name: "web", contract: 1,\n' +
        '  summary: "s", parameters: [{ name: "which", required: true, doc: "Which." }],\n' +
        '  validate: ([how]) => how === "right" ? undefined : `"${how}" is not right`,\n' +
        "  start: ok, stop: ok, status: ok };\n",
    );
    await Deno.chmod(plugin, 0o644);
    const { rc, stderr } = await wholeCheck(lab);
    assert.equal(rc, 0, "one bad group does not stop the others");
    const found = [...stderr.matchAll(/^warning\[HB190\]: (.*)\n.*haresources:(\S+)/gm)];
    assert.deepEqual(found.map(([, title, place]) => `${place} ${title}`), [
      '1:19 Cannot start "Delay::soon": "soon" is not a number of seconds, 0 to 86400',
      '1:42 Cannot start "web::wrong": "wrong" is not right',
      '2:6 Cannot start "web::": the argument "which" is missing',
    ]);
    assert.match(stderr, /3 warnings/);
  });
});

Deno.test("heartbeat check: an OCF agent that is not installed is named", async () => {
  await withLab(async (lab) => {
    const dir = configDir(lab);
    await writeConfig(dir);
    await Deno.writeTextFile(join(dir, "haresources"), "alpha web OCF::no-such-agent::x=1\n");
    const { stderr } = await lab.run("heartbeat", "check", "--node", "alpha");
    assert.match(stderr, /HB158\]: Cannot find the OCF agent of "OCF::no-such-agent" on this host/);
    assert.match(stderr, /haresources:1:11/);
  });
});

Deno.test("heartbeat check: a bad address is for the agent to say that will run", async () => {
  await withLab(async (lab) => {
    const dir = configDir(lab);
    await writeConfig(dir);
    await Deno.writeTextFile(join(dir, "haresources"), "alpha 10.0.0.1/eth0\n");
    const { rc, stderr } = await lab.run("heartbeat", "check", "--node", "alpha");
    assert.equal(rc, 0, "one bad group does not stop the others");
    assert.match(
      stderr,
      /^warning\[HB190\][^]*\^ write "10\.0\.0\.1\/24\/eth0"\n[^]*\n1 warning\n/,
    );
    await Deno.writeTextFile(join(dir, "resource.d/IPaddr"), "#!/bin/sh\n", { mode: 0o755 });
    const own = await lab.run("heartbeat", "check", "--node", "alpha");
    assert.deepEqual([own.rc, own.stderr], [0, ""]);
  });
});

Deno.test("heartbeat check --config-dir --json: facts without secrets", async () => {
  await withLab(async (lab) => {
    const dir = join(lab.root, "elsewhere");
    await writeConfig(dir);
    const args = ["check", "--json", "--node", "beta", "--config-dir", dir];
    const { rc, stdout, stderr } = await lab.run("heartbeat", ...args);
    assert.deepEqual([rc, stderr], [0, ""]);
    const { ok, facts } = JSON.parse(stdout);
    assert.equal(ok, true);
    assert.equal(facts.self, "beta");
    assert.deepEqual(facts.groups[1], {
      node: "beta",
      resources: [{ text: "web2::x", runBy: join(dir, "resource.d/web2") }],
    });
    assert.doesNotMatch(stdout, /not-shown-anywhere/);
  });
});

Deno.test("heartbeat check: all errors at once, exit 1, in text and as JSON", async () => {
  await withLab(async (lab) => {
    await writeConfig(configDir(lab), HA_CF.replace("keepalive", "keepalvie"), 0o644);
    const text = await lab.run("heartbeat", "check", "--node", "alpha");
    assert.deepEqual([text.rc, text.stdout], [1, ""]);
    assert.match(text.stderr, /ha\.cf:1:1\n[\s\S]*keepalive/);
    assert.match(text.stderr, /chmod 600/);
    const json = await lab.run("heartbeat", "check", "--node", "alpha", "--json");
    assert.equal(json.rc, 1);
    const { ok, facts, findings } = JSON.parse(json.stdout);
    assert.deepEqual([ok, facts], [false, null]);
    assert.ok(findings.length >= 2);
  });
});

Deno.test("heartbeat check: this host missing from node is an error that names it", async () => {
  await withLab(async (lab) => {
    await writeConfig(configDir(lab));
    const { rc, stderr } = await lab.run("heartbeat", "check");
    assert.equal(rc, 1);
    assert.ok(stderr.includes(Deno.hostname()), stderr);
  });
});

Deno.test("heartbeat check: a directory in place of a file is one finding among the others", async () => {
  await withLab(async (lab) => {
    const dir = configDir(lab);
    await writeConfig(dir, HA_CF.replace("keepalive", "keepalvie"));
    await Deno.remove(join(dir, "haresources"));
    await Deno.mkdir(join(dir, "haresources"));
    const { rc, stderr } = await lab.run("heartbeat", "check", "--node", "alpha");
    assert.equal(rc, 1);
    assert.ok(
      stderr.includes(`Cannot read ${dir}/haresources (EISDIR): it is a directory\n`),
      stderr,
    );
    assert.match(stderr, /did you mean "keepalive"/);
    assert.equal((await lab.run("heartbeat", "restart")).rc, 6);
  });
});

Deno.test("heartbeat check: a log that cannot be written, at its place, and touches none", async () => {
  await withLab(async (lab) => {
    const haCf = HA_CF.replace("alpha beta", `${Deno.hostname()} alpha`);
    const logs = async (...lines: string[]) => {
      await writeConfig(configDir(lab), [haCf, ...lines, ""].join("\n"));
      await Deno.writeTextFile(join(configDir(lab), "haresources"), "");
    };
    const at = (name: string) => join(lab.root, name);
    Deno.mkdirSync(at("dir"));
    Deno.symlinkSync("loop", at("loop"));
    Deno.writeTextFileSync(at("old"), "a line\n");
    Deno.utimeSync(at("old"), 1000, 1000);
    await new Deno.Command("mkfifo", { args: [at("pipe")] }).output();
    const wrong = [["/dir", "EISDIR"], ["/loop", "ELOOP"], ["/old/x", "ENOTDIR"]] as const;
    for (const [path, reason] of wrong) {
      await logs("debugfile /old", `logfile ${path}`);
      const { rc, stderr } = await lab.run("heartbeat", "check");
      assert.equal(rc, 0, "the daemon starts without it");
      assert.match(stderr, new RegExp(`^warning\\[HB119\\]: Cannot .*${path} \\(${reason}\\): `));
      assert.match(stderr, /ha\.cf:9:9\n[^]*\^ nothing would be logged there/);
    }
    for (const path of ["/old", "/new", "/not/yet", "/pipe"]) {
      await logs(`logfile ${path}`);
      assert.doesNotMatch((await lab.run("heartbeat", "check")).stderr, /HB119/, path);
    }
    const left = [...Deno.readDirSync(lab.root)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["dir", "etc", "loop", "old", "pipe", "run"]);
    assert.equal(Deno.statSync(at("old")).mtime?.getTime(), 1_000_000);
  });
});

Deno.test("heartbeat check: an address without an interface here, for this host and no other", async () => {
  await withLab(async (lab) => {
    const dir = configDir(lab);
    const self = Deno.hostname();
    await writeConfig(dir, HA_CF.replace("alpha beta", `${self} beta`));
    const groups = `${self} 192.0.2.98/24/lo IPaddr::192.0.2.99/24/nosuch0\n`;
    await Deno.writeTextFile(join(dir, "haresources"), groups);
    const here = await lab.run("heartbeat", "check");
    assert.equal(here.rc, 0, "the interface may come later");
    assert.deepEqual(here.stderr.match(/^(?:warning|error).*$/gm), [
      'warning[HB191]: Cannot start "IPaddr::192.0.2.99/24/nosuch0" on this host: ' +
      'interface "nosuch0" does not exist',
    ]);
    const other = await lab.run("heartbeat", "check", "--node", "beta");
    assert.deepEqual([other.rc, other.stderr], [0, ""]);
    await Deno.writeTextFile(join(dir, "resource.d/IPaddr"), "#!/bin/sh\n", { mode: 0o755 });
    assert.equal((await lab.run("heartbeat", "check")).stderr, "", "another agent runs");
  });
});
