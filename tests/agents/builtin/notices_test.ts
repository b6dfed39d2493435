/** MailTo, Delay and drbddisk: with stand-ins for sendmail, mail and drbdadm. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { eventually } from "../../eventually.ts";
import { AgentBench } from "../bench.ts";

const SENDMAIL = `echo "$*" >> ROOT/args; cat >> ROOT/mail; echo sent >> ROOT/count`;

class Bench extends AgentBench {
  constructor(programs: Record<string, string>) {
    super({ programDirs: ["ROOT/bin"] });
    for (const [name, text] of Object.entries(programs)) {
      this.script(`bin/${name}`, text.replaceAll("ROOT", this.root));
    }
  }

  get warnings(): string {
    return this.log.filter((line) => line.startsWith("warn")).join("\n");
  }

  async took(resource: string, ...steps: string[]): Promise<number> {
    const startedAt = performance.now();
    await this.expect(resource, ...steps);
    return performance.now() - startedAt;
  }
}

Deno.test("MailTo: one mail at takeover, one at release, however often it is asked", async () => {
  await using bench = new Bench({ sendmail: SENDMAIL });
  await bench.lives("MailTo::admin@example.com,ops@example.com::Web 'server' $HOME");
  assert.equal(bench.read("count"), "sent\nsent\n");
  assert.equal(bench.read("args"), "-oi -t\n-oi -t\n");
  const mail = bench.read("mail");
  assert.match(mail, /^To: admin@example\.com,ops@example\.com$/m);
  const host = Deno.hostname();
  assert.ok(mail.includes(`Subject: Web 'server' $HOME: taken over by ${host}\n`), mail);
  assert.ok(mail.includes(`Subject: Web 'server' $HOME: given up by ${host}\n`), mail);
  assert.equal(bench.warnings, "");
});

Deno.test("MailTo: a subject in another script is encoded, control characters refused", async () => {
  await using bench = new Bench({ sendmail: SENDMAIL });
  await bench.expect("MailTo::a@b::Größe", "start ok");
  const [, encoded = ""] = /^Subject: =\?UTF-8\?B\?(.*)\?=$/m.exec(bench.read("mail")) ?? [];
  const subject = new TextDecoder().decode(Uint8Array.fromBase64(encoded));
  assert.equal(subject, `Größe: taken over by ${Deno.hostname()}`);
  for (const bad of ["MailTo", "MailTo::a@b::x\nBcc: c", "MailTo::-oQ/tmp", "MailTo::a::b::c"]) {
    assert.match(await bench.call(bad, "start"), /^refused: /, bad);
  }
});

Deno.test("MailTo: mail instead of sendmail; neither is only a warning", async () => {
  await using bench = new Bench({ mail: SENDMAIL });
  await bench.lives("MailTo::a@b,c@d::Web");
  assert.match(bench.read("args"), /^-s Web: taken over by \S+ a@b c@d$/m);
  await using bare = new Bench({});
  await bare.lives("MailTo::a@b");
  assert.match(bare.warnings, /no mail was sent: neither sendmail nor mail is installed/);
});

Deno.test("MailTo: a mailer that fails or hangs does not stop the group", async () => {
  await using failing = new Bench({ sendmail: "echo 'queue is full'; exit 73" });
  await failing.expect("MailTo::a@b", "start ok", "status running");
  assert.match(failing.warnings, /no mail to a@b: exit code 73 .*: queue is full/);

  const hangs = "until [ -e ROOT/go ]; do sleep 0.1; done; ";
  await using slow = new Bench({ sendmail: `${hangs}cat > ROOT/part; mv ROOT/part ROOT/mail` });
  await slow.expect("MailTo::a@b", "start ok");
  assert.match(slow.warnings, /the mail to a@b is still on its way after a second/);
  Deno.writeTextFileSync(`${slow.root}/go`, "");
  await eventually("the mail is out", () => existsSync(`${slow.root}/mail`));
  assert.match(slow.read("mail"), /^To: a@b$/m, "delivered behind our back");
});

Deno.test("Delay: waits at start and stop, not when it is done already", async () => {
  await using bench = new Bench({});
  assert.ok(await bench.took("Delay::2", "start ok") >= 1999);
  assert.ok(await bench.took("Delay::2", "start ok", "status running") < 1999);
  assert.ok(await bench.took("Delay::2", "stop ok") >= 1999);
  assert.ok(await bench.took("Delay::2", "stop ok", "status stopped") < 1999);
  assert.match(await bench.call("Delay::30", "start", 300), /^timeout: /);
  await bench.expect("Delay::30", "status stopped");
  assert.match(await bench.call("Delay", "start", 300), /^timeout: /, "20 s, as the original");
  assert.match(await bench.call("Delay::soon", "start"), /"soon" is not a number of seconds/);
});

const DRBDADM = `
case $1 in
role) cat ROOT/role ;;
primary) n=$(cat ROOT/refuse 2>/dev/null || echo 0)
  [ "$n" -gt 0 ] && { echo $((n - 1)) > ROOT/refuse; echo "r0: peer is primary"; exit 11; }
  echo Primary/Secondary > ROOT/role ;;
secondary) echo Secondary/Secondary > ROOT/role ;;
esac`;

Deno.test("drbddisk: becomes primary, again if the peer is not ready, and secondary", async () => {
  await using bench = new Bench({ drbdadm: DRBDADM });
  Deno.writeTextFileSync(`${bench.root}/role`, "Secondary/Primary\n");
  await bench.lives("drbddisk::r0");
  Deno.writeTextFileSync(`${bench.root}/refuse`, "1");
  assert.ok(await bench.took("drbddisk::r0", "start ok", "status running") >= 1000);
  assert.match(bench.log.join("\n"), /exit code 11 .*peer is primary; trying again/);
  Deno.writeTextFileSync(`${bench.root}/role`, "Unknown\n");
  assert.match(await bench.call("drbddisk::r0", "status"), /cannot tell from drbdadm role r0/);
  Deno.writeTextFileSync(`${bench.root}/role`, "");
  assert.match(await bench.call("drbddisk::r0", "status"), /cannot tell from drbdadm role r0/);
  await using bare = new Bench({});
  assert.match(await bare.call("drbddisk::r0", "start"), /^missing: .*package drbd-utils/);
});

/** Two resources; the second is made primary and secondary by hand. */
const DRBDADM_ALL = `
[ "$2" = all ] || { echo "no resource '$2'"; exit 10; }
case $1 in
role) echo "drbd.conf: a warning"; cat ROOT/roles ;;
primary) printf 'Primary/Secondary\\nPrimary/Secondary\\n' > ROOT/roles ;;
secondary) printf 'Secondary/Secondary\\nSecondary/Secondary\\n' > ROOT/roles ;;
esac`;

Deno.test("drbddisk: without an argument all of drbd.conf, as the classic script", async () => {
  await using bench = new Bench({ drbdadm: DRBDADM_ALL });
  const roles = (...lines: string[]) =>
    Deno.writeTextFileSync(`${bench.root}/roles`, lines.map((line) => `${line}\n`).join(""));
  roles("Secondary/Primary", "Secondary");
  await bench.lives("drbddisk");
  roles("Primary/Secondary", "Secondary/Secondary");
  assert.match(await bench.call("drbddisk", "status"), /some DRBD resources are Primary and some/);
  await bench.expect("drbddisk", "start ok", "status running");
  roles("Secondary/Secondary", "Primary/Secondary");
  await bench.expect("drbddisk", "stop ok", "status stopped");
});
