/** The OCF rules without a package: parameters, exit codes, environment, the original's files. */
import assert from "node:assert/strict";
import { ocfCodeText, ocfStatus, ocfSucceeded } from "../../agents/ocf/exit_codes.ts";
import { parseMetaData } from "../../agents/ocf/meta_data.ts";
import { assignParameters, parameterFault } from "../../agents/ocf/parameters.ts";
import { AgentBench, DEADLINE_MS } from "./bench.ts";

const PARAMETERS = ["config", "port", "hosts"].map((name) => ({ name, required: false, doc: "" }));

function assigned(...args: string[]): unknown {
  const values = assignParameters(args, PARAMETERS);
  return typeof values === "string" ? values : Object.fromEntries(values);
}

Deno.test("assignParameters: by name, by position, mixed, and more than there are", () => {
  assert.deepEqual(assigned(), {});
  assert.deepEqual(assigned("port=80"), { port: "80" });
  assert.deepEqual(assigned("/etc/x", "80"), { config: "/etc/x", port: "80" });
  assert.deepEqual(assigned("/etc/x", "hosts=a"), { config: "/etc/x", hosts: "a" });
  assert.deepEqual(assigned("c", "p", "a", "b", "c"), { config: "c", port: "p", hosts: "a b c" });
  assert.deepEqual(assigned("config=a=b c"), { config: "a=b c" });
  assert.deepEqual(assigned("rw,size=1m"), { config: "rw,size=1m" });
  assert.deepEqual(assigned("port="), { port: "" });
});

Deno.test("assignParameters: a contradiction or an unknown name is refused", () => {
  assert.equal(
    assigned("prot=80"),
    'the agent has no parameter "prot"; it has config, port, hosts; ' +
      'if "prot=80" is a value, write config=prot=80',
  );
  assert.equal(assigned("port=1", "port=2"), 'the parameter "port" is given twice');
  assert.match(String(assigned("config=a", "b")), /"config" is given by name and, as "b", by pos/);
  assert.match(String(assignParameters(["x"], [])), /the agent has no parameters/);
});

Deno.test("assignParameters: an IPv6 address that its colons cut is one value, and nothing else is", () => {
  const cut = (word: string) => assigned(...word.split("::").filter((one) => one !== ""));
  assert.deepEqual(cut("config=2001:db8::5"), { config: "2001:db8::5" });
  assert.deepEqual(cut("config=fd00::5::port=64"), { config: "fd00::5", port: "64" });
  assert.deepEqual(cut("2001:db8::1:5::64"), { config: "2001:db8::1:5", port: "64" });
  assert.deepEqual(cut("fe80::5/64/eth0::80"), { config: "fe80::5/64/eth0", port: "80" });
  assert.deepEqual(cut("config=http://[2001:db8::5]:80/x"), {
    config: "http://[2001:db8::5]:80/x",
  });
  assert.deepEqual(cut("hosts=a@2001:DB8::5"), { hosts: "a@2001:DB8::5" });
  assert.deepEqual(cut("hosts=2001::5"), { hosts: "2001::5" });
  assert.deepEqual(cut("config=::1"), { config: "::1" });
  assert.deepEqual(cut("10::5"), { config: "10", port: "5" });
  assert.deepEqual(cut("3306::5"), { config: "3306", port: "5" });
  assert.deepEqual(cut("00:16:3e:11:22:33::5"), { config: "00:16:3e:11:22:33", port: "5" });
  assert.deepEqual(cut("fe80::hosts=a"), { config: "fe80", hosts: "a" });
  assert.deepEqual(cut("2001:db8::5.conf"), { config: "2001:db8", port: "5.conf" });
});

Deno.test("parameterFault: also a required parameter that nothing gives", () => {
  const wanted = [{ name: "ip", required: true, doc: "Address" }, ...PARAMETERS];
  assert.equal(parameterFault(["10.0.0.1"], wanted), null);
  assert.equal(parameterFault(["ip=2001:db8", "5"], wanted), null);
  assert.deepEqual(parameterFault(["port=80"], wanted), {
    kind: "missing",
    problem: 'the required parameter "ip" is missing',
    name: "ip",
    doc: "Address",
  });
  const fault = parameterFault(["ip=10.0.0.1", "prot=80"], wanted);
  assert.ok(fault?.kind === "wrong");
  assert.deepEqual([fault.arg, fault.name], ["prot=80", "prot"]);
});

