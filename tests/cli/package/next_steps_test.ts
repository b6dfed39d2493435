/** What install says to do next fits the host: its init system, its firewall, what is there already. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { hostTraits, nextSteps } from "../../../core/cli/package/next_steps.ts";

/** The steps on a host that has these files. */
async function stepsWith(...files: string[]): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "hb-next-" });
  try {
    for (const file of files) Deno.mkdirSync(join(root, file), { recursive: true });
    return nextSteps(hostTraits(root, "/etc/init.d")).join("\n");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("install: next steps with systemd and firewalld, before there is a configuration", async () => {
  const steps = await stepsWith("/run/systemd/system", "/usr/bin/firewall-cmd");
  assert.match(steps, /systemd-sysusers;[^]*^heartbeat init [^]*^chmod 600 \S+authkeys/m);
  assert.match(steps, /^systemctl disable --now SERVICE[^]*^firewall-cmd --permanent[^]*/m);
  assert.match(steps, /^heartbeat check && systemctl enable --now heartbeat\nha_propagate /m);
});

Deno.test("install: next steps of a configured host without systemd name nothing of it", async () => {
  const steps = await stepsWith("/usr/sbin/update-rc.d", "/usr/sbin/nft", "/etc/ha.d/ha.cf");
  assert.doesNotMatch(steps, /systemctl|systemd|firewall-cmd|heartbeat init/);
  assert.match(steps, /^update-rc\.d SERVICE disable /m);
  assert.match(steps, /^nft add rule .* udp dport 694 accept/m);
  assert.match(
    steps,
    /^heartbeat check && update-rc\.d heartbeat defaults && \/etc\/init\.d\/heartbeat start$/m,
  );
  assert.match(await stepsWith("/usr/sbin/ufw"), /^ufw allow 694\/udp/m);
  assert.match(await stepsWith(), /^let UDP port 694 of the other node in/m);
});
