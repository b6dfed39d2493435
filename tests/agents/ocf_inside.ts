/**
 * Real OCF agents of the package resource-agents, run unchanged; run by ocf_real_test.ts in a
 * network and mount namespace where hb0 has 10.77.0.1/24.
 */
import assert from "node:assert/strict";
import { readMounts } from "../../core/os/mounts.ts";
import { ip } from "../transports/lab.ts";
import { AgentBench } from "./bench.ts";
import { APACHE, installed } from "./ocf_needs.ts";

function addresses(): string {
  return ip("-4", "-o", "addr", "show", "dev", "hb0");
}

Deno.test("OCF Dummy: by wrapper, by provider and by its bare name", async () => {
  await using bench = new AgentBench();
  await bench.lives("OCF::Dummy");
  await bench.lives("OCF::heartbeat:Dummy");
  await bench.lives("Dummy");
  await bench.lives(`Dummy::${bench.root}/by-position`, () => {
    assert.ok(Deno.statSync(`${bench.root}/by-position`).isFile);
  });
  await bench.lives(`OCF::Dummy::state=${bench.root}/by-name-ü`, () => {
    assert.ok(Deno.statSync(`${bench.root}/by-name-ü`).isFile);
  });
});

Deno.test("OCF Dummy: resources with different arguments are different", async () => {
  await using bench = new AgentBench();
  await bench.expect("Dummy::fake=1", "start ok", "status running");
  await bench.expect("Dummy::fake=2", "status stopped");
  await bench.expect("Dummy::fake=1", "stop ok");
});

Deno.test("OCF Dummy: a parameter that it does not have is refused with those that it has", async () => {
  await using bench = new AgentBench();
  const outcome = await bench.call("OCF::Dummy::stat=/tmp/x", "start");
  assert.match(outcome, /^refused: .*no parameter "stat"; it has state, fake/);
});

Deno.test("OCF IPaddr2: by position and by name", async () => {
  await using bench = new AgentBench();
  await bench.lives("OCF::IPaddr2::10.77.0.150", () => {
    assert.match(addresses(), /inet 10\.77\.0\.150\/24 /);
  });
  await bench.lives("OCF::IPaddr2::ip=10.77.0.151::cidr_netmask=32::nic=hb0::arp_bg=false", () => {
    assert.match(addresses(), /inet 10\.77\.0\.151\/32 /);
  });
});

Deno.test("OCF IPaddr2: what is wrong comes in OCF's words and the agent's", async () => {
  await using bench = new AgentBench();
  const outcome = await bench.call("OCF::IPaddr2::ip=10.77.0.151::nic=nosuch0", "start");
  assert.match(outcome, /^failed: .*OCF_ERR_\w+ \(\d: .*\) from .*\/heartbeat\/IPaddr2 start: .*/);
  assert.match(outcome, /\[findif\]/);
});

Deno.test("OCF Filesystem: tmpfs", async () => {
  await using bench = new AgentBench();
  const mountpoint = `${bench.root}/mnt`;
  Deno.mkdirSync(mountpoint);
  await bench.lives(`OCF::Filesystem::scratch::${mountpoint}::tmpfs::options=size=1m`, () => {
    const mount = readMounts().find((mount) => mount.mountpoint === mountpoint);
    assert.equal(mount?.type, "tmpfs");
  });
});

/** The classic line `apache::/path/httpd.conf`. */
Deno.test({
  name: "apache: the distribution's agent behind the classic name serves a page",
  ignore: !installed(APACHE),
  fn: async () => {
    await using bench = new AgentBench();
    const { root } = bench;
    Deno.chmodSync(root, 0o755); // the server gives up its privileges
    Deno.mkdirSync(`${root}/www`);
    Deno.writeTextFileSync(`${root}/www/index.html`, "page of the test");
    const config = `${root}/httpd.conf`;
    Deno.writeTextFileSync(config, apacheConfig(root));
    const resource = `apache::${config}::${APACHE}`;
    try {
      await bench.lives(resource, async () => {
        const page = await (await fetch("http://10.77.0.1:8088/")).text();
        assert.equal(page, "page of the test");
      });
    } finally {
      await bench.call(resource, "stop");
    }
    const outcome = await bench.call(`apache::${root}/nosuch.conf::${APACHE}`, "start");
    assert.match(
      outcome,
      /^(failed|missing): .*OCF_ERR_\w+ \(\d: .*start: .+; environment is invalid/,
    );
  },
});

function apacheConfig(root: string): string {
  const modules = ["mpm_event", "authz_core", "dir", "status", "mime"]
    .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
  return [
    ...modules,
    `ServerName test`,
    `ServerRoot ${root}`,
    `PidFile ${root}/httpd.pid`,
    `Listen 8088`,
    `ErrorLog ${root}/error.log`,
    `DocumentRoot ${root}/www`,
    `TypesConfig /dev/null`,
    `User www-data`,
    `Group www-data`,
    `<Location /server-status>`,
    `SetHandler server-status`,
    `</Location>`,
    "",
  ].join("\n");
}