Deno.test("parseMetaData: reads names in order, however the XML is laid out", () => {
  const xml = `some noise
    <resource-agent name="x"><shortdesc lang="en">A &lt;test&gt; &amp; more</shortdesc>
    <parameters>
      <!-- <parameter name="gone"><content type="string"/></parameter> -->
      <parameter unique='1' required='1' name='first'><shortdesc>One</shortdesc></parameter>
      <parameter name="usual" required="1"><content default="eth0"/></parameter>
      <parameter
        name="second"><content type="string" default="" /></parameter >
    </parameters></resource-agent>`;
  assert.deepEqual(parseMetaData(xml), {
    summary: "A <test> & more",
    parameters: [
      { name: "first", required: true, doc: "One" },
      { name: "usual", required: false, doc: "" },
      { name: "second", required: false, doc: "" },
    ],
  });
  assert.equal(parseMetaData("sh: not found"), undefined);
});

Deno.test("exit codes: each has a name, and says what it says", () => {
  const table: [number, string, string | undefined, boolean, boolean][] = [
    [0, "OCF_SUCCESS (0: ", "running", true, true],
    [1, "OCF_ERR_GENERIC (1: ", undefined, false, false],
    [2, "OCF_ERR_ARGS (2: ", undefined, false, false],
    [3, "OCF_ERR_UNIMPLEMENTED (3: ", undefined, false, false],
    [4, "OCF_ERR_PERM (4: ", undefined, false, false],
    [5, "OCF_ERR_INSTALLED (5: ", undefined, false, false],
    [6, "OCF_ERR_CONFIGURED (6: ", undefined, false, false],
    [7, "OCF_NOT_RUNNING (7: ", "stopped", false, true],
    [8, "OCF_RUNNING_PROMOTED (8: ", "running", true, false],
    [9, "OCF_FAILED_PROMOTED (9: ", undefined, false, false],
    [190, "OCF_DEGRADED (190: ", "running", true, false],
    [127, "exit code 127", undefined, false, false],
  ];
  for (const [code, text, status, started, stopped] of table) {
    assert.ok(ocfCodeText(code).startsWith(text), `${code}: ${ocfCodeText(code)}`);
    assert.equal(ocfStatus(code), status, text);
    assert.equal(ocfSucceeded("start", code), started, text);
    assert.equal(ocfSucceeded("stop", code), stopped, text);
  }
});

const FAKE = `
case $1 in
meta-data) echo run >> $ROOT_DIR/asked
  echo '<resource-agent><parameters>'
  echo '<parameter name="a"></parameter><parameter name="b"></parameter>'
  echo '</parameters></resource-agent>'; exit 0 ;;
esac
env | grep -E '^(OCF|HA)_' | sort > $ROOT_DIR/env.$1
echo "ERROR: it is late"
[ -f $ROOT_DIR/reason ] && cat $ROOT_DIR/reason >&2
exit $(cat $ROOT_DIR/code.$1 2>/dev/null || echo 0)
`;

class Bench extends AgentBench {
  constructor() {
    super({ ocfRoot: "ROOT/ocf" });
    this.script("ocf/resource.d/acme/fake", FAKE.replaceAll("$ROOT_DIR", this.root));
  }

  answer(file: string, text: string): void {
    Deno.writeTextFileSync(`${this.root}/${file}`, text);
  }
}

