/** Parameters of OCF agents against their meta-data, as `heartbeat check` asks for it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { hostOf } from "../../agents/host.ts";
import { ocfFaults } from "../../core/runtime/ocf_faults.ts";
import { pathsUnder } from "../../core/runtime/paths.ts";
import { withDirectory } from "../with_directory.ts";

const AGENT = `#!/bin/sh
[ "$1" = meta-data ] || { echo "called with $*" >> "$0.calls"; exit 1; }
[ -n "$OCF_ROOT" ] || exit 1
echo '<resource-agent name="web"><parameters>
<parameter name="ip" required="1"><shortdesc>Address</shortdesc></parameter>
<parameter name="port"><content type="integer" default="80"/></parameter>
</parameters></resource-agent>'
`;

Deno.test("ocfFaults: by name, by OCF::NAME and in a file of conf/OCF; nothing but meta-data runs", async () => {
  await withDirectory(async (root) => {
    const paths = pathsUnder(root);
    const write = (path: string, text: string, mode = 0o644) => {
      Deno.mkdirSync(join(root, path, ".."), { recursive: true });
      Deno.writeTextFileSync(join(root, path), text, { mode });
    };
    write("ocf/resource.d/acme/web", AGENT, 0o755);
    write("ocf/resource.d/acme/mute", "#!/bin/sh\nexit 3\n", 0o755);
    write("etc/ha.d/conf/OCF/web/shop", "OCF_RESKEY_ip=10.0.0.1\ncolour=red\n");
    const words = {
      "web::ip=2001:db8::5/64::port=8080": null,
      "OCF::web::fd00::5::8080": null,
      "web::ip=10.0.0.1::prot=80": 'the agent has no parameter "prot"',
      "OCF::acme:web::port=80": 'the required parameter "ip" is missing',
      "OCF::web::shop": 'the agent has no parameter "colour"',
      "web": 'the required parameter "ip" is missing',
      "mute::x": "meta-data does not describe the agent: exit code 3",
      "nosuch::x": null,
      "Delay::x=1": null,
    };
    const lines = [`ha1 ${Object.keys(words).join(" ")}`, "ha1\u00a0web::ip=10.0.0.2::prot=81"];
    write("etc/ha.d/haresources", lines.join("\n"));
    const host = { ...hostOf(paths.configDir, paths.runDir), ocfRoot: join(root, "ocf") };
    const faults = await ocfFaults(paths, host);
    for (const [word, problem] of Object.entries(words)) {
      const found = faults.get(word)?.problem ?? null;
      assert.ok(problem === null ? found === null : found?.includes(problem), `${word}: ${found}`);
    }
    const behindNoBreakSpace = faults.get("web::ip=10.0.0.2::prot=81")?.problem;
    assert.equal(behindNoBreakSpace, 'the agent has no parameter "prot"');
    assert.throws(() => Deno.statSync(join(root, "ocf/resource.d/acme/web.calls")));
  });
});
