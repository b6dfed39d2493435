/** keygen and init: strong keys, files that a daemon accepts, nothing replaced by accident. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { init } from "../../core/cli/init.ts";
import { openHost } from "../../core/cli/host.ts";
import { withLab } from "./fake_daemon.ts";

const OTHERS = ["--address", "192.168.2.3/24/lo", "--node", "ha1", "--node", "ha2"];
const ANSWERS = [...OTHERS, "--medium", "bcast lo"];

Deno.test("keygen: another key of 256 bits each time, as authkeys writes it", async () => {
  await withLab(async (lab) => {
    const keys = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const { rc, stdout } = await lab.run("heartbeat", "keygen");
      assert.equal(rc, 0);
      keys.add(/^auth 1\n1 sha1 ([0-9a-f]{64})\n$/m.exec(stdout)?.[1] ?? "");
    }
    assert.equal(keys.size, 3);
    assert.ok(!keys.has(""));
    assert.match((await lab.run("heartbeat", "keygen", "--method", "md5")).stdout, /^1 md5 /m);
    const wrong = await lab.run("heartbeat", "keygen", "--method", "crc");
    assert.deepEqual([wrong.rc, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /"crc" is not one of sha1, md5, sha256/);
  });
});

Deno.test("init: writes files that check accepts, and says how to copy them", async () => {
  await withLab(async (lab) => {
    const { rc, stdout, stderr } = await lab.run("heartbeat", "init", ...ANSWERS);
    assert.equal(rc, 0, stderr);
    const directory = join(lab.root, "etc/ha.d");
    const mode = (name: string) => (Deno.statSync(join(directory, name)).mode ?? 0) & 0o7777;
    assert.deepEqual(["ha.cf", "haresources", "authkeys"].map(mode), [0o644, 0o644, 0o600]);
    const resources = Deno.readTextFileSync(join(directory, "haresources"));
    assert.match(resources, /^ha1 192\.168\.2\.3\/24\/lo$/m);
    assert.match(stdout, /^ {2}ssh root@ha1 mkdir -p .*\/etc\/ha\.d$/m);
    assert.match(
      stdout,
      /^ {2}scp -p .*ha\.cf .*haresources .*authkeys root@ha1:.*\/etc\/ha\.d\/$/m,
    );
    for (const node of ["ha1", "ha2"]) {
      assert.equal((await lab.run("heartbeat", "check", "--node", node)).rc, 0, node);
    }
  });
});

Deno.test("init: an IPv6 address is written as the resource that it is", async () => {
  await withLab(async (lab) => {
    const nodes = ["--node", "ha1", "--node", "ha2", "--medium", "bcast lo"];
    for (const address of ["fd00::5/64", "IPv6addr::fd00::5/64"]) {
      const args = [...nodes, "--address", address, "--force"];
      const { rc, stderr } = await lab.run("heartbeat", "init", ...args);
      assert.deepEqual([rc, stderr], [0, ""]);
      const resources = Deno.readTextFileSync(join(lab.root, "etc/ha.d/haresources"));
      assert.match(resources, /^ha1 IPv6addr::fd00::5\/64$/m);
    }
    const wrong = [...nodes, "--address", "fd00::5/640", "--force"];
    assert.match(
      (await lab.run("heartbeat", "init", ...wrong)).stderr,
      /"640" in .* prefix length/,
    );
  });
});

Deno.test("init: on a third host the interfaces of the nodes are not looked for", async () => {
  await withLab(async (lab) => {
    const medium = ["--medium", "bcast nosuch0", "--medium", "serial /dev/nosuch"];
    const { rc, stdout, stderr } = await lab.run("heartbeat", "init", ...OTHERS, ...medium);
    assert.equal(rc, 0, stderr);
    assert.match(stdout, /This host is none of the nodes/);
    for (const node of ["ha1", "ha2"]) {
      assert.match(stdout, new RegExp(`^ {2}scp .* root@${node}:`, "m"));
    }
    const there = await lab.run("heartbeat", "check", "--node", "ha1");
    assert.equal(there.rc, 0, there.stderr);
    assert.equal((await lab.run("heartbeat", "check")).rc, 1, "this host is no node");
  });
  await withLab(async (lab) => {
    const nodes = ["--node", Deno.hostname(), "--node", "ha2", "--address", "192.168.2.3"];
    const args = ["init", ...nodes, "--medium", "bcast nosuch0"];
    const { rc, stderr } = await lab.run("heartbeat", ...args);
    assert.equal(rc, 1, "what a node needs here must be here");
    assert.match(stderr, /HB142[\s\S]*etc\/ha.d\/ha.cf:11:7[\s\S]*nothing was written/);
    assert.doesNotMatch(stderr, /heartbeat-init-/, "no path of something temporary");
  });
});

Deno.test("init: an answer is judged at once and asked for again", async () => {
  await withLab(async (lab) => {
    const asked: string[] = [];
    const answers = [
      ...["", "ha1", "ha1, ha2"],
      ...["telegraph eth0", "", "bcast eth1, serial /dev/ttyS0"],
      ...["192.168.2.300", "192.168.2.3/24"],
      ...["", "perhaps", "on"],
    ];
    let said = "";
    const say = (text: string) => {
      said += text;
    };
    const terminal = { colour: false, unicode: true, columns: 80, foldAt: Infinity };
    const host = openHost("heartbeat", lab.root, { out: say, err: say, terminal });
    const call = { operands: [], count: () => 0, value: () => undefined, values: () => [] };
    const rc = await init(host, call, (question) => {
      asked.push(question.split(/[ ,:]/)[0] ?? "");
      return answers.shift() ?? null;
    });
    assert.equal(rc, 0, said);
    assert.deepEqual(asked, [
      ...["Names", "Names", "Names", "Media", "Media", "Media", "Address", "Address", "Services"],
      ...["Shall", "Shall"],
    ]);
    const [complaints = ""] = said.split("wrote ");
    assert.deepEqual(complaints.split("\n"), [
      "  this question needs an answer",
      '  the names of two different hosts are wanted together, not "ha1"',
      '  Cannot understand the directive "telegraph": no directive has a similar name',
      "  this question needs an answer",
      '  Cannot start "192.168.2.300": "192.168.2.300" is not an IPv4 address: ' +
      "wanted four numbers, 0 to 255, such as 192.168.2.3 or 192.168.2.3/24/eth0",
      '  auto-failback "perhaps" is not one of on, off',
      "",
    ]);
    const haCf = Deno.readTextFileSync(join(lab.root, "etc/ha.d/ha.cf"));
    assert.match(haCf, /^bcast eth1\nserial \/dev\/ttyS0\n[\s\S]*\nauto_failback on\n/m);
    const resources = Deno.readTextFileSync(join(lab.root, "etc/ha.d/haresources"));
    assert.match(resources, /^ha1 192\.168\.2\.3\/24$/m);
  });
});

Deno.test("init: files that are there stay, unless by force", async () => {
  await withLab(async (lab) => {
    const path = join(lab.root, "etc/ha.d/haresources");
    Deno.mkdirSync(join(lab.root, "etc/ha.d"), { recursive: true });
    Deno.writeTextFileSync(path, "# mine\n");
    const refused = await lab.run("heartbeat", "init", ...ANSWERS);
    assert.equal(refused.rc, 1);
    assert.match(refused.stderr, /has haresources already; --force replaces/);
    assert.equal(Deno.readTextFileSync(path), "# mine\n");
    assert.equal((await lab.run("heartbeat", "init", "--force", ...ANSWERS)).rc, 0);
    assert.match(Deno.readTextFileSync(path), /^ha1 /m);
  });
});

Deno.test("init: answers that no daemon would accept write nothing", async () => {
  await withLab(async (lab) => {
    const wrong: readonly [string[], number, RegExp][] = [
      [["--medium", "telegraph eth0", ...OTHERS], 1, /telegraph[\s\S]*nothing was written/],
      [["--node", "ha1", "--node", "ha1"], 2, /--medium is missing|two different hosts/],
      [["--auto-failback", "maybe", ...ANSWERS], 2, /"maybe" is not one of on, off/],
      [OTHERS, 2, /--medium is missing/],
    ];
    for (const [args, rc, message] of wrong) {
      const result = await lab.run("heartbeat", "init", ...args);
      assert.equal(result.rc, rc, result.stderr);
      assert.match(result.stderr, message);
    }
    assert.throws(() => Deno.statSync(join(lab.root, "etc/ha.d/ha.cf")), Deno.errors.NotFound);
  });
});

Deno.test("init: a terminal that cannot be asked is a sentence that says what to do", async () => {
  await withLab(async (lab) => {
    const terminal = { colour: false, unicode: true, columns: 80, foldAt: Infinity };
    const host = openHost("heartbeat", lab.root, { out: () => {}, err: () => {}, terminal });
    const call = { operands: [], count: () => 0, value: () => undefined, values: () => [] };
    const ask = () => {
      throw new Deno.errors.WouldBlock("Resource temporarily unavailable (os error 11)");
    };
    await assert.rejects(init(host, call, ask), {
      name: "UsageError",
      message: "this terminal cannot be asked (Resource temporarily unavailable (os error 11)); " +
        "give the answers as options: --node … --medium … --address … [--service …] " +
        "[--auto-failback …]",
    });
  });
});