Deno.test("OCF: the environment is OCF's; meta-data is asked once for each version", async () => {
  await using bench = new Bench();
  await bench.expect("fake::x y::b=ü", "start ok", "status running", "stop ok");
  const env = bench.read("env.start");
  for (
    const wanted of [
      "HA_RSCTMP=" + bench.host.ocfTmpDir,
      "OCF_CHECK_LEVEL=0",
      `OCF_RESKEY_CRM_meta_timeout=${DEADLINE_MS}`,
      "OCF_RA_VERSION_MAJOR=1",
      "OCF_RESKEY_a=x y",
      "OCF_RESKEY_b=ü",
      `OCF_ROOT=${bench.root}/ocf`,
      "OCF_RESOURCE_TYPE=fake",
      "OCF_RESOURCE_PROVIDER=acme",
    ]
  ) assert.ok(env.split("\n").includes(wanted), `${wanted} in\n${env}`);
  assert.match(env, /^OCF_RESOURCE_INSTANCE=fake_x_y_b_[\w]+$/m);
  assert.match(bench.read("env.monitor"), /^OCF_RESKEY_CRM_meta_interval=0$/m, "a probe");
  assert.equal(bench.read("asked"), "run\n");
  await bench.expect("OCF::fake", "start ok");
  assert.match(bench.read("env.start"), /^OCF_RESOURCE_INSTANCE=fake$/m);
});

Deno.test("OCF: errors carry the code's name and the agent's reason", async () => {
  await using bench = new Bench();
  bench.answer("code.start", "1");
  assert.match(await bench.call("fake", "start"), /OCF_ERR_GENERIC .* start: ERROR: it is late$/);
  bench.answer("reason", "ocf-exit-reason:the disk is full\nsome more\n");
  assert.match(await bench.call("fake", "start"), /^failed: .*fake start: the disk is full$/);
  bench.answer("code.start", "5");
  assert.match(await bench.call("fake", "start"), /^missing: .*OCF_ERR_INSTALLED \(5/);
  bench.answer("code.stop", "7");
  bench.answer("code.monitor", "7");
  await bench.expect("fake", "stop ok", "status stopped");
  bench.answer("code.monitor", "8");
  await bench.expect("fake", "status running");
  bench.answer("code.monitor", "9");
  assert.match(await bench.call("fake", "status"), /^failed: .*OCF_FAILED_PROMOTED \(9/);
  bench.answer("code.stop", "1");
  assert.match(await bench.call("fake", "stop"), /^failed: .*OCF_ERR_GENERIC/);
});

Deno.test("OCF::TYPE::INSTANCE: the original's file of variables", async () => {
  await using bench = new Bench();
  Deno.mkdirSync(`${bench.host.configDir}/conf/OCF/fake`, { recursive: true });
  const file = `${bench.host.configDir}/conf/OCF/fake/web`;
  Deno.writeTextFileSync(file, `# of web\nOCF_RESKEY_a=1\nexport OCF_RESKEY_b="two words"\n\n`);
  await bench.expect("OCF::fake::web", "start ok", "status running", "stop ok");
  const env = bench.read("env.start");
  assert.match(env, /^OCF_RESKEY_a=1$/m);
  assert.match(env, /^OCF_RESKEY_b=two words$/m);
  assert.match(env, /^OCF_RESOURCE_INSTANCE=web$/m);
  Deno.writeTextFileSync(file, "OCF_RESKEY_a=$(reboot)\nfoo bar\n");
  assert.match(await bench.call("OCF::fake::web", "start"), /web:2: "foo bar" is not NAME=value/);
});

Deno.test("OCF: an agent that is not there names the package", async () => {
  await using bench = new Bench();
  const outcome = await bench.call("OCF::nosuch", "start");
  assert.match(outcome, /^missing: .*no OCF agent nosuch in .*package resource-agents/);
  assert.match(await bench.call("OCF::../x", "start"), /does not name an OCF agent/);
  assert.match(await bench.call("OCF::other:fake", "start"), /^missing: /);
});

Deno.test("OCF: a parameter that the agent does not have is refused, and nothing was begun", async () => {
  await using bench = new Bench();
  for (const resource of ["fake::c=1", "OCF::acme:fake::c=1"]) {
    for (const verb of ["start", "status", "stop"] as const) {
      assert.match(
        await bench.call(resource, verb),
        /^refused: OCF agent fake: .* no parameter "?c/,
      );
    }
  }
  assert.equal(bench.read("asked"), "run\n");
});
